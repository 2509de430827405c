"""The array API: a program replayed on rows in arrays of PyTorch, JAX, Dask or any library of the standard.

Results are arrays of the same library. Functions of the standard are called by its names, others by those in OTHERS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

from ... import bulk, trees
from ...arithmetic import Function, Reading, of_numbers
from ...sparse import alike
from ..trace.run import Path
from .signature import Arguments, library

STANDARD = {  # where the array API has another name than NumPy
    **{f"arc{name}": f"a{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "tan2")},
    "absolute": "abs",
    "power": "pow",
    "rint": "round",
}
OTHERS: dict[str, dict[str, str]] = {  # m's function → where a library has it
    "torch": {"exp2": "torch.exp2", "fmod": "torch.fmod", "erf": "torch.erf", "erfc": "torch.erfc"},
    "jax": {
        "exp2": "jax.numpy.exp2",
        "cbrt": "jax.numpy.cbrt",
        "fmod": "jax.numpy.fmod",
        "erf": "jax.scipy.special.erf",
        "erfc": "jax.scipy.special.erfc",
    },
    "dask": {"exp2": "dask.array.exp2", "cbrt": "dask.array.cbrt", "fmod": "dask.array.fmod"},
}


def namespace(x: Any) -> Any:
    """Return the array API namespace of x. Raises ImportError that says what to install."""
    try:
        from array_api_compat import array_namespace
    except ImportError as error:
        raise ImportError(
            f"arrays of {library(x)} need array-api-compat: pip install 'autodiff-scalar[arrays]'"
        ) from error
    return array_namespace(x)


class Namespace(Reading):
    """The arithmetic of the arrays of a library, in float64; numbers become arrays where `example` is."""

    def __init__(self, example: Any) -> None:
        super().__init__(self._function)
        self.xp, self.library = namespace(example), library(example)
        self.dtype, self.device = self.xp.float64, getattr(example, "device", None)

    def lift(self, x: float) -> Any:
        """Return a number as an array."""
        return self.xp.asarray(float(x), dtype=self.dtype)

    def doubles(self, x: Any) -> Any:
        """Return an array as float64. Raises TypeError for one of complex numbers, or where these are switched off."""
        x = self.xp.asarray(x)
        if not self.xp.isdtype(x.dtype, ("bool", "integral", "real floating")):
            raise TypeError(f"rows are arrays of real numbers, got one of dtype {x.dtype}: give its real part and imag")
        found = self.xp.astype(x, self.dtype)
        if found.dtype != self.dtype:
            raise TypeError(
                f"arrays of {self.library} came out as {found.dtype}: rows are computed in float64. For JAX, "
                "`jax.config.update('jax_enable_x64', True)`"
            )
        return found

    def _function(self, function: Function) -> Callable[..., Any]:
        xp, name = self.xp, function.name
        if function.kind == "identity":
            return lambda x, *_: x

        def apply(*operands: Any) -> Any:
            if all(isinstance(o, float | int) for o in operands):
                return of_numbers(name, operands)
            arrays = [self.lift(o) if isinstance(o, float | int) else o for o in operands]
            if function.kind == "choice":
                return xp.where(arrays[0] != 0.0, arrays[1], arrays[2])
            found = self._named(function)(*arrays)
            return xp.where(found, self.lift(1.0), self.lift(0.0)) if function.kind == "test" else found

        return apply

    def _named(self, function: Function) -> Callable[..., Any]:
        named = STANDARD.get(str(function.numpy), str(function.numpy))
        found = getattr(self.xp, named, None) if isinstance(function.numpy, str) else None
        if found is None and function.name in OTHERS.get(self.library, {}):
            found = _imported(OTHERS[self.library][function.name])
        if found is None and function.name == "cbrt":  # the row corrects its last digits
            return lambda x: self.xp.sign(x) * self.xp.pow(self.xp.abs(x), self.lift(1.0 / 3.0))
        if found is None:
            raise TypeError(
                f"`{function.name}` has no function for arrays of {self.library}. Pass NumPy arrays instead, which "
                "any library converts to"
            )
        return found  # type: ignore[no-any-return]


@cache
def _imported(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)


def columns(data: list[Any], m: Namespace) -> list[Any]:
    """Return an array of rows for each input slot, numbers as arrays of no dimension."""
    found = []
    for x in data:
        if getattr(x, "ndim", 0):
            flat = m.xp.reshape(m.doubles(x), (x.shape[0], -1))
            found += [flat[:, j] for j in range(flat.shape[1])]
        else:
            found.append(m.lift(*bulk.numbers([x])) if hasattr(x, "_data") else m.lift(x))
    return found


def mapped(arguments: Arguments, paths: Callable[[Any], Iterator[Path]]) -> Any:
    """Return the tree of results, arrays of rows; `paths` yields those that the rows still in its argument may take."""
    kinds = {library(x) for x in arguments.data} - {""}
    if len(kinds) > 1 or not arguments.rows:
        raise TypeError(f"`map` takes rows, and of one library, got {arguments.rows} of {sorted(kinds)}")
    m = Namespace(next(x for x in arguments.data if library(x)))
    inputs, rows = columns(arguments.data, m), arguments.rows
    remaining, results, output = np.ones(rows, bool), None, None
    for path in paths(remaining):
        found, taken = _evaluate(path, m, inputs, rows)
        results = found if results is None else [m.xp.where(taken, x, y) for x, y in zip(found, results, strict=True)]
        remaining &= ~np.asarray(taken)
        if output is not None and not alike(output, path.output):
            raise TypeError("the function returns for some rows another structure than for others")
        output = path.output
    return trees.rebuild(
        output,
        results or [],
        number=lambda x: x,
        array=lambda x, items: m.xp.reshape(m.xp.stack(items, axis=-1), (-1, *x.shape)),
    )


def _evaluate(path: Path, m: Namespace, inputs: list[Any], rows: int) -> tuple[list[Any], Any]:
    """Return the results of a path for all rows, and which of them take its branches."""
    program = path.values
    work = program.replay(m, [m.lift(x) for x in bulk.numbers(path.captured)], inputs)
    taken = m.xp.ones(rows, dtype=m.xp.bool)
    for slot, truth in program.guards:
        taken = m.xp.logical_and(taken, (work[slot] != 0.0) == m.xp.asarray(truth))
    return [m.xp.broadcast_to(work[slot], (rows,)) for slot in program.outputs], taken

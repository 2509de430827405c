"""Kernels: value and gradient on flat arrays, for callers that keep parameters in arrays, as training does."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ... import bulk
from ...arrays import Floats
from ...contexts import check_untraced
from ...node import Node
from .. import tuning
from ..batch.inputs import Inputs
from ..batch.pool import Pool
from ..batch.reduction import divided
from ..trace.run import Path
from .fastpath import FastPaths
from .parameters import Binding, Given
from .results import Part
from .signature import Arguments
from .specializations import Specializations


class Kernel:
    """`k(theta, X, Y)` → (value, gradient): the mean or sum over rows of a compiled function, on flat float64 arrays.

    theta has a number for each of the `parameters`, `read` gives theirs and `write` sets them; a call does not look at
    the numbers of these Values. They are those that were given, in this order, and other captured Values are
    constants, read at every call; or all that the function captures, in the order of their first use. Of a function
    with several results the value is a tuple of their means or sums, and the gradient that of the first. A function
    without arguments is its own only row: `k(theta)`.

    >>> import numpy as np
    >>> from autodiff import Value, compile
    >>> w, b = Value(2.0), Value(1.0)
    >>> X, Y = np.array([1.0, 3.0]), np.array([3.0, 6.0])
    >>> k = compile(lambda x, y: (w * x + b - y) ** 2).kernel(X, Y)
    >>> value, gradient = k(k.read(), X, Y)
    >>> value, gradient
    (0.5, array([3., 1.]))
    """

    def __init__(
        self,
        specializations: Specializations,
        over: str,
        example: Sequence[Any],
        options: dict[str, Any],
        parameters: Sequence[Any] | None = None,
    ) -> None:
        if over not in ("mean", "sum"):
            raise ValueError(f"`reduce` is 'mean' or 'sum', got {over!r}")
        self.specializations, self.reduce = specializations, over
        if example or options or specializations.signature.takes_nothing:
            specializations.parts(self._read(example, options), summed=True)
        self.parameters = specializations.captured() if parameters is None else _distinct(parameters)
        self.chosen = parameters is not None  # then other captured Values are constants
        if not self.parameters:
            raise ValueError(
                "the kernel knows of no captured Value: call the function once before, or give example arguments with "
                "rows, f.kernel(X, Y). Without parameters, use `map` or `mean`"
            )
        self._index = {id(v): i for i, v in enumerate(self.parameters)}
        self._fast = FastPaths()
        self._bindings: dict[int, tuple[Any, Binding]] = {}  # by what paths capture

    def __reduce__(self) -> Any:
        raise TypeError(
            "a kernel cannot be pickled: its theta is that of Values of this process. Pickle the compiled function, "
            "and call its `kernel` where it is read"
        )

    @property
    def constants(self) -> list[Any]:
        """The captured Values known so far that are no parameters."""
        return [v for v in self.specializations.captured() if id(v) not in self._index]

    def read(self) -> Floats:
        """Return the numbers of the parameters."""
        check_untraced("reading a kernel's parameters")
        return np.array(bulk.numbers(self.parameters), np.float64)

    def write(self, theta: ArrayLike) -> None:
        """Set the parameters to theta. Raises ValueError for another shape."""
        for v, x in zip(self.parameters, self._checked(theta).tolist(), strict=True):
            v.data = x

    def _checked(self, theta: ArrayLike) -> Floats:
        numbers = np.asarray(theta, np.float64)
        if numbers.shape != (len(self.parameters),):
            raise ValueError(
                f"theta has a number for each of {len(self.parameters)} parameters, got shape {numbers.shape}"
            )
        return numbers

    def __call__(self, theta: ArrayLike, *args: Any, out: Floats | None = None, **options: Any) -> tuple[Any, Floats]:
        """Return the value and its gradient by theta, written into `out` if it is given."""
        check_untraced("a kernel")
        theta = self._checked(theta)
        known, arrays = self._fast.of(args)
        if known and not options and known.holds(self.specializations):
            binding = self.binding(known.path)
            found = known.sums(binding(theta, binding.read()), arrays, self._divisor(known.rows))
            if found is not None:
                return _value(found, known.results), self._gradient(found, binding, out)
        arguments = self._read(args, options)
        parts = self._parts(arguments, theta)
        divisor = self._divisor(arguments.rows)
        first = parts[0]
        n = len(first.slopes)
        if len(parts) == 1:
            self._fast.add(self.specializations, arguments, args)
        gradient = self.binding(first).gradient(first.outputs)
        for part in parts[1:]:
            self.binding(part).gradient.add(gradient, part.outputs)
        values = reduce(add, [part.outputs[:n] for part in parts]) / divisor
        gradient = divided(gradient, divisor)
        if out is not None:
            self._fitting(out)[...] = gradient
        return _value(values, n), gradient if out is None else out

    def value(self, theta: ArrayLike, *args: Any) -> Any:
        """Return the value alone, which takes less time.

        >>> import numpy as np
        >>> from autodiff import Value, compile
        >>> w = Value(2.0)
        >>> k = compile(lambda x: w * x).kernel(np.ones(3))
        >>> k.value([5.0], np.array([1.0, 3.0]))
        10.0
        """
        check_untraced("a kernel")
        arguments = self._read(args, {})
        parts = self._parts(arguments, self._checked(theta), derivatives=False)
        divisor = self._divisor(arguments.rows)
        values = reduce(add, [part.outputs[: len(parts[0].slopes)] for part in parts]) / divisor
        return _value(values, len(values))

    def repeat(self, *args: Any, derivatives: bool = True) -> Any:
        """Return a function of theta and `out` that is this kernel for these very arrays, whose contents may change.

        What the function captures is looked at once, here, as are constants and lists of arrays: for many steps in
        which nothing else changes. Without `derivatives` the gradient that it returns is empty, and takes no time;
        `out` is left alone.

        >>> import numpy as np
        >>> from autodiff import Value, compile
        >>> w, X = Value(2.0), np.array([1.0, 3.0])
        >>> step = compile(lambda x: w * x).kernel(X).repeat(X)
        >>> step(np.array([5.0]), np.empty(1))
        (10.0, array([2.]))
        """
        known, arrays = self._fast.of(args)
        if known is None or not known.holds(self.specializations):
            self(self.read(), *args)
            known, arrays = self._fast.of(args)

        def anew(theta: Floats, out: Floats | None = None) -> tuple[Any, Floats]:
            return self(theta, *args, out=out) if derivatives else (self.value(theta, *args), np.empty(0))

        if known is None:
            return anew
        table, family, divisor = Inputs.of_arrays(arrays, known.rows), known.family, self._divisor(known.rows)
        engine = family[0].gradients if derivatives else family[0].values
        binding = self.binding(known.path)
        constants, spare = binding.read(), Pool[Floats | None]()

        def step(theta: Floats, out: Floats | None = None) -> tuple[Any, Floats]:
            check_untraced("a kernel")
            if len(family) == 1:
                buffer = spare.take(None, binding.buffer)
                sums, taken = engine.sums(binding(self._checked(theta), constants, buffer), table, divisor)
                spare.give_back(None, buffer)
                if taken is None:
                    value = _value(sums, known.results)
                    return (value, self._gradient(sums, binding, out)) if derivatives else (value, np.empty(0))
            return anew(theta, out)

        return step

    def _gradient(self, sums: Floats, binding: Binding, out: Floats | None) -> Floats:
        """Return the gradient among sums, written into `out` if it is given."""
        return binding.gradient(sums, None if out is None else self._fitting(out))

    def _fitting(self, out: Floats) -> Floats:
        """Return an array to write the gradient into. Raises TypeError or ValueError if it does not fit."""
        if not isinstance(out, np.ndarray) or out.dtype != np.float64:
            got = f"one of {out.dtype}" if isinstance(out, np.ndarray) else type(out).__name__
            raise TypeError(f"`out` is an array of float64, got {got}")
        if out.shape != (len(self.parameters),):
            raise ValueError(f"`out` has a number for each of {len(self.parameters)} parameters, got shape {out.shape}")
        return out

    def _divisor(self, rows: int | None) -> int:
        """Return the divisor of sums over rows."""
        return (rows or 1) if self.reduce == "mean" else 1

    def _read(self, args: Sequence[Any], options: dict[str, Any]) -> Arguments:
        signature = self.specializations.signature
        alone = not args and not options and signature.takes_nothing
        arguments = signature.read(args, options, rows=not alone)
        if alone:
            arguments = arguments._replace(rows=1)
        if any(isinstance(x, Node) for x in arguments.data):
            raise TypeError("a kernel takes numbers and arrays: for a Value there is no place in theta. Capture it")
        return arguments.filled()

    def _parts(self, arguments: Arguments, theta: Floats, *, derivatives: bool = True) -> list[Part]:
        specializations = self.specializations
        if specializations.settings.backend == "eager":
            with Given(self, theta).held():
                return specializations.parts(arguments, summed=True)
        return specializations.parts(arguments, summed=True, derivatives=derivatives, theta=Given(self, theta))

    def binding(self, path: Part | Path) -> Binding:
        """Return where the captured Values of a path have their numbers, and theta its derivatives."""
        captured = path.captured
        known = self._bindings.get(id(captured))
        if known is None or known[0] is not captured:
            known = captured, Binding(captured, path.slopes[0], self._index)
            if not self.chosen and (unknown := len(known[1].constants)):
                raise ValueError(
                    f"these rows take a path that captures {unknown} Values more than the kernel knows of: make it "
                    "anew with them as examples, f.kernel(X, Y), or name all Values in `parameters`"
                )
            if self.specializations.settings.backend != "eager":  # whose paths are made anew at every call
                if len(self._bindings) >= tuning.KEYS:
                    self._bindings.clear()
                self._bindings[id(captured)] = known
        return known[1]


def _distinct(parameters: Sequence[Any]) -> list[Any]:
    """Return parameters as a list. Raises TypeError for what is no Value, ValueError for one that comes twice."""
    for v in parameters:
        if not isinstance(v, Node):
            raise TypeError(f"`parameters` are Values, got {type(v).__name__} {v!r:.60}")
    if len(set(map(id, parameters))) < len(parameters):
        raise ValueError("`parameters` has a Value twice: theta has one number for each")
    return list(parameters)


def _value(numbers: Floats, count: int) -> Any:
    """Return the first number by itself, or the first ones as a tuple."""
    return numbers.item(0) if count == 1 else tuple(numbers[:count].tolist())

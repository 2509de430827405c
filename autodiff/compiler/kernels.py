"""Kernels: value and gradient on flat arrays, for those who keep parameters in arrays, as training does."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .. import bulk
from ..contexts import check_untraced
from ..node import Node
from .reduction import Floats
from .results import Part
from .signature import Arguments
from .table import Table

if TYPE_CHECKING:
    from .compiling import Compiled


class _Plan(NamedTuple):
    """What calls that differ in numbers only have in common."""

    environment: Any
    family: list[Any]
    rows: int
    shapes: list[tuple[int, ...]]


class Kernel:
    """`k(theta, X, Y)` → (value, gradient): the mean or sum over rows of a compiled function, on flat float64 arrays.

    `parameters` are the Values that the function captures, in the order of their first use; theta has a number for
    each, `read` gives theirs and `write` sets them. A call does not look at the Values' numbers.

    >>> import numpy as np
    >>> from autodiff import Value, compile
    >>> w, b = Value(2.0), Value(1.0)
    >>> X, Y = np.array([1.0, 3.0]), np.array([3.0, 6.0])
    >>> k = compile(lambda x, y: (w * x + b - y) ** 2).kernel(X, Y)
    >>> value, gradient = k(k.read(), X, Y)
    >>> value, gradient
    (0.5, array([3., 1.]))
    """

    def __init__(self, compiled: Compiled, over: str, example: Sequence[Any], options: dict[str, Any]) -> None:
        if over not in ("mean", "sum"):
            raise ValueError(f"`reduce` is 'mean' or 'sum', got {over!r}")
        self.compiled, self.reduce = compiled, over
        if example or options:
            compiled.parts(compiled.signature.read(example, options, rows=True), summed=True)
        self.parameters: list[Any] = compiled.captured()
        if not self.parameters:
            raise ValueError(
                "the kernel knows of no captured Value: call the function once before, or give example arguments with "
                "rows, f.kernel(X, Y). Without parameters, use `map` or `mean`"
            )
        self._ids = {id(v): i for i, v in enumerate(self.parameters)}
        self._plan: _Plan | None = None
        self._every = list(range(len(self.parameters)))
        self._known: dict[int, tuple[list[Any], Any]] = {}

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

    def __call__(self, theta: ArrayLike, *args: Any, out: Floats | None = None, **options: Any) -> tuple[float, Floats]:
        """Return the value and its gradient by theta, written into `out` if it is given."""
        check_untraced("a kernel")
        theta = self._checked(theta)
        if self._plan and not options:
            found = self._repeated(self._plan, theta, args)
            if found is not None:
                divisor = self._plan.rows if self.reduce == "mean" else 1
                return float(found[0]) / divisor, np.divide(found[1:], divisor, out=out)
        arguments = self.compiled.signature.read(args, options, rows=True)
        if any(isinstance(x, Node) for x in arguments.data):
            raise TypeError("a kernel takes numbers and arrays: for a Value there is no place in theta. Capture it")
        if not arguments.rows:
            raise ValueError("the arrays have no row: a mean over none has no value, and a sum nothing to learn from")
        parts = self._parts(arguments, theta)
        divisor = arguments.rows if self.reduce == "mean" else 1
        first = parts[0]
        if any(len(part.slopes) != 1 for part in parts):
            raise TypeError(f"a kernel is of a function with one number as result, got {len(first.slopes)}")
        if len(parts) == 1 and len(first.outputs) == 1 + len(theta) and self._places(first.captured) is None:
            self._plan = self._planned(arguments, args)
            gradient = np.divide(first.outputs[1:], divisor, out=out)
            return float(first.outputs[0]) / divisor, gradient
        gradient = np.zeros(len(theta))
        for part in parts:
            places = self._places(part.captured)
            targets = part.slopes[0].targets
            gradient[targets if places is None else places[targets]] += part.outputs[part.slopes[0].places]
        value = float(reduce(add, [part.outputs[0] for part in parts]))
        return value / divisor, np.divide(gradient, divisor, out=out)

    def _planned(self, arguments: Arguments, args: Sequence[Any]) -> _Plan | None:
        """Return what a call like this one needs to know, None if it is no plain one: one path, arrays of float64."""
        family = self.compiled.known(arguments.key)
        if (
            len(family) != 1
            or arguments.static
            or not all(type(a) is np.ndarray and a.dtype == np.float64 for a in args)
        ):
            return None
        return _Plan(self.compiled.environment, family, arguments.rows or 0, [a.shape for a in args])

    def _repeated(self, plan: _Plan, theta: Floats, args: Sequence[Any]) -> Floats | None:
        """Return the sums for a call like that of the plan, None for another."""
        if self.compiled.environment is not plan.environment or self.compiled.changed():
            return None
        if len(args) != len(plan.shapes) or len(plan.family) != 1:
            return None
        for a, shape in zip(args, plan.shapes, strict=True):
            if type(a) is not np.ndarray or a.shape != shape or a.dtype != np.float64:
                return None
        sums, taken = plan.family[0].gradients.sums(theta, Table(args, plan.rows))
        return sums if taken is None else None

    def _parts(self, arguments: Arguments, theta: Floats) -> list[Part]:
        compiled = self.compiled
        if compiled.settings.backend != "eager":
            return compiled.parts(arguments, summed=True, theta=lambda path: self._of(theta, path.captured))
        before = self.read()
        self.write(theta)
        try:
            return compiled.parts(arguments, summed=True)
        finally:
            self.write(before)

    def _of(self, theta: Floats, captured: list[Any]) -> Floats:
        """Return the numbers in theta of the captured Values of a path."""
        places = self._places(captured)
        return theta if places is None else theta[places]

    def _places(self, captured: list[Any]) -> Any:
        """Return where in theta the captured Values of a path are, None if they are all, in order."""
        known = self._known.get(id(captured))
        if known is None or known[0] is not captured:
            unknown = [v for v in captured if id(v) not in self._ids]
            if unknown:
                raise ValueError(
                    f"these rows take a path that captures {len(unknown)} Values more than the kernel knows of: make "
                    "it anew with them as examples, f.kernel(X, Y)"
                )
            places = [self._ids[id(v)] for v in captured]
            known = captured, None if places == self._every else np.array(places, np.intp)
            if self.compiled.settings.backend != "eager":  # which makes a new list at every call
                self._known[id(captured)] = known
        return known[1]

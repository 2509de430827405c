"""Engines: what computes loss and gradient of a batch, from parameters in one flat array. All give the same.

An engine binds the arrays of a batch, whose contents may change later, to a function of theta and `out` that returns
the mean of the objective, alone or with the share of rows that are right, and fills `out` with the gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import is_
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

import autodiff
from autodiff import Value, no_grad

from ...checks.vector import plain
from ...values import write

Floats = NDArray[np.float64]
Step = Callable[[Floats, Floats], Any]


class Engine(Protocol):
    """What `nn.fit` asks of an engine."""

    name: str

    def bind(self, arrays: Sequence[Floats]) -> Step:
        """Return the function that computes on these arrays."""

    def value(self, theta: Floats, arrays: Sequence[Floats]) -> Any:
        """Return the mean alone, of the arrays of rows."""

    def refresh(self) -> None:
        """Look again at what is not trained: the user may have changed it."""


class Compiled:
    """The objective compiled, through a kernel. Raises TraceError for what cannot be compiled.

    >>> w = Value(2.0)
    >>> X, Y, slope = np.array([[1.0], [3.0]]), np.array([3.0, 6.0]), np.empty(1)
    >>> engine = Compiled(lambda x, y: (w * x[0] - y) ** 2, [w], (X, Y))
    >>> engine.bind((X, Y))(np.array([2.0]), slope), slope
    (0.5, array([-1.]))
    """

    name = "compiled"

    def __init__(self, row: Callable[..., Any], parameters: Sequence[Value], example: Sequence[Floats]) -> None:
        self.compiled = autodiff.compile(row)
        self.kernel = self.compiled.kernel(*example, parameters=parameters)
        self._bound: list[_Bound] = []
        self._measured: dict[int, _Bound] = {}

    def bind(self, arrays: Sequence[Floats]) -> Step:
        """Return the function that computes on these arrays."""
        bound = _Bound(arrays, self.kernel.repeat(*arrays))
        self._bound.append(bound)
        return lambda theta, out: bound.call(theta, out)[0]

    def refresh(self) -> None:
        """Look at the numbers of what is not trained, and whether what the objective captures has changed."""
        if self.compiled.changed() or self.kernel.constants:
            for bound in self._bound:
                bound.call = self.kernel.repeat(*bound.arrays)
            self._measured.clear()

    def value(self, theta: Floats, arrays: Sequence[Floats]) -> Any:
        """Return the mean alone, of the arrays of rows: as quick as `bind` where they are those of the last call."""
        bound = self._measured.get(id(arrays[0]))
        if bound is None or len(bound.arrays) != len(arrays) or not all(map(is_, bound.arrays, arrays)):
            bound = _Bound(list(arrays), self.kernel.repeat(*arrays, derivatives=False))
            self._measured = {id(arrays[0]): bound}
        return bound.call(theta)[0]


@dataclass
class _Bound:
    """The arrays of a batch, and the call of a kernel that is prepared for them."""

    arrays: Sequence[Floats]
    call: Any


class Eager:
    """The objective run on Values, row by row, and `backward`. The Values' numbers are set, their gradients kept.

    >>> w = Value(2.0)
    >>> X, Y, slope = np.array([[1.0], [3.0]]), np.array([3.0, 6.0]), np.empty(1)
    >>> engine = Eager(lambda x, y: (w * x[0] - y) ** 2, [w])
    >>> engine.bind((X, Y))(np.array([2.0]), slope), slope
    (0.5, array([-1.]))
    """

    name = "eager"

    def __init__(self, row: Callable[..., Any], parameters: Sequence[Value], everything: Sequence[Value] = ()) -> None:
        self.row, self.parameters = row, list(parameters)
        self.touched = [*parameters, *everything]  # whose gradients `backward` adds to

    def bind(self, arrays: Sequence[Floats]) -> Step:
        """Return the function that computes on these arrays."""

        def step(theta: Floats, out: Floats) -> Any:
            before = self._begin(theta)
            try:
                means = self._mean(arrays, backward=True)
                out[:] = [v.grad for v in self.parameters]
                out /= len(arrays[0])
            finally:
                for v, g in zip(self.touched, before, strict=True):
                    v.grad = g
            return means

        return step

    def value(self, theta: Floats, arrays: Sequence[Floats]) -> Any:
        """Return the mean alone, of the arrays of rows."""
        write(self.parameters, theta)
        with no_grad():
            return self._mean(arrays, backward=False)

    def refresh(self) -> None:
        """Look at nothing: every run does."""

    def _begin(self, theta: Floats) -> list[float]:
        """Set the numbers of the parameters, their gradients to 0, and return what these were."""
        before = [v.grad for v in self.touched]
        write(self.parameters, theta)
        for v in self.touched:
            v.grad = 0.0
        return before

    def _mean(self, arrays: Sequence[Floats], *, backward: bool) -> Any:
        sums: list[float] = []
        for columns in zip(*[a.tolist() for a in arrays], strict=True):
            found = self.row(*columns)
            results = found if isinstance(found, tuple) else (found,)
            if backward and isinstance(results[0], Value):
                results[0].backward()
            numbers = [plain(x) for x in results]
            sums = [a + b for a, b in zip(sums, numbers, strict=True)] if sums else numbers
        means = [x / len(arrays[0]) for x in sums]
        return means[0] if len(means) == 1 else tuple(means)

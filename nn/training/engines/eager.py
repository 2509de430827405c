"""The eager engine: the objective run on Values row by row, then `backward`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autodiff import Value, no_grad
from autodiff.arrays import Floats

from ...checks.vector import plain
from ...values import write
from .engine import Step


class EagerEngine:
    """The objective on Values. It sets the data of the parameters, and leaves their `grad` as it was.

    >>> import numpy as np
    >>> w = Value(2.0)
    >>> X, Y, slope = np.array([[1.0], [3.0]]), np.array([3.0, 6.0]), np.empty(1)
    >>> engine = EagerEngine(lambda x, y: (w * x[0] - y) ** 2, [w])
    >>> engine.bind((X, Y))(np.array([2.0]), slope), slope
    (0.5, array([-1.]))
    """

    name = "eager"

    def __init__(self, row: Callable[..., Any], parameters: Sequence[Value], everything: Sequence[Value] = ()) -> None:
        self.row, self.parameters = row, list(parameters)
        self.touched = [*parameters, *everything]  # whose gradients `backward` adds to

    def bind(self, arrays: Sequence[Floats]) -> Step:
        """Return the Step that reads these arrays."""

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
        """Return the mean objective over the rows of `arrays`, without a gradient."""
        write(self.parameters, theta)
        with no_grad():
            return self._mean(arrays, backward=False)

    def refresh(self) -> None:
        """Do nothing: every run reads the Values."""

    def _begin(self, theta: Floats) -> list[float]:
        """Set the parameters to theta and all gradients to 0; return the gradients as they were."""
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

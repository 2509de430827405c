"""The compiled engine: the objective traced and compiled into a kernel on flat arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import is_
from typing import Any

import autodiff
from autodiff import Value
from autodiff.arrays import Floats

from .engine import Step


class CompiledEngine:
    """The objective as a kernel. Raises TraceError if it cannot be compiled.

    >>> import numpy as np
    >>> w = Value(2.0)
    >>> X, Y, slope = np.array([[1.0], [3.0]]), np.array([3.0, 6.0]), np.empty(1)
    >>> engine = CompiledEngine(lambda x, y: (w * x[0] - y) ** 2, [w], (X, Y))
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
        """Return the Step that reads these arrays."""
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
        """Return the mean objective over the rows of `arrays`, without a gradient; the last arrays stay bound."""
        bound = self._measured.get(id(arrays[0]))
        if bound is None or len(bound.arrays) != len(arrays) or not all(map(is_, bound.arrays, arrays)):
            bound = _Bound(list(arrays), self.kernel.repeat(*arrays, derivatives=False))
            self._measured = {id(arrays[0]): bound}
        return bound.call(theta)[0]


@dataclass
class _Bound:
    """The arrays of a batch, and the repeated call of the kernel on them."""

    arrays: Sequence[Floats]
    call: Any

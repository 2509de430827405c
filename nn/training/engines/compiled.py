"""The compiled engine: the objective traced and compiled into a kernel on flat arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import is_
from typing import Any

import numpy as np

import autodiff
from autodiff import Value
from autodiff.arrays import Floats

from .engine import Step


class CompiledEngine:
    """The objective as a kernel. Raises TraceError if it cannot be compiled.

    >>> w = Value(2.0)
    >>> X, Y, slope = np.array([[1.0], [3.0]]), np.array([3.0, 6.0]), np.empty(1)
    >>> engine = CompiledEngine(lambda x, y: (w * x[0] - y) ** 2, [w], (X, Y))
    >>> engine.bind((X, Y))(np.array([2.0]), slope), slope
    (0.5, array([-1.]))
    """

    name = "compiled"

    def __init__(
        self,
        row: Callable[..., Any],
        parameters: Sequence[Value],
        example: Sequence[Floats],
        everything: Sequence[Value] = (),
    ) -> None:
        self.compiled = autodiff.compile(row)
        self.kernel = self.compiled.kernel(*example, also=[*parameters, *everything])
        self._bound: list[_Bound] = []
        self._measured: dict[int, _Bound] = {}
        index = {id(v): i for i, v in enumerate(self.kernel.parameters)}
        places = [index.get(id(v), -1) for v in parameters]
        self._whole = places == list(range(len(index)))
        known = [i for i, place in enumerate(places) if place >= 0]
        self._ours, self._theirs = np.array(known, np.intp), np.array([places[i] for i in known], np.intp)
        self._theta: Floats = self.kernel.read()  # in the order of the kernel, which is that of first use
        self._permuted = not self._whole and len(known) == len(places) == len(index)

    def bind(self, arrays: Sequence[Floats]) -> Step:
        """Return the Step that reads these arrays."""
        bound = _Bound(arrays, self.kernel.repeat(*arrays))
        self._bound.append(bound)
        if self._whole:
            return lambda theta, out: bound.call(theta, out)[0]
        return self._permuting(bound) if self._permuted else self._scattering(bound)

    def refresh(self) -> None:
        """Look at the numbers of what is not trained, and whether what the objective captures has changed."""
        self._theta = self.kernel.read()
        if self.compiled.changed():
            for bound in self._bound:
                bound.call = self.kernel.repeat(*bound.arrays)
            self._measured.clear()

    def value(self, theta: Floats, arrays: Sequence[Floats]) -> Any:
        """Return the mean objective over the rows of `arrays`, without a gradient; the last arrays stay bound."""
        bound = self._measured.get(id(arrays[0]))
        if bound is None or len(bound.arrays) != len(arrays) or not all(map(is_, bound.arrays, arrays)):
            bound = _Bound(list(arrays), self.kernel.repeat(*arrays, derivatives=False))
            self._measured = {id(arrays[0]): bound}
        return bound.call(theta if self._whole else self._filled(theta))[0]

    def _permuting(self, bound: _Bound) -> Step:
        """Return the step of a kernel that has our parameters in another order."""
        ours, theirs = np.argsort(self._theirs), self._theirs
        inner, slope = np.empty(len(ours)), np.empty(len(ours))

        def step(theta: Floats, out: Floats) -> Any:
            value, _ = bound.call(theta.take(ours, out=inner, mode="clip"), slope)
            slope.take(theirs, out=out, mode="clip")
            return value

        return step

    def _scattering(self, bound: _Bound) -> Step:
        """Return the step of a kernel that lacks some of our parameters, or has others beside them."""

        def step(theta: Floats, out: Floats) -> Any:
            value, gradient = bound.call(self._filled(theta))
            out[:] = 0.0
            out[self._ours] = gradient[self._theirs]
            return value

        return step

    def _filled(self, theta: Floats) -> Floats:
        self._theta[self._theirs] = theta[self._ours]
        return self._theta


@dataclass
class _Bound:
    """The arrays of a batch, and the repeated call of the kernel on them."""

    arrays: Sequence[Floats]
    call: Any

"""Scatter: numbers of one array copied to other indices, between the order of theta and that of a program."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...arrays import Floats
from .. import tuning


class Scatter:
    """Copies the numbers at indices `of` an array to the indices `to` of one of `size` numbers, which is 0 elsewhere.

    Long runs of consecutive indices are copied as slices: `of` 5, 6, 2 to 0, 1, 3 are the two runs 5, 6 → 0, 1 and
    2 → 3. If the copy is a slice of the array, it is a view of it.

    >>> Scatter([0, 1, 3], [5, 6, 2], 4)(np.arange(7.0))
    array([5., 6., 0., 2.])
    """

    def __init__(self, to: ArrayLike, of: ArrayLike, size: int) -> None:
        self.to, self.of, self.size = np.array(to, np.intp), np.array(of, np.intp), size
        self.full = len(self.to) == size
        ends = np.flatnonzero((np.diff(self.to) != 1) | (np.diff(self.of) != 1)) + 1
        starts, stops = [0, *ends.tolist()], [*ends.tolist(), len(self.to)]
        few = len(starts) <= min(tuning.SCATTERED, 1 + len(self.to) // tuning.RUN)
        self.runs: list[tuple[slice, slice]] = []
        if few and len(self.to):
            self.runs = [(_run(self.to, a, b), _run(self.of, a, b)) for a, b in zip(starts, stops, strict=True)]
        self.view = self.runs[0][1] if self.full and len(self.runs) == 1 else None
        self.order = self.of[self.to.argsort()] if self.full and not few else None

    def __call__(self, numbers: Floats, out: Floats | None = None) -> Floats:
        """Return the copy, written into `out` if it is given."""
        if self.view and out is None:
            return numbers if self.size == len(numbers) else numbers[self.view]
        if self.order is not None:
            return numbers.take(self.order, out=out, mode="clip")  # which needs no buffer
        found = (np.empty if self.full else np.zeros)(self.size) if out is None else out
        if out is not None and not self.full:
            out[...] = 0.0
        if not self.runs:
            found[self.to] = numbers[self.of]
        for to, of in self.runs:
            found[to] = numbers[of]
        return found

    def add(self, total: Floats, numbers: Floats) -> None:
        """Add the copy to `total`."""
        total[self.to] += numbers[self.of]


def _run(indices: NDArray[np.intp], first: int, last: int) -> slice:
    """Return the slice of consecutive indices, from item `first` to before item `last`."""
    start = int(indices[first])
    return slice(start, start + last - first)

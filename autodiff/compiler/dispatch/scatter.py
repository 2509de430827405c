"""Scatter: numbers of one array copied to other indices, between the order of theta and that of a program."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...arrays import Floats

MANY = 16  # runs of consecutive indices from which on the indices are looked up one by one


class Scatter:
    """Copies the numbers at indices `of` an array to the indices `to` of a new one of `size` numbers, else 0.

    Consecutive indices are copied as slices. If the new array is a slice of the old one, it is a view.

    >>> scatter = Scatter([0, 1, 3], [5, 6, 2], 4)
    >>> scatter(np.arange(7.0))
    array([5., 6., 0., 2.])
    >>> scatter.runs
    [(slice(0, 2, None), slice(5, 7, None)), (slice(3, 4, None), slice(2, 3, None))]
    """

    def __init__(self, to: ArrayLike, of: ArrayLike, size: int) -> None:
        self.to, self.of, self.size = np.array(to, np.intp), np.array(of, np.intp), size
        ends = np.flatnonzero((np.diff(self.to) != 1) | (np.diff(self.of) != 1)) + 1
        starts, stops = [0, *ends.tolist()], [*ends.tolist(), len(self.to)]
        self.runs: list[tuple[slice, slice]] = []
        if len(starts) <= MANY and len(self.to):
            self.runs = [(_run(self.to, a, b), _run(self.of, a, b)) for a, b in zip(starts, stops, strict=True)]
        whole = len(self.runs) == 1 and self.runs[0][0] == slice(0, size)
        self.whole = self.runs[0][1] if whole else None
        every = len(self.to) == size and not self.runs
        self.order = self.of[self.to.argsort()] if every else None

    def __call__(self, numbers: Floats) -> Floats:
        """Return the copy."""
        if self.whole:
            return numbers if self.size == len(numbers) else numbers[self.whole]
        if self.order is not None:  # the quickest for all indices in another order
            return numbers.take(self.order, mode="clip")
        found = np.zeros(self.size)
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

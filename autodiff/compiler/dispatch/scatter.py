"""Numbers of one array at places of another: of kernels' parameters, and of the gradients by them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...arrays import Floats

MANY = 16  # runs of places from which on places are looked up one by one


class Placing:
    """Copies the numbers at places `of` an array to the places `to` of one of `size` numbers, which is 0 elsewhere.

    What is the same with the same places is no copy.

    >>> Placing([0, 1, 3], [5, 6, 2], 4)(np.arange(7.0))
    array([5., 6., 0., 2.])
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

    def __call__(self, numbers: Floats) -> Floats:
        """Return the copy."""
        if self.whole:
            return numbers if self.size == len(numbers) else numbers[self.whole]
        found = np.zeros(self.size)
        if not self.runs:
            found[self.to] = numbers[self.of]
        for to, of in self.runs:
            found[to] = numbers[of]
        return found

    def add(self, total: Floats, numbers: Floats) -> None:
        """Add what the copy would be to `total`."""
        total[self.to] += numbers[self.of]


def _run(places: NDArray[np.intp], first: int, last: int) -> slice:
    """Return the places from item `first` to before item `last`, which follow each other."""
    start = int(places[first])
    return slice(start, start + last - first)

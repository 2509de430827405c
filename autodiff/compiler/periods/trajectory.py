"""The trajectory: arrays in memory of what is read by a stride, or long after it was computed.

An array holds the slots low, low + step, … up to high. The slots of a loop of period P are in arrays of step P, one for
each instruction of its body; a reader moves along an array by a stride that is a multiple of its step. Straight code
that computes a slot of an array stores it too, so that a reader may begin before a loop and end after it. Intervals of
one step and one residue are joined where they overlap, not to their hull: between them other slots may lie.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from .search import Periodic


class ConflictError(Exception):
    """Two runs whose slots are read by one stride, which fits one of them only."""

    def __init__(self, run: Periodic) -> None:
        super().__init__(run)
        self.run = run


class Array(NamedTuple):
    """The slots from `low` to `high` by `step`, whose numbers begin at `base` of the workspace."""

    step: int
    low: int
    high: int
    base: int

    def at(self, slot: int) -> int:
        """Return where in the workspace a slot is."""
        return self.base + (slot - self.low) // self.step


class Trajectory:
    """The arrays of a program, which grow by `need` until they are `placed`."""

    def __init__(self, runs: Sequence[Periodic], first: int) -> None:
        self.runs = runs
        self.starts = [first + run.start for run in runs]
        self.intervals = defaultdict[tuple[int, int], list[tuple[int, int]]](list)
        self.arrays: dict[tuple[int, int], list[Array]] = {}
        self.size = 0

    def owner(self, slot: int) -> tuple[int, int, int] | None:
        """Return the run that computes a slot, its repetition and its position there; None for straight code."""
        k = bisect_right(self.starts, slot) - 1
        if k < 0 or slot >= self.starts[k] + self.runs[k].period * self.runs[k].times:
            return None
        return k, *divmod(slot - self.starts[k], self.runs[k].period)

    def need(self, slot: int, stride: int = 0, times: int = 1) -> int:
        """Keep the slots `times` times from `slot` by `stride`; return the step of their array."""
        low, high = sorted((slot, slot + stride * (times - 1)))
        touched = [k for k in self._between(low, high) if self._reads(k, low, abs(stride), high)]
        steps = {self.runs[k].period for k in touched}
        if len(steps) > 1 or any(stride % step for step in steps):
            raise ConflictError(min((self.runs[k] for k in touched), key=lambda run: run.period * run.times))
        step = steps.pop() if steps else abs(stride) or 1
        self.intervals[step, low % step].append((low, high))
        return step

    def place(self) -> None:
        """Join the intervals, and lay the arrays out one after the other."""
        for (step, residue), intervals in sorted(self.intervals.items()):
            whole = [self._whole(step, residue, k) for k in range(len(self.runs)) if self.runs[k].period == step]
            joined = _joined(intervals, whole)
            self.arrays[step, residue] = []
            for low, high in joined:
                self.arrays[step, residue].append(Array(step, low, high, self.size))
                self.size += (high - low) // step + 1

    def holding(self, slot: int, step: int) -> Array | None:
        """Return the array of a step that holds a slot."""
        for array in self.arrays.get((step, slot % step), ()):
            if array.low <= slot <= array.high:
                return array
        return None

    @property
    def steps(self) -> list[int]:
        """The steps of arrays."""
        return sorted({step for step, _ in self.arrays})

    def _between(self, low: int, high: int) -> range:
        """Return the runs that have slots from `low` to `high`."""
        first = max(0, bisect_right(self.starts, low) - 1)
        return range(first, bisect_right(self.starts, high))

    def _reads(self, k: int, low: int, stride: int, high: int) -> bool:
        """Return whether a slot of run k is among those from `low` by `stride` to `high`."""
        start, stop = self.starts[k], self.starts[k] + self.runs[k].period * self.runs[k].times
        at = low if low >= start or not stride else low + -(-(start - low) // stride) * stride
        return start <= at <= high and at < stop

    def _whole(self, step: int, residue: int, k: int) -> tuple[int, int]:
        """Return the first and the last slot of run k of a residue."""
        low = self.starts[k] + (residue - self.starts[k]) % step
        return low, low + step * (self.runs[k].times - 1)


def _joined(intervals: Sequence[tuple[int, int]], whole: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the unions of intervals that overlap, each with all of the runs in `whole` that it meets."""
    found = _unions(intervals)
    while True:
        met = [one for one in whole if any(low <= one[1] and one[0] <= high for low, high in found)]
        grown = _unions([*found, *met])
        if grown == found:
            return found
        found = grown


def _unions(intervals: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for low, high in sorted(intervals):
        if found and low <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], high)
        else:
            found.append((low, high))
    return found

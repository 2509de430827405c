"""The search for runs: stretches of a program that repeat a period of instructions, operand by operand.

In a run every operand moves from repetition to repetition by one stride, or is an input or a constant, which a table
may name. So the program of x ← a·x + b, with a in slot 0, b in slot 1 and x in slot 2, is one run of period 2:

    3 = mul(0, 2)       the keys of 3 and 5 differ: 2 is an input, 4 a sum
    4 = add(3, 1)
    5 = mul(0, 4)       run of period 2 from 5 on: a stays at slot 0, a stride of 0; the sum before has
    6 = add(5, 1)       a stride of 2, and is what the loop carries
    7 = mul(0, 6)
    …

The reverse sweep is one more run, which reads what the forward run computed by a negative stride.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..program.levels import levels
from ..program.program import Program
from .keys import keys, ngrams

GRAMS = (8, 32, 128, 512, 2_048)  # lengths of the sequences that are compared
WINDOW = 8_192  # instructions of a sample, in which periods up to half as long are seen
SAMPLE = 4_096  # instructions of one that decides whether to search at all
SAMPLES = 3  # windows of a region
VOTES = 3  # distances that are kept of each length of sequences
MULTIPLES = (1, 2, 3, 4, 6, 8, 12)  # of a distance, at which the strides may fit where they do not yet
REGIONS = 48  # regions that are searched: programs without runs have many small ones
FEWEST = 6  # repetitions of a run
SEEN = 3  # repetitions of one in a sample
FOLDS = ("add", "maximum", "where")  # steps of folds, which loops in space have as one node
LEAST = 200  # instructions of a run


class Periodic(NamedTuple):
    """Instructions from `start` on, `times` repetitions of `period`."""

    start: int
    period: int
    times: int

    @property
    def stop(self) -> int:
        """The index of the first instruction after the run."""
        return self.start + self.period * self.times


def runs(program: Program, share: float = 0.0, least: int = 0) -> list[Periodic]:
    """Return the runs of a program in its order: of each region the period that covers most, then those of the rest.

    The search ends when it is certain that less than a `share` of the instructions is in runs. `least` is the number
    of instructions that a run has at least, if not LEAST.
    """
    return _Search(program, 0, len(program.codes), FEWEST, least or LEAST).within(share)


def depth(program: Program) -> int:
    """Return the depth of the graph of a program, steps of folds not counted, by that of its samples."""
    size = len(program.codes)
    windows = _windows(0, size, SAMPLE)
    arities, steps = list(program.arities), [int(name not in FOLDS) for name in program.operations]
    found = sum(
        max(
            levels(
                program.codes[low:high].tolist(),
                arities,
                program.operands[program.starts[low] : program.starts[high]].tolist(),
                program.first + low,
                steps,
            ),
        )
        for low, high in windows
    )
    return found * size // sum(high - low for low, high in windows)


def probable(program: Program, share: float) -> bool:
    """Return whether that much of some samples repeats and carries numbers on, which costs little to find out."""
    windows = _windows(0, len(program.codes), SAMPLE)
    outside, most = 0, (1.0 - share) * sum(high - low for low, high in windows)
    for low, high in windows:
        search = _Search(program, low, high, SEEN, LEAST)
        outside += high - low - _covered([run for run in search.within(share) if search.carries(run)])
        if outside > most:
            return False
    return True


class _Search:
    """A region of a program, its keys and operands, under search for runs of at least `fewest` repetitions.

    They have `least` instructions or more. Indices of instructions count from `start`, the first one of the region.
    """

    def __init__(self, program: Program, start: int, stop: int, fewest: int, least: int) -> None:
        self.start, self.fewest, self.least, self.keys = start, fewest, least, keys(program, start, stop)
        self.columns, self.first = program.columns[:, start:stop], program.first
        self.folds = np.array([name in FOLDS for name in program.operations] or [False])[program.codes[start:stop]]

    def within(self, share: float) -> list[Periodic]:
        """Return the runs in order; the search ends when they certainly are less than a share of the region."""
        size, found = len(self.keys), list[Periodic]()
        regions, least, outside = [(0, size)], max(self.least, size // 100), 0
        for _ in range(REGIONS):
            if not regions or outside > (1.0 - share) * size:
                break
            low, high = regions.pop()
            best = self.best(low, high)
            found += best
            edges = [low, *(edge for run in best for edge in (run.start, run.stop)), high]
            for a, b in zip(edges[::2], edges[1::2], strict=True):
                if not best or b - a < least:
                    outside += b - a
                else:
                    regions.append((a, b))
        return [run._replace(start=self.start + run.start) for run in sorted(found)]

    def carries(self, run: Periodic) -> bool:
        """Return whether a repetition reads what the one before computed, beyond the sums of folds."""
        begin = run.start - self.start
        low, high = begin + run.period, begin + 2 * run.period
        operands = self.columns[:, low:high] - (self.first + self.start)
        reads = ((operands >= begin) & (operands < low)).any(axis=0)
        return bool((reads & ~self.folds[low:high]).any())

    def best(self, low: int, high: int) -> list[Periodic]:
        """Return the runs of the period that covers most of a region."""
        periods = {self._period(a, b) for a, b in _windows(low, high)} - {0}
        widest = max((self.check(low, high, p) for p in sorted(periods)), key=_gain, default=[])
        found: list[Periodic] = []
        for run in widest:
            begin = max(low, found[-1].stop if found else 0, run.start - run.period)
            found += self._shortest(run, begin, min(high, run.stop + run.period))
        return found

    def _shortest(self, run: Periodic, low: int, high: int) -> list[Periodic]:
        """Return the runs of the shortest period of a run, of which the one found may be a multiple.

        Two parts of periods 3 and 7 also have the period 21, which covers both.
        """
        for divisor in range(1, run.period):
            if run.period % divisor == 0:
                finer = self.check(low, high, divisor)
                if _covered(finer) >= run.period * (run.times - 1):
                    return finer
        return self.check(low, high, run.period)

    def _period(self, low: int, high: int) -> int:
        """Return the period that covers most of a window, 0 if there is none."""
        found = {p: _gain(self.check(low, high, p)) for p in self.distances(low, high)}
        best = max(found, key=lambda p: (found[p], -p), default=0)
        return best if best and found[best] > 0 else 0

    def distances(self, low: int, high: int) -> list[int]:
        """Return candidate periods: the distances at which most sequences of a window come again, and multiples."""
        found: set[int] = set()
        for grams in ngrams(self.keys[low:high], GRAMS):
            order = np.argsort(grams, kind="stable")
            equal = grams[order[1:]] == grams[order[:-1]]
            votes = np.bincount((order[1:] - order[:-1])[equal])
            top = np.argsort(votes)[-VOTES:]
            found |= {int(p) for p in top[votes[top] > len(grams) // 16]}
        key = self.keys[low:high]
        found = {p for p in found if np.count_nonzero(key[p:] == key[:-p]) > len(key) // 4}
        widest = (high - low) // self.fewest
        return sorted({p * m for p in found for m in MULTIPLES if p and p * m <= widest})

    def check(self, low: int, high: int, period: int) -> list[Periodic]:
        """Return the runs of this period in a region, each operand checked."""
        if high - low < self.fewest * period:
            return []
        key, p = self.keys[low:high], period
        equal = key[p:] == key[:-p]
        fits: Any = equal[p:] & equal[:-p]
        for operands in self.columns[:, low:high]:
            stride = operands[p:] - operands[:-p]
            fits &= (stride[p:] == stride[:-p]) | (operands[: -2 * p] < self.first)
        edges = np.flatnonzero(np.diff(fits, prepend=False, append=False))
        return _apart(low + edges[::2], low + edges[1::2] + 2 * p, p, self)


def _apart(starts: NDArray[np.int64], stops: NDArray[np.int64], period: int, search: _Search) -> list[Periodic]:
    """Return the runs from `starts` to `stops`, shortened so that none overlap."""
    found, free = [], 0
    long = stops - starts >= max(search.fewest * period, search.least)  # most are not
    starts, stops = starts[long], stops[long]
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        begin = max(start, free)
        times = (stop - begin) // period
        if times >= search.fewest and times * period >= search.least:
            found.append(Periodic(begin, period, times))
            free = found[-1].stop
    return found


def _windows(low: int, high: int, size: int = WINDOW) -> list[tuple[int, int]]:
    """Return the samples of a region: all of it, or windows of a size spread over it."""
    if high - low <= size * SAMPLES:
        return [(low, high)]
    starts = np.linspace(low, high - size, SAMPLES + 2).astype(int)[1:-1].tolist()
    return [(start, start + size) for start in starts]


def _covered(found: list[Periodic]) -> int:
    return sum(run.period * run.times for run in found)


def _gain(found: list[Periodic]) -> int:
    """Return how many instructions runs save."""
    return sum(run.period * (run.times - 1) for run in found)

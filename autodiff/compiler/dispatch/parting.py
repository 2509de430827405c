"""Parting: the rows of a call divided among paths, so that each path runs on its own rows only.

Which rows take a path shows when it runs: its branches are tested. A call begins with the division of the last call,
which mostly holds again; the rows that turn out to take another path are tested by all. Bits are those of a run on all
rows: in a sum each row keeps its chunk and its lane, r mod 8, and rows that are not chosen add 0.0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...arrays import Floats
from .. import tuning
from ..batch.inputs import Inputs
from ..batch.reduction import CHUNK, LANES, Mask, over_chunks
from ..settings import Executable

Evaluate = Callable[[Any, Mask | None], tuple[Floats, Mask | None]]  # of a path and the rows chosen, None for all
Division = NDArray[np.int32]  # of rows: the index of the path that each takes
SHUFFLED: Division = np.zeros(0, np.int32)  # where the division of the last call does not hold
ROUNDED = (
    "a branch hangs on the last digits of a number, which this backend rounds otherwise than an eager run. "
    'Use `autodiff.where` for it, or backend="eager", "interpreter" or "native"'
)


class Parting:
    """The rows of one call while they are divided: `remaining` are those that no path has taken yet.

    `found` has by the id of a path its outputs, those of its rows or their sums, and which rows these are.
    """

    def __init__(self, rows: int, evaluate: Evaluate) -> None:
        self.remaining = np.ones(rows, bool)
        self.found: dict[int, tuple[Any, Floats, Mask]] = {}
        self._evaluate = evaluate
        self._whole: set[int] = set()  # paths that were run on all rows

    def again(self, paths: Sequence[Any], last: Division) -> bool:
        """Let each path take the rows that it took in the last call. Return whether nearly all of these do so again."""
        if len(last) != len(self.remaining) or int(last.max()) >= len(paths):
            return True
        for k in np.unique(last).tolist():
            self._run(paths[k], last == k)
        if np.count_nonzero(self.remaining) * tuning.STRAYS <= len(last):
            return True
        self.found.clear()
        self._whole.clear()
        self.remaining[:] = True
        return False

    def test(self, path: Any) -> None:
        """Let a path take those of the remaining rows that take its branches."""
        if id(path) in self._whole:
            return
        strays, before = self.remaining.copy(), self.found.pop(id(path), None)
        if before is None:
            self._run(path, strays)
            return
        outputs, own = before[1:]
        self.remaining |= own
        _, more = self._evaluate(path, strays) if self._few(strays) else (None, strays)
        if more is not None and not more.any():
            self.take(path, outputs, own)
        else:
            self._run(path, own | strays if more is None else own | more)

    def _few(self, chosen: Mask) -> bool:
        return len(chosen) >= tuning.PARTED and 2 * int(np.count_nonzero(chosen)) <= len(chosen)

    def _run(self, path: Any, chosen: Mask) -> None:
        if self._few(chosen):
            self.take(path, *self._evaluate(path, chosen))
        else:
            self.whole(path, *self._evaluate(path, None))

    def whole(self, path: Any, outputs: Floats, taken: Mask | None) -> None:
        """Let a path take the rows that it took in a run on all."""
        self._whole.add(id(path))
        self.take(path, outputs, taken)

    def take(self, path: Any, outputs: Floats, taken: Mask | None) -> None:
        """Let a path take these rows, None for all."""
        taken = np.ones(len(self.remaining), bool) if taken is None else taken
        if (taken > self.remaining).any():
            raise RuntimeError(ROUNDED)
        if taken.any():
            self.found[id(path)] = path, outputs, taken
            self.remaining &= ~taken

    def division(self, paths: Sequence[Any]) -> Division | None:
        """Return for each row the index of the path that it took, None if that is of no use to the next call."""
        if len(self.remaining) < tuning.PARTED or len(self.found) < 2 or self.remaining.any():
            return None
        division = np.zeros(len(self.remaining), np.int32)
        for k, path in enumerate(paths):
            if id(path) in self.found:
                division[self.found[id(path)][2]] = k
        return division


def rows_of(engine: Executable, theta: Floats, table: Inputs, chosen: Mask | None) -> tuple[Floats, Mask | None]:
    """Return the outputs of those of the chosen rows, None for all, that take the branches, and which these are."""
    places = None if chosen is None else np.flatnonzero(chosen)
    outputs, taken = engine.rows(theta, table if places is None else table.take(places))
    if taken is None:
        return outputs, chosen
    if places is None:
        return outputs[:, taken], taken
    found = np.zeros(table.rows, bool)
    found[places[taken]] = True
    return outputs[:, taken], found


def sums_of(
    engine: Executable, outputs: int, theta: Floats, table: Inputs, chosen: Mask, threads: int
) -> tuple[Floats, Mask | None] | None:
    """Return the sums over those of the chosen rows that take the branches, and which these are.

    Places that none of the chosen rows has are filled with a row of nan, or one not chosen, which add 0.0 as long as
    they take other branches. None if both take these.
    """
    for filling in (-1, int(chosen.argmin())):
        found = _filled(engine, outputs, theta, table, chosen, threads, filling)
        if found:
            return found
    return None


def _filled(
    engine: Executable, outputs: int, theta: Floats, table: Inputs, chosen: Mask, threads: int, filling: int
) -> tuple[Floats, Mask | None] | None:
    useless = False

    def chunks(first: int, last: int) -> tuple[Floats, Mask]:
        nonlocal useless
        start = first * CHUNK
        each, found = np.zeros((last - first, outputs)), np.zeros(min(table.rows, last * CHUNK) - start, bool)
        for c in range(first, last):
            here = np.flatnonzero(chosen[c * CHUNK : (c + 1) * CHUNK])
            if len(here) and not useless:
                places = compact(here + c * CHUNK)
                real = places >= 0
                each[c - first], taken = engine.sums(theta, table.take(np.where(real, places, filling)))
                mask = np.ones(len(real), bool) if taken is None else taken
                useless |= bool((mask > real).any())
                found[places[mask & real] - start] = True
        return each, found

    result = over_chunks(chunks, table.rows, threads)
    return None if useless else result


def compact(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return rows of a chunk, rising, so that each keeps its lane, r mod 8, with -1 in the places left.

    >>> compact(np.array([1, 8, 9, 11, 17]))
    array([ 8,  1, -1, 11, -1, -1, -1, -1, -1,  9, -1, -1, -1, -1, -1, -1, -1,
           17, -1, -1, -1, -1, -1, -1])
    """
    lanes = rows % LANES
    order = np.argsort(lanes, kind="stable")
    counts = np.bincount(lanes, minlength=LANES)
    rank = np.empty(len(rows), np.int64)
    rank[order] = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    places = np.full((int(counts.max()), LANES), -1, np.int64)
    places[rank, lanes] = rows
    return places.ravel()

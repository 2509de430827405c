"""Strides: sequences of offsets as loop nests, each a start, two counts, and two strides for every sequence."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from .folds import Ints


class Nest(NamedTuple):
    """A loop nest over items `start` to `start` + `outer` · `inner`; strides are in numbers, one for each sequence."""

    start: int
    outer: int
    inner: int
    outer_strides: list[int]
    inner_strides: list[int]


def nests(offsets: Ints, most: int) -> list[Nest] | None:
    """Return the loop nests over `offsets`, shape (sequences, items), in order; None if there are more than `most`.

    >>> nests(np.array([[0, 1, 2, 10, 11, 12], [5, 5, 5, 6, 6, 6]]), 1)
    [Nest(start=0, outer=2, inner=3, outer_strides=[10, 1], inner_strides=[1, 0])]
    """
    if offsets.shape[1] == 1:
        return [Nest(0, 1, 1, [0] * len(offsets), [0] * len(offsets))]
    runs = _runs(offsets, most)
    if runs is None:
        return None
    starts = offsets[:, [start for start, _ in runs]]
    found: list[Nest] = []
    i = 0
    while i < len(runs):
        start, size = runs[i]
        inner = offsets[:, start + 1] - offsets[:, start] if size > 1 else np.zeros(len(offsets), np.int64)
        last, outer = i, np.zeros(len(offsets), np.int64)
        while last + 1 < len(runs) and runs[last + 1][1] == size:
            begin = runs[last + 1][0]
            step = starts[:, last + 1] - starts[:, last]
            if size > 1 and not np.array_equal(offsets[:, begin + 1] - offsets[:, begin], inner):
                break
            if last > i and not np.array_equal(step, outer):
                break
            outer, last = step, last + 1
        found.append(Nest(start, last - i + 1, size, outer.tolist(), inner.tolist()))
        if len(found) > most:
            return None
        i = last + 1
    return found


def _runs(offsets: Ints, most: int) -> list[tuple[int, int]] | None:
    """Return start and length of the longest runs of one stride each; None if there are far too many."""
    items = offsets.shape[1]
    steps = offsets[:, 1:] - offsets[:, :-1]
    changes = np.flatnonzero((steps[:, 1:] != steps[:, :-1]).any(axis=0)) + 1  # steps that are not as the one before
    if len(changes) > 2 * most * max(16, int(items**0.5)):
        return None
    bounds = [*changes.tolist(), items - 1]
    found: list[tuple[int, int]] = []
    i = next_change = 0
    while i < items:
        while bounds[next_change] <= i and next_change < len(bounds) - 1:
            next_change += 1
        size = 1 if i == items - 1 else bounds[next_change] - i + 1
        found.append((i, size))
        i += size
    return found


def alike(columns: Ints) -> list[tuple[int, int]]:
    """Return the runs of equal columns, each as the first column and the one after the last.

    >>> alike(np.array([[1, 1, 2, 2], [0, 0, 0, 5]]))
    [(0, 2), (2, 3), (3, 4)]
    """
    changes = np.flatnonzero((columns[:, 1:] != columns[:, :-1]).any(axis=0)) + 1
    return list(pairwise([0, *changes.tolist(), columns.shape[1]]))


def consecutive(grid: Ints) -> bool:
    """Return whether the numbers of each row of a grid count up by one."""
    return bool((np.diff(grid, axis=1) == 1).all())


def different(offsets: Ints) -> tuple[Ints, Ints]:
    """Return the distinct rows of `offsets`, and for each row its index among them."""
    if offsets.shape[1] == 1:  # which is done far faster
        rows, which = np.unique(offsets[:, 0], return_inverse=True)
        return rows[:, None], which
    packed = np.ascontiguousarray(offsets, ">i8").view(f"V{8 * offsets.shape[1]}").ravel()  # bytes in the same order
    _, firsts, which = np.unique(packed, return_index=True, return_inverse=True)
    return offsets[firsts], which

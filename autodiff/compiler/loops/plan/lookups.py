"""Jobs of lookups: loads at an index, and the gradients of these, stored or summed over rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...batch.reduction import LANES
from ..find.folds import Ints
from ..find.lookups import GRADIENT
from ..find.packs import Group
from ..find.strides import consecutive
from .layout import ROWS, Job, Places


def lookup(places: Places, group: Group) -> Job:
    """Return the job of lookups, or of the gradient of some, whose results have their places."""
    rows = places.of_rows(group)
    out = int(places.place[group.result[0]])
    if group.operation == GRADIENT:
        columns = len(group.result) // group.choices
        modes, words = _gradient_words(places, group, columns, rows)
        return Job(
            ("stored_gradient", modes),
            [group.choices, columns, columns + -columns % LANES, out, *words],
            len(group.result),
        )
    modes, words = _read(places, (group.slot[:, :1], group.slot[:, 1:2], group.slot[:, 2:]), rows)
    return Job(("take", modes), [len(group.result), out, group.choices, *words], len(group.result))


def summed_gradient(places: Places, group: Group, grid: Ints) -> Job:
    """Return the job that sums the gradient of a lookup over rows; `grid` has the outputs, line by line."""
    modes, words = _gradient_words(places, group, grid.shape[1], rows=True)
    table = places.table(np.pad(grid, ((0, 0), (0, -grid.shape[1] % LANES)), mode="edge"))
    return Job(("summed_gradient", consecutive(grid), modes), [*grid.shape, table, *words], grid.size)


def _gradient_words(places: Places, group: Group, columns: int, rows: bool) -> tuple[str, list[int]]:
    """Return how a gradient reads its indices and seeds, and where they are."""
    seeds = group.other[:columns].T
    seeds = np.pad(seeds, ((0, 0), (0, -columns % LANES)), mode="edge")
    modes, words = _read(places, (group.slot[0], seeds), rows)
    return modes if rows else "si", [group.slot.shape[1], *words]


def _read(places: Places, operands: Sequence[Ints], rows: bool) -> tuple[str, list[int]]:
    """Return how operands are read that are slots of one region each, the region and the table of places of each."""
    modes, words = "", []
    for slots in operands:
        region = int(places.region[slots.flat[0]])
        modes += ("r" if region == ROWS else "s") if rows else "i"
        at = places.place[slots]
        words += [region, places.table(np.pad(at, ((0, -len(at) % LANES), *[(0, 0)] * (at.ndim - 1)), mode="edge"))]
    return modes, words

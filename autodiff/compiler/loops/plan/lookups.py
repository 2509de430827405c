"""Jobs of lookups: loads at an index, and the gradients of these, stored or summed over rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...batch.reduction import LANES
from ..find.folds import Ints
from ..find.lookups import GRADIENT
from ..find.packs import Group
from ..find.strides import consecutive
from .jobs import Gathered, Job, StoredGradient, SummedGradient, Take
from .layout import ROWS, Places


def lookup(places: Places, group: Group) -> Job:
    """Return the job of lookups, or of the gradient of some, whose results have their places."""
    rows = places.of_rows(group)
    out = int(places.place[group.result[0]])
    if group.operation == GRADIENT:
        columns = len(group.result) // group.choices
        modes, operands = _factors(places, group, columns, rows)
        width, terms = columns + -columns % LANES, group.slot.shape[1]
        words = StoredGradient.Words(group.choices, columns, width, out, terms)
        return Job(StoredGradient(modes), words, operands, len(group.result))
    modes, operands = _read(places, (group.slot[:, :1], group.slot[:, 1:2], group.slot[:, 2:]), rows)
    return Job(Take(modes), Take.Words(len(group.result), out, group.choices), operands, len(group.result))


def summed_gradient(places: Places, group: Group, grid: Ints) -> Job:
    """Return the job that sums the gradient of a lookup over rows; `grid` has the outputs, line by line."""
    modes, operands = _factors(places, group, grid.shape[1], rows=True)
    table = places.table(np.pad(grid, ((0, 0), (0, -grid.shape[1] % LANES)), mode="edge"))
    lines, columns = grid.shape
    words = SummedGradient.Words(lines, columns, table, group.slot.shape[1])
    return Job(SummedGradient(consecutive(grid), modes), words, operands, grid.size)


def _factors(places: Places, group: Group, columns: int, rows: bool) -> tuple[str, list[Gathered[int]]]:
    """Return how a gradient reads its indices and seeds, and where they are."""
    seeds = group.other[:columns].T
    seeds = np.pad(seeds, ((0, 0), (0, -columns % LANES)), mode="edge")
    modes, operands = _read(places, (group.slot[0], seeds), rows)
    return modes if rows else "si", operands


def _read(places: Places, operands: Sequence[Ints], rows: bool) -> tuple[str, list[Gathered[int]]]:
    """Return how operands are read that are slots of one region each, the region and the table of places of each."""
    modes, read = "", []
    for slots in operands:
        region = int(places.region[slots.flat[0]])
        modes += ("r" if region == ROWS else "s") if rows else "i"
        at = places.place[slots]
        padded = np.pad(at, ((0, -len(at) % LANES), *[(0, 0)] * (at.ndim - 1)), mode="edge")
        read.append(Gathered(region, places.table(padded)))
    return modes, read

"""Jobs of lookups: loads at an index, and the gradients of these, stored or summed over rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...batch.reduction import LANES
from ..find.folds import Ints
from ..find.lookups import GRADIENT
from ..find.packs import Pack
from ..find.strides import consecutive
from .jobs import Gathered, Job, StoredGradient, SummedGradient, Take
from .layout import ROWS, Layout


def lookup(layout: Layout, pack: Pack) -> Job:
    """Return the job of lookups, or of the gradient of some, whose results have offsets."""
    rows = layout.of_rows(pack)
    out = int(layout.offset[pack.result[0]])
    if pack.operation == GRADIENT:
        columns = len(pack.result) // pack.choices
        modes, operands = _factors(layout, pack, columns, rows)
        width, terms = columns + -columns % LANES, pack.slot.shape[1]
        words = StoredGradient.Words(pack.choices, columns, width, out, terms)
        return Job(StoredGradient(modes), words, operands, len(pack.result))
    modes, operands = _read(layout, (pack.slot[:, :1], pack.slot[:, 1:2], pack.slot[:, 2:]), rows)
    return Job(Take(modes), Take.Words(len(pack.result), out, pack.choices), operands, len(pack.result))


def summed_gradient(layout: Layout, pack: Pack, grid: Ints) -> Job:
    """Return the job that sums the gradient of a lookup over rows; `grid` is the outputs, line by line."""
    modes, operands = _factors(layout, pack, grid.shape[1], rows=True)
    table = layout.table(np.pad(grid, ((0, 0), (0, -grid.shape[1] % LANES)), mode="edge"))
    lines, columns = grid.shape
    words = SummedGradient.Words(lines, columns, table, pack.slot.shape[1])
    return Job(SummedGradient(consecutive(grid), modes), words, operands, grid.size)


def _factors(layout: Layout, pack: Pack, columns: int, rows: bool) -> tuple[str, list[Gathered[int]]]:
    """Return the modes and words of the indices and the seeds of a gradient."""
    seeds = pack.other[:columns].T
    seeds = np.pad(seeds, ((0, 0), (0, -columns % LANES)), mode="edge")
    modes, operands = _read(layout, (pack.slot[0], seeds), rows)
    return modes if rows else "si", operands


def _read(layout: Layout, operands: Sequence[Ints], rows: bool) -> tuple[str, list[Gathered[int]]]:
    """Return the modes and words of operands, each an array of slots of one region."""
    modes, read = "", []
    for slots in operands:
        region = int(layout.region[slots.flat[0]])
        modes += ("r" if region == ROWS else "s") if rows else "i"
        at = layout.offset[slots]
        padded = np.pad(at, ((0, -len(at) % LANES), *[(0, 0)] * (at.ndim - 1)), mode="edge")
        read.append(Gathered(region, layout.table(padded)))
    return modes, read

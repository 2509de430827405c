"""The layout of a program in memory: a region, and an offset in it, for each slot.

Three regions have numbers: the parameters, FIXED what is the same for all rows, ROWS what differs from row to row, of
which each number is an array over the rows of a tile. The results of a pack are consecutive.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...batch.inputs import address
from ...batch.reduction import LANES
from ...program.program import Program
from ..find.folds import Ints
from ..find.packs import Pack

PARAMETERS, FIXED, ROWS, MASKS, RESULTS, DIVISOR, SCRATCH = BASES = range(7)  # addresses that kernels are given


class Layout:
    """The region and offset of each slot, the sizes of the regions in numbers, and the tables that jobs point at."""

    def __init__(self, program: Program, packs: Sequence[Pack], rowwise: bool) -> None:
        inputs = program.parameters + program.inputs
        self.region = np.full(program.slots + 1, FIXED, np.int64)  # the last one for none, -1
        self.region[: program.parameters] = PARAMETERS
        self.region[program.parameters : inputs] = ROWS if rowwise else FIXED
        for pack in packs if rowwise else ():
            of_rows = (self.region[operands[0]] == ROWS for operands in (pack.slot, pack.other))
            self.region[pack.result] = ROWS if any(found.any() for found in of_rows) else FIXED
        self.offset = np.zeros(program.slots, np.int64)
        self.offset[: program.parameters] = np.arange(program.parameters)
        self.sizes = [program.parameters, 0, 0]
        self.tables: list[NDArray[np.int32]] = []
        self.settle(np.arange(program.parameters, inputs))
        self.settle(np.arange(inputs, program.first))

    def settle(self, slots: Ints) -> None:
        """Give consecutive offsets to slots of one region."""
        region = self.region[slots[0]] if len(slots) else FIXED
        size = self.sizes[region]
        self.offset[slots] = np.arange(size, size + len(slots))
        self.sizes[region] = size + len(slots) + (-len(slots) % LANES if region == FIXED else 0)

    def of_rows(self, pack: Pack) -> bool:
        """Return whether the nodes of a pack differ from row to row."""
        return bool(self.region[pack.result[0]] == ROWS)

    def in_order(self, pack: Pack) -> Pack:
        """Return a pack with its nodes in the order of an operand that no two share, else of the first operands."""
        if len(pack.result) == 1:
            return pack
        columns = pack.slot[:, 0], pack.other[:, 0], *pack.slot[:, 1:3].T
        keys = [self.offset[slots] for slots in columns if slots[0] >= 0]
        for key in keys:
            order = np.argsort(key, kind="stable")
            if (key[order[1:]] > key[order[:-1]]).all():
                break
        else:
            order = np.lexsort(keys[::-1])
        return pack._replace(result=pack.result[order], slot=pack.slot[order], other=pack.other[order])

    def table(self, offsets: Any) -> int:
        """Keep a table of offsets and return its address."""
        table = np.ascontiguousarray(offsets, dtype=np.int32)
        self.tables.append(table)
        return address(table)

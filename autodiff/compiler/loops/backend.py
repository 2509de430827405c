"""The loops backend: a program run pack by pack, eight rows or, for a single row, eight nodes at once."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...arrays import Floats
from ...locks import once
from .. import tuning
from ..batch.inputs import Inputs
from ..batch.reduction import CHUNK, LANES, Mask, divided, of_one_row, over_chunks
from ..program.program import Program
from ..settings import Settings
from .find.folds import nodes
from .find.packs import Packs, packed
from .plan.plan import Plan
from .runtime import Frame, Ready, loop


def repetitions(program: Program) -> Packs | None:
    """Return the packs of a program, None if they are so many that loops are no gain."""
    return packed(program, nodes(program), fewest=tuning.PACK)


def looped(program: Program, settings: Settings) -> Looped | None:
    """Return the engine that runs a program in loops, None if it is too small or its packs are too many."""
    found = repetitions(program) if len(program.codes) >= tuning.LOOPS else None
    return Looped(program, settings.threads, fastmath=settings.fastmath, found=found) if found else None


class Looped:
    """An engine that runs a program in loops; `found` are its packs, looked for if not given."""

    def __init__(
        self, program: Program, threads: int = 1, *, fastmath: bool = False, found: Packs | None = None
    ) -> None:
        self.program, self.threads, self.fastmath = program, threads, fastmath
        self.found = found or packed(program, nodes(program))
        self.outputs = len(program.outputs)

    @once
    def single(self) -> Ready:
        """The jobs for one row, in lanes that are nodes."""
        return self._ready(rowwise=False, summed=False)

    @once
    def summed(self) -> Ready:
        """The jobs for sums over rows."""
        return self._ready(rowwise=True, summed=True)

    @once
    def each(self) -> Ready:
        """The jobs for the outputs of each row."""
        return self._ready(rowwise=True, summed=False)

    def _ready(self, *, rowwise: bool, summed: bool) -> Ready:
        assert self.found is not None  # None is returned only if packs must be few
        return Ready(Plan(self.program, self.found, rowwise=rowwise, summed=summed), self.fastmath)

    def rows(self, theta: Floats, table: Inputs) -> tuple[Floats, Mask | None]:
        """Return the outputs, shape (outputs, rows), and which rows take the branches of the program, None for all."""
        if table.rows == 1:
            return self._one(theta, table)
        frame = self._lent(self.each, table.rows)
        m, k, tile = table.rows, self.outputs, frame.tile
        tiles = -(-m // tile)
        last = -(-(m - (tiles - 1) * tile) // LANES) * LANES  # rows of the last tile, up to whole vectors
        found = np.empty(((tiles - 1) * tile + last) * k)
        frame.begin(theta, table, found, 0, tiles)
        loop("each")(frame.address)
        before = (tiles - 1) * tile  # rows of the other tiles
        whole = found[: before * k].reshape(tiles - 1, k, tile).transpose(1, 0, 2).reshape(k, before)
        mask = frame.taken(0, m)
        frame.give_back()
        return np.concatenate([whole, found[whole.size :].reshape(k, last)], axis=1)[:, :m].copy(), mask

    def row(self, theta: Floats, inputs: Floats) -> Floats | None:
        """Return the outputs of one row, given by its inputs; None if it takes other branches than the program."""
        frame = self._lent(self.single, LANES)
        frame.fixed[frame.ready.inputs] = inputs
        frame.masks[0] = 1
        out = np.empty(self.outputs)
        frame.start(theta, out)
        taken = frame.masks[0] & 1
        frame.give_back()
        return out if taken else None

    def _one(self, theta: Floats, table: Inputs) -> tuple[Floats, Mask | None]:
        """Return the outputs of one row, shape (outputs, 1), and [False] if it takes other branches, else None."""
        found = self.row(theta, table.row())
        return (np.zeros((self.outputs, 1)), np.zeros(1, bool)) if found is None else (found[:, None], None)

    def sums(self, theta: Floats, table: Inputs, divisor: int = 1) -> tuple[Floats, Mask | None]:
        """Return sums of outputs over the rows that take the branches, divided, and which these are, None for all."""
        if table.rows == 1:
            return of_one_row(*self._one(theta, table), divisor)
        if table.rows <= CHUNK:
            each, taken = self._chunks(theta, table, 0, 1, divisor)
            return each[0], taken
        sums, taken = over_chunks(partial(self._chunks, theta, table), table.rows, self.threads)
        return divided(sums, divisor), taken

    def _chunks(
        self, theta: Floats, table: Inputs, first: int, last: int, divisor: int = 1
    ) -> tuple[Floats, Mask | None]:
        """Return the sums of each of some chunks, divided, shape (chunks, outputs), and the rows taken, None: all."""
        frame = self._lent(self.summed, table.rows)
        out = np.empty((last - first, self.outputs))
        frame.divisor[0] = divisor
        frame.begin(theta, table, out, first, last)
        loop("chunks")(frame.address)
        taken = frame.taken(first * CHUNK, min(table.rows, last * CHUNK))
        frame.give_back()
        return out, taken

    def _lent(self, ready: Ready, rows: int) -> Frame:
        """Return a frame for the rows of a call, from the pool, so that no other thread uses it."""
        return ready.free.take(rows, lambda: Frame(ready, rows))

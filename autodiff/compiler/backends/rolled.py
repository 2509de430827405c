"""Rolled code: a program whose instructions repeat as one native function with loops over the repetitions."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...arrays import Floats
from ...locks import lock
from .. import tuning
from ..batch.inputs import address
from ..batch.pool import Pool
from ..batch.reduction import LANES
from ..llvm import jit
from ..llvm.arithmetic import EXACT, FAST, Registers
from ..periods.body import source
from ..periods.dependences import Dependences
from ..program.program import Program
from .blocks import Native
from .blocks_ir import BLOCK

_lock = lock(1)


class Memory(NamedTuple):
    """The memory of a call: parameters' numbers and workspace, and the addresses of both and of the table."""

    theta: Floats
    work: Floats
    pointers: Any
    address: int


class Rolled(Native):
    """The straight parts and loops of a program in time, on eight rows at once; `plan` says which these are."""

    def __init__(self, program: Program, plan: Dependences, threads: int = 1, *, fastmath: bool = False) -> None:
        super().__init__(program, threads)
        self.plan, self.fastmath = plan, fastmath
        self._blocks: dict[int, tuple[jit.MachineCode, int, Floats]] = {}
        self._memories = Pool[Memory]()

    def block(self, lanes: int) -> int:
        """Return the address of the block function."""
        return self._compiled(lanes)[1]

    def context(self, lanes: int, theta: Floats) -> tuple[int, Any]:
        """Return the address of a context with the parameters theta."""
        memory = self._memories.take(lanes, lambda: self._memory(lanes))
        memory.theta[:] = theta
        return memory.address, memory

    def release(self, lanes: int, kept: Any) -> None:
        """Keep a context for the next call."""
        if kept.work.size <= tuning.POOLED:
            self._memories.give_back(lanes, kept)

    def _memory(self, lanes: int) -> Memory:
        theta, work = np.empty(self.program.parameters + 1)[:-1], np.empty(self.plan.trajectory.size * lanes + 1)
        table = self._compiled(lanes)[2]
        pointers = np.array([address(theta), address(work), address(table)], np.int64)
        return Memory(theta, work, pointers, address(pointers))

    def _compiled(self, lanes: int) -> tuple[jit.MachineCode, int, Floats]:
        known = self._blocks.get(lanes)
        if known:
            return known
        with _lock:
            if lanes not in self._blocks:
                vectors = jit.vectors() if self.fastmath and lanes == LANES else frozenset()
                body = Registers(lanes, FAST if self.fastmath else EXACT, vectors)
                text, table = source(self.plan, body, BLOCK)
                level = 3 if self.plan.size <= tuning.OPTIMIZED else 0
                code = jit.compile_ir(text, frozenset(body.calls), level, passes="none")
                self._blocks[lanes] = code, code.address("block"), table
            return self._blocks[lanes]

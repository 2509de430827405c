"""Straight-line code: a program as one native function of its instructions in order, on one or eight rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...arrays import Floats
from ...locks import lock
from .. import tuning
from ..batch.inputs import address
from ..batch.pool import Pool
from ..batch.reduction import LANES
from ..llvm import jit
from ..llvm.arithmetic import EXACT, FAST, Register, Registers
from ..program.program import Program
from .blocks import Native
from .blocks_ir import BLOCK

_lock = lock(1)


class Straight(Native):
    """The instructions of a program one after the other, on eight rows at once."""

    def __init__(self, program: Program, threads: int = 1, *, fastmath: bool = False) -> None:
        super().__init__(program, threads)
        self.fastmath = fastmath
        self._blocks: dict[int, tuple[jit.MachineCode, int]] = {}
        self._thetas = Pool[tuple[Floats, int]]()

    def block(self, lanes: int) -> int:
        """Return the address of the block function."""
        known = self._blocks.get(lanes)
        if known:
            return known[1]
        with _lock:
            if lanes not in self._blocks:
                code = self._compiled(lanes)
                self._blocks[lanes] = code, code.address("block")
            return self._blocks[lanes][1]

    def context(self, lanes: int, theta: Floats) -> tuple[int, Any]:
        """Return the address of a context with the parameters theta."""
        if not self.program.parameters:
            return 0, None  # which is not read
        kept = self._thetas.take(lanes, self._theta)
        kept[0][:] = theta
        return kept[1], kept

    def release(self, lanes: int, kept: Any) -> None:
        """Keep a context for the next call."""
        if kept:
            self._thetas.give_back(lanes, kept)

    def _theta(self) -> tuple[Floats, int]:
        array = np.empty(self.program.parameters)
        return array, address(array)

    def _compiled(self, lanes: int) -> jit.MachineCode:
        text, body = source(self.program, lanes, self.fastmath)
        level = 3 if len(self.program.instructions) <= tuning.OPTIMIZED else 0
        return jit.compile_ir(text, frozenset(body.calls), level, passes="none")


def source(program: Program, lanes: int, fastmath: bool) -> tuple[str, Registers]:
    """Return the module of the function `block`, whose context are the parameters' numbers, and its body."""
    vectors = jit.vectors() if fastmath and lanes == LANES else frozenset()
    body = Registers(lanes, FAST if fastmath else EXACT, vectors)
    inputs = program.parameters + program.inputs
    results: dict[int, Register] = {}

    def operand(slot: int) -> Register:
        if slot >= program.first:
            return results[slot]
        if slot >= inputs:
            return Register(body, body.literal(program.constants[slot - inputs]))
        if slot >= program.parameters:
            return body.load("%in", (slot - program.parameters) * lanes)
        return body.broadcast("%context", slot)

    for slot, (operation, operands) in enumerate(program.instructions, program.first):
        results[slot] = body.evaluate(operation, [operand(o) for o in operands])
    mask = body.let(f"bitcast i{lanes} {body.let(f'trunc i64 %mask to i{lanes}')} to {body.test}")
    for slot, truth in program.guards:
        test = body.truth(operand(slot))
        if not truth:
            ones = "true" if lanes == 1 else "splat (i1 true)"
            test = body.let(f"xor {body.test} {test}, {ones}")
        mask = body.let(f"and {body.test} {mask}, {test}")
    for k, slot in enumerate(program.outputs):
        x = operand(slot)
        at = body.let(f"getelementptr double, ptr %out, i64 {k * lanes}")
        before = body.let(f"load {body.type}, ptr {at}, align 8")
        after = body.let(f"fadd {body.type} {before}, {x.name}")
        kept = body.let(f"select {body.test} {mask}, {body.type} {after}, {body.type} {before}")
        body.lines.append(f"store {body.type} {kept}, ptr {at}, align 8")
    taken = body.let(f"zext i{lanes} {body.let(f'bitcast {body.test} {mask} to i{lanes}')} to i64")
    arguments = BLOCK.replace("ptr %", "ptr noalias %")
    head = [*body.declarations(), f"define i64 @block({arguments}) #0 {{"]
    attributes = 'attributes #0 = { "min-legal-vector-width"="512" "prefer-vector-width"="512" }'
    return "\n".join([*head, *body.lines, f"ret i64 {taken}", "}", attributes]), body

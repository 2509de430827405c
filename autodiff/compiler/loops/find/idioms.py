"""Idioms: instructions that are the rule of a row, written out, become one instruction of the row again."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from ...program.program import Program, slots_of
from ...trace.inlining import expanded

FOLDED = ("maximum",)  # rows that are steps of a fold, which is why finding them pays


def rolled(program: Program, columns: Any) -> Any:
    """Return the columns of `program` with idioms as one instruction each, and code -1 for the rest of these."""
    for name in FOLDED:
        columns = _rolled(program, columns, name)
    return columns


@cache
def _pattern(name: str) -> Program:
    """Return the rule of a row of two operands as a program of elementary functions."""
    return expanded(Program(0, 2, (), (name,), (2,), slots_of([0]), slots_of([0, 1]), (2,)))


def _rolled(program: Program, columns: Any, name: str) -> Any:
    """Return the columns with one row put back wherever nothing else reads the inner results of its rule."""
    names, code, operands = columns
    pattern = _pattern(name)
    if not {operation for operation, _ in pattern.instructions} <= set(names):
        return columns
    uses = np.bincount(operands[operands >= 0], minlength=program.slots)
    np.add.at(uses, np.array([*program.outputs, *(slot for slot, _ in program.guards)], np.int64), 2)
    found = np.flatnonzero(code == names.index(pattern.instructions[-1][0]))
    bound: dict[int, Any] = {pattern.slots - 1: found + program.first}
    fits = np.ones(len(found), bool)
    inner = []
    for slot in range(pattern.slots - 1, pattern.first - 1, -1):  # results come after their operands
        operation, slots = pattern.instructions[slot - pattern.first]
        at = np.maximum(bound[slot] - program.first, 0)
        fits &= (bound[slot] >= program.first) & (code[at] == names.index(operation))
        if slot < pattern.slots - 1:
            fits &= uses[bound[slot]] == 1
            inner.append(at)
        for column, operand in enumerate(slots):
            given = operands[at, column]
            if pattern.inputs <= operand < pattern.first:
                fits &= _is_constant(program, given, pattern.constants[operand - pattern.inputs])
            elif operand in bound:
                fits &= bound[operand] == given
            else:
                bound[operand] = given
    code, operands = code.copy(), operands.copy()
    for at in inner:
        code[at[fits]] = -1
    code[found[fits]] = names.index(name) if name in names else len(names)
    operands[found[fits]] = -1
    operands[found[fits], 0], operands[found[fits], 1] = bound[0][fits], bound[1][fits]
    return columns._replace(names=names if name in names else [*names, name], code=code, operands=operands)


def _is_constant(program: Program, slots: Any, x: float) -> Any:
    """Return which slots are constants with the bits of x, or nan if it is nan."""
    numbers = np.array([*program.constants, 0.0])
    start = program.first - len(program.constants)
    inside = (slots >= start) & (slots < program.first)
    given = numbers[np.where(inside, slots - start, len(numbers) - 1)]
    return inside & (np.isnan(given) if x != x else given.view(np.int64) == np.float64(x).view(np.int64))

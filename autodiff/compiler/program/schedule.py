"""The schedule: instructions of one level and one operation form a group, whose results are a range of new slots.

An instruction's level is one more than the highest of its operands', so that none of a group depends on another.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .levels import levels
from .program import Program, Slots, slots_of

Places = NDArray[np.int64]


class Group(NamedTuple):
    """An operation, the first slot of its results, and its operands' slots, shape (operands, instructions)."""

    operation: str
    out: int
    operands: Slots


class InstructionSchedule(NamedTuple):
    """The groups of a program in order, and where its outputs and guards are."""

    groups: list[Group]
    outputs: Slots
    guards: Slots
    truths: NDArray[np.bool_]


def schedule(program: Program) -> InstructionSchedule:
    """Return the groups of `program`, level by level, in the order of their first instructions."""
    position, outs, sizes = _positions(program)
    member = np.repeat(np.arange(len(sizes)), sizes)[position]
    codes = np.zeros(len(sizes), np.int64)
    codes[member] = program.codes
    arities = np.array(program.arities, np.int64)[codes]
    place = np.arange(program.slots, dtype=np.int32)
    place[program.first :] = program.first + position
    # operand k of the j-th instruction of a group is at k · size + j after the start of the group's operands
    ends, steps = np.cumsum(arities * sizes), sizes[member]
    begin = (ends - arities * sizes - outs)[member] + position - program.starts[:-1] * steps
    counts = arities[member]
    operands = np.empty_like(program.operands)
    operands[np.repeat(begin, counts) + np.arange(len(operands)) * np.repeat(steps, counts)] = place[program.operands]
    groups = [
        Group(program.operations[code], program.first + out, operands[end - arity * size : end].reshape(arity, size))
        for code, out, end, arity, size in np.stack([codes, outs, ends, arities, sizes], axis=-1).tolist()
    ]
    guards = np.array([slot for slot, _ in program.guards], dtype=np.int32)
    truths = np.array([truth for _, truth in program.guards], dtype=bool)
    return InstructionSchedule(groups, place[np.array(program.outputs, dtype=np.int32)], place[guards], truths)


def _positions(program: Program) -> tuple[Places, Places, Places]:
    """Return the position of each instruction in the order of groups, and the start and size of each group."""
    count, kinds = len(program.codes), len(program.operations)
    arities = list(program.arities)
    found = levels(program.codes.tolist(), arities, program.operands.tolist(), program.first, [1] * kinds)
    keys = slots_of(found).astype(np.int64) * kinds + program.codes
    narrow = keys.max(initial=0) < 2**16
    order = np.argsort(keys.astype(np.uint16) if narrow else keys, kind="stable")  # of 16 bits in linear time
    begins = np.flatnonzero(np.diff(keys[order], prepend=-1))
    sizes = np.diff(begins, append=count)
    firsts = order[begins]
    by = np.lexsort((firsts, keys[firsts] // max(1, kinds)))
    outs = np.cumsum(sizes[by]) - sizes[by]
    shift = np.empty_like(begins)
    shift[by] = outs
    position = np.empty(count, np.int64)
    position[order] = np.repeat(shift - begins, sizes) + np.arange(count)
    return position, outs, sizes[by]

"""The instructions of a program in groups: one operation, many operands, none of which depends on another.

An instruction's level is one more than the highest of its operands'; a group is what has one level and one operation.
Slots are numbered anew, so that the results of a group are a range.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .program import Program

Slots = NDArray[np.int32]


class Group(NamedTuple):
    """An operation, the first slot of its results, and its operands' slots, shape (operands, instructions)."""

    operation: str
    out: int
    operands: Slots


class Schedule(NamedTuple):
    """The groups of a program in order, and where its outputs and guards are."""

    groups: list[Group]
    outputs: Slots
    guards: Slots
    truths: NDArray[np.bool_]


def schedule(program: Program) -> Schedule:
    """Return the groups of `program`, in time linear in its instructions."""
    first = program.first
    levels = [0] * program.slots
    by_level: list[dict[str, list[int]]] = []
    for slot, (operation, operands) in enumerate(program.instructions, first):
        level = 0
        for o in operands:
            if levels[o] > level:
                level = levels[o]
        levels[slot] = level + 1
        if level == len(by_level):
            by_level.append({})
        groups = by_level[level]
        if operation in groups:
            groups[operation].append(slot)
        else:
            groups[operation] = [slot]
    place = np.arange(program.slots, dtype=np.int32)
    made: list[Group] = []
    out = first
    instructions = program.instructions
    for operation, slots in (group for groups in by_level for group in groups.items()):
        table = np.array([instructions[s - first][1] for s in slots], dtype=np.int32)
        made.append(Group(operation, out, np.ascontiguousarray(place[table].T)))
        place[slots] = np.arange(out, out + len(slots), dtype=np.int32)
        out += len(slots)
    guards = np.array([slot for slot, _ in program.guards], dtype=np.int32)
    truths = np.array([truth for _, truth in program.guards], dtype=bool)
    return Schedule(made, place[np.array(program.outputs, dtype=np.int32)], place[guards], truths)

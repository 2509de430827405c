"""Nodes: the instructions of a program, with every fold of many terms as one node, a chain.

A step of a fold takes what nothing else reads, the step before it, and a term: sums, the largest of some numbers, and
selections such as `take` reads. In a sum, a product that nothing else reads is no node but a term of two factors.
Terms keep their order: nothing is reassociated.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ... import tuning
from ...program.program import Program
from .idioms import rolled

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
CARRIED = {"add": 0, "maximum": 0, "where": 2}  # the operand of a step of a fold that is the step before


class Nodes(NamedTuple):
    """Nodes in the order of the program.

    `result` is the slot of a node, `operation` its place in `names`. It has the terms `start` to `stop`: the operands
    of an operation, or what a chain folds, each a slot or, where `other` is not -1, a pair: two factors, or a condition
    and what to take where it holds.
    """

    names: list[str]
    result: Ints
    operation: Ints
    start: Ints
    stop: Ints
    is_fold: Flags
    slot: Ints
    other: Ints


class _Columns(NamedTuple):
    """Instructions: their operations as places in `names`, and their operands, shape (instructions, 3 or more)."""

    names: list[str]
    code: Ints
    operands: Ints


def nodes(program: Program) -> Nodes:
    """Return the nodes of `program`; an output that is a product, and nothing else, is a chain of this one term."""
    first = program.first
    columns = rolled(program, _Columns(*_columns(program)))
    names, code, operands = columns
    present = code >= 0  # what was rolled up into others is gone
    wanted = np.zeros(program.slots, np.int64)
    np.add.at(wanted, np.array(program.outputs, np.int64), 1)
    once = wanted.copy()
    np.add.at(wanted, np.array([slot for slot, _ in program.guards], np.int64), 2)
    if present.all():
        read = program.operands
    else:
        rest = operands[present]
        read = rest[rest >= 0]
    uses = wanted + np.bincount(read, minlength=program.slots)
    inner = (uses[first:] == 1) & (wanted[first:] == 0)  # read once, by an instruction
    is_mul = code == _place(names, "mul")
    carried, before = _steps(names, code, operands, inner, first)
    chained, head = _chains(carried, before, _pairs(code == _place(names, "add"), is_mul & inner, operands, first))
    fused = is_mul & (uses[first:] == 1) & (once[first:] == 1)
    owner, slot, other = _terms(names, columns, chained, before, head, carried)
    at = np.maximum(slot - first, 0)
    product = (slot >= first) & (other < 0) & (is_mul & inner)[at] & (code[head[owner]] == _place(names, "add"))
    absorbed = ~present
    absorbed[at[product]] = True
    absorbed[before[chained & (before >= 0)]] = True
    slot, other = np.where(product, operands[at, 0], slot), np.where(product, operands[at, 1], other)
    plain = ~absorbed & ~chained & ~fused
    last = np.zeros(len(code), np.int64)  # step of a chain, by its first one
    members = np.flatnonzero(chained)
    last[head[members]] = members  # the latest assignment stays
    given, pairs = np.flatnonzero((operands >= 0) & plain[:, None]), operands[fused]
    owners = np.concatenate([given // operands.shape[1], last[head[owner]], np.flatnonzero(fused)])
    order = np.argsort(owners, kind="stable")
    ends = np.flatnonzero(plain | fused | (chained & ~absorbed))
    counts = np.bincount(owners, minlength=len(code))[ends]
    stop = np.cumsum(counts)
    return Nodes(
        names,
        ends + first,
        code[ends],
        stop - counts,
        stop,
        ~plain[ends],
        np.concatenate([operands.ravel()[given], slot, pairs[:, 0]])[order],
        np.concatenate([np.full(len(given), -1), other, pairs[:, 1]])[order],
    )


def _columns(program: Program) -> tuple[list[str], Ints, Ints]:
    """Return the operations of a program by name, which each instruction has, and its operands, padded by -1."""
    operands = np.full((len(program.codes), max(3, len(program.columns))), -1)
    operands[:, : len(program.columns)] = program.columns.T
    return list(program.operations), program.codes.astype(np.int64), operands


def _place(names: list[str], name: str) -> int:
    return names.index(name) if name in names else -2


def _steps(names: list[str], code: Ints, operands: Ints, inner: Flags, first: int) -> tuple[Ints, Ints]:
    """Return for each step of a fold which operand is the step before, and which step that is; -1 for none."""
    carried, before = np.full(len(code), -1), np.full(len(code), -1)
    for name, place in CARRIED.items():
        steps = np.flatnonzero(code == _place(names, name))
        carried[steps] = place
        for choice in (1, 0) if name == "add" else (place,):  # the operands of an addition may swap
            source = operands[steps, choice] - first
            follows = (source >= 0) & inner[np.maximum(source, 0)] & (code[np.maximum(source, 0)] == code[steps])
            carried[steps[follows]], before[steps[follows]] = choice, source[follows]
    return carried, before


def _pairs(sums: Flags, products: Flags, operands: Ints, first: int) -> Flags:
    """Return which sums are of two products."""
    found = sums.copy()
    for k in range(2):
        at = operands[found, k] - first
        found[found] = (at >= 0) & products[np.maximum(at, 0)]
    return found


def _chains(carried: Ints, before: Ints, pairs: Flags) -> tuple[Flags, Ints]:
    """Return which instructions are steps of folds that are long enough, and of each the first step of its fold.

    Where the first step is one of `pairs`, the sums of two products, its fold is as long as it need be.
    """
    head = np.where(before >= 0, before, np.arange(len(before)))
    later = np.flatnonzero(before >= 0)
    while True:
        further = head[head[later]]
        if np.array_equal(further, head[later]):
            break
        head[later] = further
    length = np.bincount(head[carried >= 0], minlength=len(before))
    return (carried >= 0) & ((length[head] + 1 >= tuning.SHORTEST) | pairs[head]), head


def _terms(
    names: list[str], columns: _Columns, chained: Flags, before: Ints, head: Ints, carried: Ints
) -> tuple[Ints, Ints, Ints]:
    """Return what all chains fold, in order: of which step a term is, its slot, and the other of a pair or -1."""
    steps = np.flatnonzero(chained)
    steps = steps[np.argsort(head[steps], kind="stable")]
    operands, begins = columns.operands[steps], before[steps] < 0
    select = columns.code[steps] == _place(names, "where")
    start = operands[np.arange(len(steps)), carried[steps]]
    term = np.where(select, operands[:, 0], operands[np.arange(len(steps)), 1 - np.minimum(carried[steps], 1)])
    other = np.where(select, operands[:, 1], -1)
    places = np.repeat(np.arange(len(steps)), 1 + begins)
    firsts = np.flatnonzero(begins) + np.cumsum(begins)[begins] - 1
    slots, others = term[places], other[places]
    slots[firsts], others[firsts] = start[begins], -1
    return steps[places], slots, others

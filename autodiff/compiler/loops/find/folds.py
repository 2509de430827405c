"""Folds: the instructions of a program as nodes, of which a reduction of many terms is one.

A step of a fold reads the step before it, which nothing else reads, and one term. There are folds of additions, of
`maximum`, and of `where` (selections, as `take` is traced). In a sum, a product that nothing else reads is no node but
a term of two factors. Terms keep their order: nothing is reassociated. With x0 to x5 in the slots 0 to 5,

    t0 = x0 * x3        becomes one node: `add`, a fold, result 10 (t4),
    t1 = x1 * x4        with the terms (slot, other) = (0, 3), (1, 4), (2, 5):
    t2 = t0 + t1        dot([x0, x1, x2], [x3, x4, x5])
    t3 = x2 * x5
    t4 = t2 + t3

A loop that starts from 0.0 has that constant as its first term, of one factor.
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
    """The nodes of a program, in its order, as columns.

    Node i has the slot `result[i]` and the operation `names[operation[i]]`. Its terms are the entries `start[i]` to
    `stop[i]` of `slot` and `other`: the operands of an operation, or the terms of a fold. Where `other` is not -1, a
    term is a pair: two factors, or a condition and the number where it holds.
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
    """Instructions: their operations as indices into `names`, and their operands, shape (instructions, 3 or more)."""

    names: list[str]
    code: Ints
    operands: Ints


def nodes(program: Program) -> Nodes:
    """Return the nodes of `program`; a product that is an output and nothing else is a fold of this one term."""
    first = program.first
    columns = rolled(program, _Columns(*_columns(program)))
    names, code, operands = columns
    present = code >= 0  # -1: part of an idiom that was put back
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
    is_mul = code == _code(names, "mul")
    carried, before = _steps(names, code, operands, inner, first)
    folded, head = _folds(carried, before, _pairs(code == _code(names, "add"), is_mul & inner, operands, first))
    fused = is_mul & (uses[first:] == 1) & (once[first:] == 1)
    owner, slot, other = _terms(names, columns, folded, before, head, carried)
    at = np.maximum(slot - first, 0)
    product = (slot >= first) & (other < 0) & (is_mul & inner)[at] & (code[head[owner]] == _code(names, "add"))
    absorbed = ~present
    absorbed[at[product]] = True
    absorbed[before[folded & (before >= 0)]] = True
    slot, other = np.where(product, operands[at, 0], slot), np.where(product, operands[at, 1], other)
    plain = ~absorbed & ~folded & ~fused
    last = np.zeros(len(code), np.int64)  # step of a fold, by its first one
    members = np.flatnonzero(folded)
    last[head[members]] = members  # the latest assignment stays
    given, pairs = np.flatnonzero((operands >= 0) & plain[:, None]), operands[fused]
    owners = np.concatenate([given // operands.shape[1], last[head[owner]], np.flatnonzero(fused)])
    order = np.argsort(owners, kind="stable")
    ends = np.flatnonzero(plain | fused | (folded & ~absorbed))
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
    """Return the names of operations, the index of each instruction's, and its operands, padded by -1."""
    operands = np.full((len(program.codes), max(3, len(program.columns))), -1)
    operands[:, : len(program.columns)] = program.columns.T
    return list(program.operations), program.codes.astype(np.int64), operands


def _code(names: list[str], name: str) -> int:
    """Return the index of an operation, -2, which no instruction has, if the program does not use it."""
    return names.index(name) if name in names else -2


def _steps(names: list[str], code: Ints, operands: Ints, inner: Flags, first: int) -> tuple[Ints, Ints]:
    """Return for each step of a fold the index of the operand that is the step before, and that step; -1 for none."""
    carried, before = np.full(len(code), -1), np.full(len(code), -1)
    for name, operand in CARRIED.items():
        steps = np.flatnonzero(code == _code(names, name))
        carried[steps] = operand
        for choice in (1, 0) if name == "add" else (operand,):  # the operands of an addition may swap
            source = operands[steps, choice] - first
            follows = (source >= 0) & inner[np.maximum(source, 0)] & (code[np.maximum(source, 0)] == code[steps])
            carried[steps[follows]], before[steps[follows]] = choice, source[follows]
    return carried, before


def _pairs(sums: Flags, products: Flags, operands: Ints, first: int) -> Flags:
    """Return which additions add two products."""
    found = sums.copy()
    for k in range(2):
        at = operands[found, k] - first
        found[found] = (at >= 0) & products[np.maximum(at, 0)]
    return found


def _folds(carried: Ints, before: Ints, pairs: Flags) -> tuple[Flags, Ints]:
    """Return which instructions are steps of folds that are long enough, and for each the first step of its fold.

    A fold whose first step adds two products, one of `pairs`, may be of any length.
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
    names: list[str], columns: _Columns, folded: Flags, before: Ints, head: Ints, carried: Ints
) -> tuple[Ints, Ints, Ints]:
    """Return the terms of all folds in order: the step of each, its slot, and the other slot of a pair, or -1."""
    steps = np.flatnonzero(folded)
    steps = steps[np.argsort(head[steps], kind="stable")]
    operands, begins = columns.operands[steps], before[steps] < 0
    select = columns.code[steps] == _code(names, "where")
    start = operands[np.arange(len(steps)), carried[steps]]
    term = np.where(select, operands[:, 0], operands[np.arange(len(steps)), 1 - np.minimum(carried[steps], 1)])
    other = np.where(select, operands[:, 1], -1)
    step = np.repeat(np.arange(len(steps)), 1 + begins)
    firsts = np.flatnonzero(begins) + np.cumsum(begins)[begins] - 1
    slots, others = term[step], other[step]
    slots[firsts], others[firsts] = start[begins], -1
    return steps[step], slots, others

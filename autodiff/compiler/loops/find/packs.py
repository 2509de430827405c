"""Packs: nodes whose expression trees are equal up to the leaves they read.

The shape of a node is its operation and the shapes of its terms; all parameters have one shape, all inputs another, all
constants a third. No node of a pack can depend on another, and packs are in an order of evaluation. Two neurons:

    t0 = dot([x0, x1], [x4, x5])        pack 0: fold(input · input, input · input): t0, t2
    t1 = tanh(t0)                       pack 1: tanh(pack 0): t1, t3
    t2 = dot([x2, x3], [x4, x5])
    t3 = tanh(t2)

Shapes are compared as hashes, of one level of the graph after the other; then each pack is checked term by term.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ... import tuning
from ...program.program import Program
from .folds import Ints, Nodes

PARAMETER, INPUT, CONSTANT = range(3)
ODD = tuple(np.uint64(x) for x in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
Hashes = NDArray[np.uint64]


class Pack(NamedTuple):
    """Nodes of one shape: their operation, the slots of their results, and their terms, shape (nodes, terms).

    `choices` is the number of values that the index of a lookup may have, 0 for other packs.
    """

    operation: str
    is_fold: bool
    result: Ints
    slot: Ints
    other: Ints
    choices: int = 0


class Packs(NamedTuple):
    """Packs in an order of evaluation, and for each slot the slot that stands for it.

    These differ where nodes have the same operation and operands: such nodes are evaluated once.
    """

    packs: list[Pack]
    same: Ints


def packed(program: Program, nodes: Nodes, *, fewest: float = 0.0) -> Packs | None:
    """Return the packs of `nodes`; None if they have fewer than `fewest` nodes on average, or that seems certain."""
    shape = np.zeros(program.slots + 1, np.uint64)  # of each slot; that of none, -1, is last
    leaves = np.array([PARAMETER, INPUT, CONSTANT], np.uint64) + np.uint64(1)
    shape[: program.first] = np.repeat(leaves, (program.parameters, program.inputs, len(program.constants)))
    same = np.append(np.arange(program.slots), -1)
    _merge_constants(program, same)
    found: list[Pack] = []
    seen, slack = 0, tuning.PATIENCE + len(nodes.result) // tuning.PATIENCE_NODES
    for level in _levels(program, nodes):
        seen += len(level)
        sizes = nodes.stop[level] - nodes.start[level]
        terms = _ranges(nodes.start[level], sizes)
        slot, other = _in_order(nodes, level, sizes, shape, same[nodes.slot[terms]], same[nodes.other[terms]])
        distinct = _distinct(nodes, level, sizes, slot, other, same)
        kept = np.repeat(distinct, sizes)
        level, sizes, slot, other = level[distinct], sizes[distinct], slot[kept], other[kept]
        keys = _keys(nodes, level, sizes, shape[slot], shape[other])
        shape[nodes.result[level]] = keys
        kinds, firsts, kind = np.unique(keys, return_index=True, return_inverse=True)
        if (len(found) + len(kinds) - slack) * fewest > seen:
            return None
        if not _alike(nodes, level, sizes, shape[slot], shape[other], np.arange(len(level)), firsts[kind]).all():
            return None  # two shapes with one hash, which is hardly possible
        starts = np.cumsum(sizes) - sizes
        for k in np.argsort(firsts, kind="stable"):
            members = np.flatnonzero(kind == k) if len(kinds) > 1 else np.arange(len(level))
            places = _ranges(starts[members], sizes[members]).reshape(len(members), -1)
            first = level[members[0]]
            name, is_fold = nodes.names[nodes.operation[first]], bool(nodes.is_fold[first])
            found.append(Pack(name, is_fold, nodes.result[level[members]], slot[places], other[places]))
    return Packs(found, same) if len(found) * fewest <= len(nodes.result) else None


def _merge_constants(program: Program, same: Ints) -> None:
    """Let the first of the constants with the same bits stand for all of them in `same`."""
    if program.constants:
        bits = np.array(program.constants).view(np.int64)
        _, firsts, which = np.unique(bits, return_index=True, return_inverse=True)
        start = program.first - len(bits)
        same[start : program.first] = start + firsts[which]


def _distinct(nodes: Nodes, level: Ints, sizes: Ints, slot: Ints, other: Ints, same: Ints) -> NDArray[np.bool_]:
    """Return which nodes differ from all before them in the level; an equal one before stands for the others."""
    keys = _keys(nodes, level, sizes, _mixed(slot.astype(np.uint64)), _mixed(other.astype(np.uint64)))
    _, firsts, which = np.unique(keys, return_index=True, return_inverse=True)
    before = firsts[which]
    again = np.flatnonzero((before != np.arange(len(level))) & ~(nodes.is_fold[level] & (sizes == 1)))
    again = again[_alike(nodes, level, sizes, slot, other, again, before[again])]
    same[nodes.result[level[again]]] = nodes.result[level[before[again]]]
    distinct = np.ones(len(level), bool)
    distinct[again] = False
    return distinct


def _alike(
    nodes: Nodes, level: Ints, sizes: Ints, first: NDArray[Any], second: NDArray[Any], one: Ints, two: Ints
) -> NDArray[np.bool_]:
    """Return which of the nodes `one` of a level are equal to those `two`, whose hash they have."""
    alike: NDArray[np.bool_] = (nodes.operation[level[one]] == nodes.operation[level[two]]) & (sizes[one] == sizes[two])
    alike &= nodes.is_fold[level[one]] == nodes.is_fold[level[two]]
    starts = np.cumsum(sizes) - sizes
    left, right = one[alike], two[alike]
    a, b = _ranges(starts[left], sizes[left]), _ranges(starts[right], sizes[left])
    if len(left):
        differ = (first[a] != first[b]) | (second[a] != second[b])
        alike[alike] = ~np.logical_or.reduceat(differ, np.cumsum(sizes[left]) - sizes[left])
    return alike


def _levels(program: Program, nodes: Nodes) -> Iterator[Ints]:
    """Yield level after level: the nodes all of whose operands are in levels before."""
    node = np.full(program.slots, -1)
    node[nodes.result] = np.arange(len(nodes.result))
    reader = np.repeat(np.arange(len(nodes.result)), nodes.stop - nodes.start)
    sources = np.concatenate([nodes.slot, nodes.other])
    readers = np.concatenate([reader, reader])
    inside = sources >= program.first
    sources, readers = node[sources[inside]], readers[inside]
    waiting = np.bincount(readers, minlength=len(nodes.result))
    order = np.argsort(sources.astype(np.int32))  # in any order of equal ones, which `unique` sorts
    sizes = np.bincount(sources, minlength=len(nodes.result))
    starts = np.cumsum(sizes) - sizes
    readers = readers[order]
    level = np.flatnonzero(waiting == 0)
    while len(level):
        yield level
        now, times = np.unique(readers[_ranges(starts[level], sizes[level])], return_counts=True)
        waiting[now] -= times
        level = now[waiting[now] == 0]


def _ranges(starts: Ints, sizes: Ints) -> Ints:
    """Return start, start + 1, …, start + size - 1 of each range, range after range."""
    ends = np.cumsum(sizes)
    found: Ints = np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - (ends - sizes), sizes)
    return found


def _in_order(nodes: Nodes, level: Ints, sizes: Ints, shape: Hashes, slot: Ints, other: Ints) -> tuple[Ints, Ints]:
    """Return the terms with the operands of commutative operations in the order of their shapes."""
    factors = np.repeat(np.array([name != "where" for name in nodes.names])[nodes.operation[level]], sizes)
    swapped = (other >= 0) & factors & (shape[slot] > shape[other])
    slot, other = np.where(swapped, other, slot), np.where(swapped, slot, other)
    symmetric = (
        np.array([name in ("add", "mul") for name in nodes.names])[nodes.operation[level]] & ~nodes.is_fold[level]
    )
    x = (np.cumsum(sizes) - sizes)[symmetric]
    x = x[shape[slot[x]] > shape[slot[x + 1]]]
    slot[x], slot[x + 1] = slot[x + 1], slot[x]
    return slot, other


def _keys(nodes: Nodes, level: Ints, sizes: Ints, slot: Hashes, other: Hashes) -> Hashes:
    """Return a 64-bit hash of each node's operation and of its terms in order."""
    with np.errstate(over="ignore"):
        begins = np.cumsum(sizes) - sizes
        place = (np.arange(len(slot)) - np.repeat(begins, sizes)).astype(np.uint64)
        terms = _mixed(_mixed(slot) * ODD[0] + other + place * ODD[1])
        kind = (nodes.operation[level] * 2 + nodes.is_fold[level]).astype(np.uint64)
        return _mixed(np.add.reduceat(terms, begins) + kind * ODD[2] + sizes.astype(np.uint64) * ODD[0])


def _mixed(x: Hashes) -> Hashes:
    """Return the finalizer of splitmix64 (Steele et al. 2014): every bit of x moves every other."""
    x = (x ^ (x >> np.uint64(30))) * ODD[1]
    x = (x ^ (x >> np.uint64(27))) * ODD[2]
    return x ^ (x >> np.uint64(31))

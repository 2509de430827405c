"""Jobs of folds: loop nests over nodes and terms whose offsets are regular, else tables of offsets.

Three neurons with two inputs, weights at offsets 0 to 5 and inputs at 6 and 7: the first factors are at
[[0, 1], [2, 3], [4, 5]], the second ones at [[6, 7], [6, 7], [6, 7]], a line for each node. Terms are one segment: both
factors step by 1. Nodes are one nest of 3: the factors step by 2 and by 0, so the second one is shared by a tile of 3.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ... import tuning
from ...batch.reduction import LANES
from ...llvm import jit
from ..find.folds import Ints
from ..find.packs import Pack
from ..find.strides import Nest, alike, nests
from .jobs import Fold, Gathered, GatheredFold, Job, Strided
from .layout import ROWS, Layout

Operands = list[tuple[Ints, Ints]]  # of first and second factors: layout, (members, terms), and regions, (terms,)


class Segment(NamedTuple):
    """A run of terms of a fold: the strides and regions of their first and second factors."""

    start: int
    terms: int
    strides: list[int]
    regions: list[int]


def folded(layout: Layout, pack: Pack, rows: bool) -> tuple[list[Job], str]:
    """Return the jobs of a pack of folds, whose results have offsets, and the word for how they are computed."""
    operands = _operands(layout, pack)
    jobs = _nests(layout, pack, operands, _segments(operands), rows)
    if jobs is None and len(pack.result) >= tuning.APART:
        each = [Segment(k, 1, [0, 0], [int(r[k]) for _, r in operands]) for k in range(pack.slot.shape[1])]
        jobs = _nests(layout, pack, operands, each, rows)
    return (_tables(layout, pack, operands, rows), "tables") if jobs is None else (jobs, "loops")


def _operands(layout: Layout, pack: Pack) -> Operands:
    """Return the offsets and regions of first and second factors: 0 and -1 where there is none."""
    found = []
    for slots in (pack.slot, pack.other):
        regions = layout.region[slots[0]]
        regions[slots[0] < 0] = -1
        at = layout.offset[slots]
        at[:, slots[0] < 0] = 0
        found.append((at, regions))
    return found


def _segments(operands: Operands) -> list[Segment] | None:
    """Return the runs of terms in the same regions and at one stride; None if there are too many."""
    regions = np.stack([regions for _, regions in operands])
    length = regions.shape[1]
    found: list[Segment] = []
    for first, last in alike(regions):
        parts = np.stack([at[:, first:last] for at, _ in operands])
        steps = parts[:, :, 1:] - parts[:, :, :-1]
        runs = None if (steps != steps[:, :1]).any() else nests(parts[:, 0], max(3, length // 8))
        if runs is None:
            return None
        for nest in runs:
            begins = range(first + nest.start, first + nest.start + nest.outer * nest.inner, nest.inner)
            found += [Segment(begin, nest.inner, nest.inner_strides, regions[:, first].tolist()) for begin in begins]
    return found if len(found) <= max(3, length // 4) else None


def _nests(
    layout: Layout, pack: Pack, operands: Operands, segments: list[Segment] | None, rows: bool
) -> list[Job] | None:
    """Return the jobs for segments of terms, None if the offsets of nodes are too irregular for nests."""
    jobs: list[Job] = []
    for segment in segments or []:
        origins = np.stack([*(at[:, segment.start] for at, _ in operands), layout.offset[pack.result]])
        members = nests(origins, max(4, len(pack.result) // 64))
        if members is None:
            return None
        jobs += [_nested(_fold(pack), origins, segment, nest, rows) for nest in members]
    return jobs or None


def _nested(fold: str, origins: Ints, segment: Segment, nest: Nest, rows: bool) -> Job:
    """Return the job of a segment of terms for a nest of nodes: its inner loop is in tiles, or in lanes."""
    *starts, out = origins[:, nest.start].tolist()
    far, near = nest.outer_strides, nest.inner_strides
    continued = int(segment.start > 0)
    if rows:
        words = Fold.Words(nest.outer, nest.inner, 0, segment.terms, out, far[-1], near[-1], continued)
    else:
        words = Fold.Words(1, nest.outer, nest.inner, segment.terms, out, 0, far[-1], continued)
    modes, shared, read = "", [], []
    for i, region in enumerate(segment.regions):
        if region >= 0:
            outer, inner, lane = (far[i], near[i], 0) if rows else (0, far[i], near[i])
            modes += ("r" if region == ROWS else "s") if rows else {0: "s", 1: "c"}.get(near[i], "g")
            shared.append(inner == 0)
            read.append(Strided(region, starts[i], outer, inner, lane, segment.strides[i]))
    work = segment.terms * nest.outer * nest.inner
    tiles = _tiles(words.inner, shared)
    alone = tiles == (1,)  # one node: sharing makes no other kernel
    return Job(Fold(fold, rows, modes, tuple(alone or x for x in shared), tiles), words, read, work)


def _tiles(nodes: int, shared: list[bool]) -> tuple[int, ...]:
    """Return the sizes of tiles for a loop over nodes: 1 where nothing is shared, else one size if it divides them.

    >>> _tiles(30, [False, True]) if jit.wide() else (6,)
    (6,)
    """
    if len(shared) == 1 or all(shared) or nodes == 1:
        return (1,)
    most = tuning.TILE if jit.wide() else tuning.TILE // 2
    if nodes <= most:
        return (nodes,)
    size = next((size for size in range(most, most // 2, -1) if nodes % size == 0), most)
    return (size, nodes % size) if nodes % size else (size,)


def merged(jobs: list[Job]) -> list[Job]:
    """Return the jobs; small folds take the tiles of larger ones, so that fewer kernels are compiled."""
    work: Counter[Fold] = Counter()
    nodes: dict[Fold, set[int]] = {}
    for job in jobs:
        if isinstance(job.kernel, Fold):
            work[job.kernel] += job.work
            nodes.setdefault(job.kernel, set()).add(job.words.inner)
    instead: dict[Fold, Fold] = {}
    whole = sum(job.work for job in jobs)
    for kernel in sorted(work, key=lambda one: work[one]):
        others = [other for other in work if other != kernel and len(other.tiles) == 1]
        others = [other for other in others if replace(other, tiles=kernel.tiles) == kernel]
        fitting = [other for other in others if not any(count % other.tiles[0] for count in nodes[kernel])]
        if fitting and work[kernel] * tuning.MERGED <= whole:
            other = max(fitting, key=lambda one: one.tiles)
            instead[kernel] = other
            work[other] += work.pop(kernel)
            nodes[other] |= nodes.pop(kernel)
    found = []
    for job in jobs:
        chosen = job.kernel
        while isinstance(chosen, Fold) and chosen in instead:
            chosen = instead[chosen]
        found.append(job._replace(kernel=chosen))
    return found


def _tables(layout: Layout, pack: Pack, operands: Operands, rows: bool) -> list[Job]:
    """Return the jobs of folds by tables of offsets, one for each run of terms in the same regions."""
    jobs = []
    for first, last in alike(np.stack([regions for _, regions in operands])):
        words = GatheredFold.Words(len(pack.result), last - first, int(layout.offset[pack.result[0]]), int(first > 0))
        modes, read = "", []
        for at, regions in operands:
            if regions[first] >= 0:
                modes += ("r" if regions[first] == ROWS else "s") if rows else "i"
                part = at[:, first:last]
                if not rows:
                    part = np.pad(part, ((0, -len(part) % LANES), (0, 0)), mode="edge").T
                read.append(Gathered(int(regions[first]), layout.table(part)))
        jobs.append(Job(GatheredFold(_fold(pack), rows, modes), words, read, len(pack.result) * (last - first)))
    return jobs


def _fold(pack: Pack) -> str:
    """Return the operation of the steps of a fold, `add` for a single product."""
    return "add" if pack.operation == "mul" else pack.operation

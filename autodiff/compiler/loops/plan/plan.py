"""The plan of a program: the jobs that compute its packs, each a call of a kernel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ... import tuning
from ...batch.reduction import LANES
from ...program.program import Program
from ..find.folds import Ints
from ..find.lookups import GRADIENT, looked_up
from ..find.packs import Pack, Packs
from ..find.strides import alike, consecutive, different
from .folds import folded, merged
from .jobs import Gathered, Guard, Job, Listed, Map, OuterProduct, RunOfTerms, Store, SumOfOuterProducts, Total
from .layout import ROWS, Layout
from .lookups import lookup, summed_gradient

SPARSE = "relu", "relu'0"  # operations whose results are often 0


class Plan:
    """The jobs for a program: `before` once in a call, `jobs` for each tile of rows.

    With `rowwise`, inputs differ from row to row and a kernel's lanes are rows; otherwise there is one row, and lanes
    are nodes of a pack. With `summed`, outputs are added up over the rows of a tile instead of being kept. `ways` are
    pairs of a pack and the word for how it is computed.
    """

    def __init__(self, program: Program, found: Packs, *, rowwise: bool, summed: bool) -> None:
        self.program, self.rowwise, self.summed = program, rowwise, summed
        self.layout = Layout(program, found.packs, rowwise)
        self.before: list[Job] = []
        self.jobs: list[Job] = []
        self.sums: list[Job] = []  # after the others, when it is known which rows take the branches
        self.ways: list[tuple[Pack, str]] = []
        self.same = found.same
        self.outputs = self.same[np.array(program.outputs, np.int64)]
        self.guarded = self.same[np.array([slot for slot, _ in program.guards], np.int64)]
        self.stored = np.ones(len(self.outputs), bool)  # False for outputs that only a sum over rows reads
        self.output = np.full(program.slots, -1)  # by slot: the output that it is, the last one if it is several
        self.output[self.outputs] = np.arange(len(self.outputs))
        self.sparse = np.zeros(program.slots + 1, bool)  # slots that are often 0
        self.times = np.bincount(self.outputs, minlength=program.slots)
        packs = looked_up(program, found.packs, self.layout.region, self.output, self.guarded)
        self.read = self._read(packs)
        for pack in packs:
            if pack.choices:
                self._lookup(pack)
            else:
                self._add(_aligned(self.layout.in_order(pack)))
        self._guard()
        self._store()
        self.before, self.jobs = merged(self.before), merged(self.jobs + self.sums)

    def _add(self, pack: Pack) -> None:
        """Plan the jobs of a pack."""
        rows = self.layout.of_rows(pack)
        if pack.operation == "mul":
            self.sparse[pack.result] = self.sparse[pack.slot[0]].any() or self.sparse[pack.other[0]].any()
        elif not pack.is_fold:
            self.sparse[pack.result] = pack.operation in SPARSE
        if self.summed and rows and self._only_summed(pack) and (way := self._products(pack)):
            self.ways.append((pack, way))
            return
        self.layout.settle(pack.result)
        jobs, way = folded(self.layout, pack, rows) if pack.is_fold else ([self._map(pack, rows)], "loops")
        (self.jobs if rows else self.before).extend(jobs)
        self.ways.append((pack, way))

    def _map(self, pack: Pack, rows: bool) -> Job:
        """Return the job of an operation for each node."""
        words = Map.Words(len(pack.result), int(self.layout.offset[pack.result[0]]))
        modes, operands = "", []
        for column in pack.slot.T:
            region, at = int(self.layout.region[column[0]]), self.layout.offset[column]
            if rows:
                mode = "r" if region == ROWS else "s"
            else:
                steps = at[1:] - at[:-1]
                mode = "s" if not steps.any() else "c" if (steps == 1).all() else "i"
                at = np.pad(at, (0, -len(at) % LANES), mode="edge") if mode == "i" else at
            modes += mode
            operands.append(Listed(region, int(at[0]), self.layout.table(at) if rows or mode == "i" else 0))
        return Job(Map(pack.operation, rows, modes), words, operands, len(pack.result))

    def _lookup(self, pack: Pack) -> None:
        """Plan lookups, or the gradient of some."""
        layout, rows = self.layout, self.layout.of_rows(pack)
        self.ways.append((pack, "lookups"))
        if pack.operation == GRADIENT and self.summed and rows and self._alone(pack):
            grid = self.output[pack.result].reshape(pack.choices, -1)
            self.stored[grid] = False
            self.sums.append(summed_gradient(layout, pack, grid))
            return
        pack = pack if pack.operation == GRADIENT else layout.in_order(pack)
        layout.settle(pack.result)
        (self.jobs if rows else self.before).append(lookup(layout, pack))

    def _read(self, packs: list[Pack]) -> NDArray[np.bool_]:
        """Return which slots nodes or guards read; the entry of no slot, -1, is last."""
        read = np.zeros(self.program.slots + 1, bool)
        for pack in packs:
            read[pack.slot] = read[pack.other] = True
        read[self.guarded] = True
        return read

    def _only_summed(self, pack: Pack) -> bool:
        """Return whether the nodes of a pack are sums of products, each one output and nothing else."""
        return _of_products(pack) and self._alone(pack)

    def _alone(self, pack: Pack) -> bool:
        """Return whether each node of a pack is one output and nothing else."""
        return not self.read[pack.result].any() and bool((self.times[pack.result] == 1).all())

    def _products(self, pack: Pack) -> str:
        """Plan sums of products that are only summed over rows, never stored; return the word for it, empty if not."""
        outputs, layout = self.output[pack.result], self.layout
        (lefts, left), (rights, right) = (different(layout.offset[x]) for x in (pack.slot, pack.other))
        sparse = [bool(self.sparse[x[0]].any()) for x in (pack.slot, pack.other)]
        regions = np.stack([layout.region[x[0]] for x in (pack.slot, pack.other)])
        grid = _grid(left, right, outputs)
        gain = (len(lefts) >= LANES) - (len(rights) >= LANES)  # full vectors, if the grid is transposed
        if grid is not None and gain == 0 and not consecutive(grid):  # or results side by side, or sparse nodes
            gain = int(consecutive(grid.T) or sparse == [False, True])
        if grid is not None and gain > 0:
            lefts, rights, grid, regions = rights, lefts, grid.T, regions[::-1]
            sparse.reverse()
        if pack.slot.shape[1] > 1:
            if grid is None or len(rights) < LANES or len(alike(regions)) > tuning.RUNS:
                return ""
            self._outer(lefts, rights, grid, regions=regions)
            return "sum of outer products"
        if grid is None or (regions != ROWS).any():
            self.stored[outputs] = False
            self._total(pack.slot[:, 0], pack.other[:, 0], outputs)
            return "tables"
        self._outer(lefts, rights, grid, sparse[0])
        return "outer product"

    def _outer(
        self, lefts: Ints, rights: Ints, grid: Ints, sparse: bool = False, *, regions: Ints | None = None
    ) -> None:
        """Plan the sums over rows of a grid of products, or of sums of products whose factors are in these regions.

        With `sparse`, the left ones are often 0.
        """
        self.stored[grid] = False
        table, beside, pad = self.layout.table, consecutive(grid), (0, -len(rights) % LANES)
        rights = np.pad(rights, (pad, (0, 0)), mode="edge")
        (n, m), outputs = grid.shape, table(np.pad(grid, ((0, 0), pad), mode="edge"))
        if regions is None:
            words = OuterProduct.Words(n, m, outputs, table(lefts), table(rights))
            self.sums.append(Job(OuterProduct(beside, sparse), words, [], grid.size))
            return
        modes: list[str] = []
        runs: list[tuple[int, ...]] = []
        for first, last in alike(regions):
            left, right = regions[:, first].tolist()
            modes.append("".join("r" if region == ROWS else "s" for region in (left, right)))
            factors = Gathered(left, table(lefts.T[first:last])), Gathered(right, table(rights.T[first:last]))
            runs += [RunOfTerms(last - first), *factors]
        kernel = SumOfOuterProducts(beside, tuple(modes))
        self.sums.append(Job(kernel, SumOfOuterProducts.Words(n, m, outputs), runs, lefts.shape[1] * grid.size))

    def _total(self, slots: Ints, others: Ints | None, outputs: Ints) -> None:
        """Plan sums over rows of slots, or of products of two, each to an output; or the copies of slots, unsummed."""
        pad = 0, -len(outputs) % LANES
        kind = Total if self.summed else Store
        words = kind.Words(len(outputs), self.layout.table(np.pad(outputs, pad, mode="edge")))
        modes, operands = "", []
        for column in (slots, others):
            if column is not None:
                region = int(self.layout.region[column[0]])
                modes += ("r" if region == ROWS else "s") if self.rowwise else "i"
                table = self.layout.table(np.pad(self.layout.offset[column], pad, mode="edge"))
                operands.append(Gathered(region, table))
        self.sums.append(Job(kind(modes), words, operands, len(outputs)))

    def _guard(self) -> None:
        """Plan the tests that clear the masks of rows that take other branches."""
        guards = np.array(self.program.guards, np.int64).reshape(-1, 2)
        guards[:, 0] = self.guarded
        regions = self.layout.region[guards[:, 0]]
        for region in np.unique(regions).tolist():
            chosen = guards[regions == region]
            table = self.layout.table(np.stack([self.layout.offset[chosen[:, 0]], chosen[:, 1]], axis=1))
            kernel = Guard("r" if region == ROWS else "s")
            self.jobs.append(Job(kernel, Guard.Words(len(chosen)), [Gathered(region, table)], len(chosen)))

    def _store(self) -> None:
        """Plan the sums, or the copies, of the outputs that are stored."""
        stored = np.flatnonzero(self.stored)
        regions = self.layout.region[self.outputs[stored]]
        for region in np.unique(regions).tolist():
            chosen = stored[regions == region]
            self._total(self.outputs[chosen], None, chosen)


def _of_products(pack: Pack) -> bool:
    """Return whether the nodes of a pack are products, or sums of products alone."""
    return pack.operation in ("mul", "add") and bool((pack.other >= 0).all())


def _aligned(pack: Pack) -> Pack:
    """Return a pack with factors swapped so that, if two nodes share a first factor, they do in all terms."""
    slot, other = pack.slot, pack.other
    if slot.shape[1] == 1 or not _of_products(pack):
        return pack
    at = int(np.argmax((slot != slot[0]).any(axis=0) & (other != other[0]).any(axis=0)))  # where both differ
    lefts, rights = (_first_alike(x[:, at]) for x in (slot, other))

    def shared(left: Ints, right: Ints) -> NDArray[np.bool_]:
        return np.asarray((left == left[lefts]).all(axis=0) & (right == right[rights]).all(axis=0))

    swapped = shared(other, slot) & ~shared(slot, other)
    return pack._replace(slot=np.where(swapped, other, slot), other=np.where(swapped, slot, other))


def _first_alike(xs: Ints) -> Ints:
    """Return for each number the index of the first that is equal."""
    _, firsts, which = np.unique(xs, return_index=True, return_inverse=True)
    return firsts[which]


def _grid(left: Ints, right: Ints, outputs: Ints) -> Ints | None:
    """Return the outputs as a grid, lefts by rights; None unless there is one output for each pair."""
    shape = int(left.max()) + 1, int(right.max()) + 1
    if shape[0] * shape[1] != len(outputs):
        return None
    grid = np.full(shape, -1)
    grid[left, right] = outputs
    return grid if (grid >= 0).all() else None

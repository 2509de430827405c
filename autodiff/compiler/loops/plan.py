"""The plan of a program: the jobs that compute its groups, each a call of a kernel."""

from __future__ import annotations

import numpy as np

from ..program import Program
from ..reduction import LANES
from .chains import Ints
from .folding import folded
from .groups import Group, Groups
from .places import FIXED, ROWS, Job, Places


class Plan:
    """The jobs for a program: `before` once in a call, `jobs` for each tile of rows.

    With `rowwise`, inputs differ from row to row and a kernel's lanes are rows; otherwise there is one row, and lanes
    are nodes of a group. With `summed`, outputs are added up over the rows of a tile instead of being kept. `ways` has
    each group, and in a word how it is computed.
    """

    def __init__(self, program: Program, found: Groups, *, rowwise: bool, summed: bool) -> None:
        self.program, self.rowwise, self.summed = program, rowwise, summed
        self.places = Places(program, rowwise)
        self.before: list[Job] = []
        self.jobs: list[Job] = []
        self.sums: list[Job] = []  # after the others, when it is known which rows take the branches
        self.ways: list[tuple[Group, str]] = []
        self.same = found.same
        self.outputs = self.same[np.array(program.outputs, np.int64)]
        self.stored = np.ones(len(self.outputs), bool)  # and not added up on the way
        for group in found.groups:
            self._add(self.places.in_order(group))
        self._guard()
        if rowwise:
            self._store()
        self.jobs += self.sums

    def _add(self, group: Group) -> None:
        """Plan a group."""
        rows = self.places.of_rows(group)
        if self.summed and rows and group.chain and group.slot.shape[1] == 1:
            self.ways.append((group, self._products(group)))
            return
        self.places.settle(group.result, ROWS if rows else FIXED)
        jobs, way = folded(self.places, group, rows) if group.chain else ([self._map(group, rows)], "loops")
        (self.jobs if rows else self.before).extend(jobs)
        self.ways.append((group, way))

    def _map(self, group: Group, rows: bool) -> Job:
        """Return the job of an operation for each member."""
        words = [len(group.result), int(self.places.place[group.result[0]])]
        modes = ""
        for column in group.slot.T:
            region, at = int(self.places.region[column[0]]), self.places.place[column]
            if rows:
                mode = "r" if region == ROWS else "s"
            else:
                steps = at[1:] - at[:-1]
                mode = "s" if not steps.any() else "c" if (steps == 1).all() else "i"
                at = np.pad(at, (0, -len(at) % LANES), mode="edge") if mode == "i" else at
            modes += mode
            words += [region, int(at[0]), self.places.table(at) if rows or mode == "i" else 0]
        return Job(("map", group.operation, rows, modes), words)

    def _products(self, group: Group) -> str:
        """Plan products that are outputs only: they are added up over the rows and never stored; return how."""
        outputs = np.flatnonzero(np.isin(self.outputs, group.result))
        outputs = outputs[np.argsort(self.outputs[outputs])][np.argsort(np.argsort(group.result))]
        self.stored[outputs] = False
        factors = group.slot[:, 0], group.other[:, 0]
        (lefts, left), (rights, right) = (np.unique(self.places.place[x], return_inverse=True) for x in factors)
        grid = np.full((len(lefts), len(rights)), -1)
        grid[left, right] = outputs
        if (grid < 0).any() or grid.size != len(outputs) or any(self.places.region[x[0]] != ROWS for x in factors):
            self._total(*factors, outputs)
            return "tables"
        if not _consecutive(grid):  # results that are beside each other are better written together
            lefts, rights, grid = rights, lefts, grid.T
        pad = 0, -len(rights) % LANES
        tables = lefts, np.pad(rights, pad, mode="edge"), np.pad(grid, ((0, 0), pad), mode="edge")
        words = [len(lefts), len(rights), *map(self.places.table, tables)]
        self.sums.append(Job(("outer", _consecutive(grid)), words))
        return "outer product"

    def _total(self, slots: Ints, others: Ints | None, outputs: Ints) -> None:
        """Plan sums over rows of slots, or of products of two, each to an output; or the copies of slots, unsummed."""
        words, modes = [len(outputs), self.places.table(outputs)], ""
        for column in (slots, others):
            if column is not None:
                region = int(self.places.region[column[0]])
                modes += "r" if region == ROWS else "s"
                words += [region, self.places.table(self.places.place[column])]
        self.sums.append(Job(("total" if self.summed else "emit", modes), words))

    def _guard(self) -> None:
        """Plan the strikes of rows that take other branches."""
        guards = np.array(self.program.guards, np.int64).reshape(-1, 2)
        guards[:, 0] = self.same[guards[:, 0]]
        regions = self.places.region[guards[:, 0]]
        for region in np.unique(regions).tolist():
            chosen = guards[regions == region]
            table = self.places.table(np.stack([self.places.place[chosen[:, 0]], chosen[:, 1]], axis=1))
            self.jobs.append(Job(("guard", "r" if region == ROWS else "s"), [len(chosen), region, table]))

    def _store(self) -> None:
        """Plan the sums, or the copies, of the outputs that are stored."""
        stored = np.flatnonzero(self.stored)
        regions = self.places.region[self.outputs[stored]]
        for region in np.unique(regions).tolist():
            chosen = stored[regions == region]
            self._total(self.outputs[chosen], None, chosen)


def _consecutive(grid: Ints) -> bool:
    """Tell whether each row of a grid counts up by one."""
    return bool((np.diff(grid, axis=1) == 1).all())

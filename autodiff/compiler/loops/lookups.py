"""Lookups found again: selections by an index become one `take`, and sums of products with their conditions `take'`.

The rule of the row `take` selects number after number, where the index is 0, 1, 2, …, and its partials are 1.0 where
it is, else 0.0. With many numbers, one load at the index is the same with less to do; and of the gradient only the
lines that some index names differ from all others.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..program import Program
from ..reduction import LANES
from .chains import Ints
from .groups import Group
from .places import ROWS, Job, Places, consecutive, different

LEAST = 8  # numbers to take from, below which selections are as good
SPARE = 2  # times as many numbers as indices, below which a gradient has hardly a line that none of them names
TAKE, GRADIENT = "take", "take'"


class Conditions:
    """Of each slot, whether it is 1.0 where an index is a certain number, and 0.0 elsewhere: which ones, or -1."""

    def __init__(self, program: Program) -> None:
        self.index, self.number = np.full(program.slots + 1, -1), np.full(program.slots + 1, -1)
        self._constant = np.full(program.slots + 1, np.nan)
        self._constant[program.first - len(program.constants) : program.first] = program.constants

    def note(self, group: Group) -> bool:
        """Note which members of a group are conditions; tell whether there are any."""
        if group.chain or group.operation not in ("eq", "where"):
            return False
        if group.operation == "eq":
            index, number = group.slot[:, 0], self._constant[group.slot[:, 1]]
            known = (number >= 0.0) & (number < 2**31) & (np.floor(number) == number)
        else:  # 1.0 or 0.0
            one, zero = (self._constant[group.slot[:, i]] for i in (1, 2))
            index, number = self.index[group.slot[:, 0]], self.number[group.slot[:, 0]]
            known = (index >= 0) & (one == 1.0) & (zero == 0.0) & ~np.signbit(zero)
        self.index[group.result[known]], self.number[group.result[known]] = index[known], number[known]
        return bool(known.any())


def looked_up(program: Program, groups: list[Group], region: Ints, outputs: Ints, guarded: Ints) -> list[Group]:
    """Return groups with lookups in place of selections, and without conditions that nothing reads any more.

    `region` has where each slot is, and `outputs` which output it is, or -1; `guarded` are the slots that guards read.
    """
    conditions = Conditions(program)
    tests: set[int] = set()
    found: list[Group] = []
    for group in groups:
        if conditions.note(group):
            tests.add(len(found))
        lookups = _lookups(group, conditions, region, outputs)
        found += lookups or [group]
    if not tests or not any(group.operation in (TAKE, GRADIENT) for group in found):
        return groups
    read = np.zeros(program.slots + 1, bool)
    read[guarded] = True
    for i in range(len(found) - 1, -1, -1):  # readers are after what they read
        group = found[i]
        if i in tests:
            kept = read[group.result] | (outputs[group.result] >= 0)
            found[i] = group = group._replace(result=group.result[kept], slot=group.slot[kept], other=group.other[kept])
        read[group.slot] = read[group.other] = True
    return [group for group in found if len(group.result)]


def _lookups(group: Group, conditions: Conditions, region: Ints, outputs: Ints) -> list[Group]:
    """Return the lookups that a group is, none if it is something else."""
    if not group.chain:
        return []
    if group.operation == "where":
        return _taken(group, conditions, region)
    if group.operation in ("add", "mul") and (group.other >= 0).all():
        return _gradients(group, conditions, region, outputs)
    return []


def _taken(group: Group, conditions: Conditions, region: Ints) -> list[Group]:
    """Return selections as lookups: the terms are what is taken for other indices, the index, and the numbers."""
    tests, numbers = group.slot[:, 1:], group.other[:, 1:]
    count = tests.shape[1]
    index = conditions.index[tests]
    known = (index >= 0) & (index == index[:, :1]) & (conditions.number[tests] == np.arange(count))
    if count < LEAST or not known.all() or not _one(region[numbers[0]]):
        return []
    slot = np.concatenate([group.slot[:, :1], index[:, :1], numbers], axis=1)
    return [Group(TAKE, False, group.result, slot, np.full_like(slot, -1), count)]


def _gradients(group: Group, conditions: Conditions, region: Ints, outputs: Ints) -> list[Group]:
    """Return sums of products with conditions as gradients of lookups, one for all members of the same indices."""
    first = conditions.index[group.slot[0]] >= 0
    tests, seeds = np.where(first, group.slot, group.other), np.where(first, group.other, group.slot)
    index, number = conditions.index[tests], conditions.number[tests]
    if (index < 0).any() or (number != number[:, :1]).any():
        return []
    _, which = different(index)
    parts = [np.flatnonzero(which == k) for k in range(int(which.max()) + 1)]
    found = [_gradient(group, part, index[part], number[part, 0], seeds[part], outputs) for part in parts]
    known = [part for part in found if part and _one(region[part.slot[0]]) and _one(region[part.other[0]])]
    return known if len(known) == len(parts) else []


def _gradient(group: Group, members: Ints, index: Ints, number: Ints, seeds: Ints, outputs: Ints) -> Group | None:
    """Return members by number, each with all seeds in the same order; None if that is not what they are."""
    count = int(number.max()) + 1
    distinct, which = different(seeds)
    columns = len(distinct)
    if count < max(LEAST, SPARE * index.shape[1]) or len(members) != count * columns:
        return None
    grid = np.full((count, columns), -1)
    grid[number, which] = np.arange(len(members))
    if (grid < 0).any():
        return None
    order = grid[:, np.argsort(outputs[group.result[members[grid[0]]]], kind="stable")].ravel()
    return Group(GRADIENT, False, group.result[members[order]], index[order], seeds[order], count)


def lookup(places: Places, group: Group) -> Job:
    """Return the job of lookups, or of the gradient of some, whose results have their places."""
    rows = places.of_rows(group)
    out = int(places.place[group.result[0]])
    if group.operation == GRADIENT:
        columns = len(group.result) // group.choices
        modes, words = _gradient_words(places, group, columns, rows)
        return Job(
            ("stored_gradient", modes),
            [group.choices, columns, columns + -columns % LANES, out, *words],
            len(group.result),
        )
    modes, words = _read(places, (group.slot[:, :1], group.slot[:, 1:2], group.slot[:, 2:]), rows)
    return Job(("take", modes), [len(group.result), out, group.choices, *words], len(group.result))


def summed_gradient(places: Places, group: Group, grid: Ints) -> Job:
    """Return the job that sums the gradient of a lookup over rows; `grid` has the outputs, line by line."""
    modes, words = _gradient_words(places, group, grid.shape[1], rows=True)
    table = places.table(np.pad(grid, ((0, 0), (0, -grid.shape[1] % LANES)), mode="edge"))
    return Job(("summed_gradient", consecutive(grid), modes), [*grid.shape, table, *words], grid.size)


def _gradient_words(places: Places, group: Group, columns: int, rows: bool) -> tuple[str, list[int]]:
    """Return how a gradient reads its indices and seeds, and where they are."""
    seeds = group.other[:columns].T
    seeds = np.pad(seeds, ((0, 0), (0, -columns % LANES)), mode="edge")
    modes, words = _read(places, (group.slot[0], seeds), rows)
    return modes if rows else "si", [group.slot.shape[1], *words]


def _read(places: Places, operands: Sequence[Ints], rows: bool) -> tuple[str, list[int]]:
    """Return how operands are read that are slots of one region each, the region and the table of places of each."""
    modes, words = "", []
    for slots in operands:
        region = int(places.region[slots.flat[0]])
        modes += ("r" if region == ROWS else "s") if rows else "i"
        at = places.place[slots]
        words += [region, places.table(np.pad(at, ((0, -len(at) % LANES), *[(0, 0)] * (at.ndim - 1)), mode="edge"))]
    return modes, words


def _one(xs: NDArray[np.int64]) -> bool:
    """Tell whether all numbers are the same."""
    return bool((xs == xs[0]).all())

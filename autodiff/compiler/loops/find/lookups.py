"""Lookups found again: selections by an index become one `take`, and sums of products with their conditions `take'`.

The rule of the row `take` selects number after number, where the index is 0, 1, 2, …, and its partials are 1.0 where
it is, else 0.0. With many numbers, one load at the index is the same with less to do; and of the gradient only the
lines that some index names differ from all others.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ... import tuning
from ...program.program import Program
from .folds import Ints
from .packs import Group
from .strides import different

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
    if count < tuning.LOOKUP or not known.all() or not _one(region[numbers[0]]):
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
    if count < max(tuning.LOOKUP, tuning.SPARE * index.shape[1]) or len(members) != count * columns:
        return None
    grid = np.full((count, columns), -1)
    grid[number, which] = np.arange(len(members))
    if (grid < 0).any():
        return None
    order = grid[:, np.argsort(outputs[group.result[members[grid[0]]]], kind="stable")].ravel()
    return Group(GRADIENT, False, group.result[members[order]], index[order], seeds[order], count)


def _one(xs: NDArray[np.int64]) -> bool:
    """Tell whether all numbers are the same."""
    return bool((xs == xs[0]).all())

"""Lookups: selections by an index become one load, and their gradients the sums of few lines.

The rule of the row `take` selects number after number, where the index is 0, 1, 2, …, and its partials are 1.0 where
it is, else 0.0. So take([a, b, c], k) is traced as

    t0 = eq(k, 0.0)             a fold of selections, whose conditions compare one index with 0, 1, 2: the load
    t1 = where(t0, a, nan)      [a, b, c][k], or the first number, here nan, where k is no index
    t2 = eq(k, 1.0)
    t3 = where(t2, b, t1)
    t4 = eq(k, 2.0)
    t5 = where(t4, c, t3)

and the derivatives as sums of products of 1.0 or 0.0 with seeds. Of these only the lines that an index names differ
from all others, which are computed once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ... import tuning
from ...program.program import Program
from .folds import Ints
from .packs import Pack
from .strides import different

TAKE, GRADIENT = "take", "take'"


class Conditions:
    """Slots that are conditions, 1.0 where `index`, a slot, is `number` and 0.0 elsewhere; both are -1 for others."""

    def __init__(self, program: Program) -> None:
        self.index, self.number = np.full(program.slots + 1, -1), np.full(program.slots + 1, -1)
        self._constant = np.full(program.slots + 1, np.nan)
        self._constant[program.first - len(program.constants) : program.first] = program.constants

    def note(self, pack: Pack) -> bool:
        """Note which nodes of a pack are conditions, and return whether there are any."""
        if pack.is_fold or pack.operation not in ("eq", "where"):
            return False
        if pack.operation == "eq":
            index, number = pack.slot[:, 0], self._constant[pack.slot[:, 1]]
            known = (number >= 0.0) & (number < 2**31) & (np.floor(number) == number)
        else:  # 1.0 or 0.0
            one, zero = (self._constant[pack.slot[:, i]] for i in (1, 2))
            index, number = self.index[pack.slot[:, 0]], self.number[pack.slot[:, 0]]
            known = (index >= 0) & (one == 1.0) & (zero == 0.0) & ~np.signbit(zero)
        self.index[pack.result[known]], self.number[pack.result[known]] = index[known], number[known]
        return bool(known.any())


def looked_up(program: Program, packs: list[Pack], region: Ints, outputs: Ints, guarded: Ints) -> list[Pack]:
    """Return packs with lookups instead of selections, and without conditions that nothing reads any more.

    A slot has a `region` of memory, and a number among the `outputs`, or -1; `guarded` are the slots that guards read.
    """
    conditions = Conditions(program)
    tests: set[int] = set()
    found: list[Pack] = []
    for pack in packs:
        if conditions.note(pack):
            tests.add(len(found))
        lookups = _lookups(pack, conditions, region, outputs)
        found += lookups or [pack]
    if not tests or not any(pack.operation in (TAKE, GRADIENT) for pack in found):
        return packs
    read = np.zeros(program.slots + 1, bool)
    read[guarded] = True
    for i in range(len(found) - 1, -1, -1):  # readers are after what they read
        pack = found[i]
        if i in tests:
            kept = read[pack.result] | (outputs[pack.result] >= 0)
            found[i] = pack = pack._replace(result=pack.result[kept], slot=pack.slot[kept], other=pack.other[kept])
        read[pack.slot] = read[pack.other] = True
    return [pack for pack in found if len(pack.result)]


def _lookups(pack: Pack, conditions: Conditions, region: Ints, outputs: Ints) -> list[Pack]:
    """Return the lookups that compute a pack, none if it is no selection by an index nor the gradient of one."""
    if not pack.is_fold:
        return []
    if pack.operation == "where":
        return _taken(pack, conditions, region)
    if pack.operation in ("add", "mul") and (pack.other >= 0).all():
        return _gradients(pack, conditions, region, outputs)
    return []


def _taken(pack: Pack, conditions: Conditions, region: Ints) -> list[Pack]:
    """Return selections as lookups: their terms are the number for other indices, the index, and the numbers."""
    tests, numbers = pack.slot[:, 1:], pack.other[:, 1:]
    count = tests.shape[1]
    index = conditions.index[tests]
    known = (index >= 0) & (index == index[:, :1]) & (conditions.number[tests] == np.arange(count))
    if count < tuning.LOOKUP or not known.all() or not _one(region[numbers[0]]):
        return []
    slot = np.concatenate([pack.slot[:, :1], index[:, :1], numbers], axis=1)
    return [Pack(TAKE, False, pack.result, slot, np.full_like(slot, -1), count)]


def _gradients(pack: Pack, conditions: Conditions, region: Ints, outputs: Ints) -> list[Pack]:
    """Return sums of products with conditions as gradients of lookups, one for all nodes with the same indices."""
    first = conditions.index[pack.slot[0]] >= 0
    tests, seeds = np.where(first, pack.slot, pack.other), np.where(first, pack.other, pack.slot)
    index, number = conditions.index[tests], conditions.number[tests]
    if (index < 0).any() or (number != number[:, :1]).any():
        return []
    _, which = different(index)
    parts = [np.flatnonzero(which == k) for k in range(int(which.max()) + 1)]
    found = [_gradient(pack, part, index[part], number[part, 0], seeds[part], outputs) for part in parts]
    known = [part for part in found if part and _one(region[part.slot[0]]) and _one(region[part.other[0]])]
    return known if len(known) == len(parts) else []


def _gradient(pack: Pack, members: Ints, index: Ints, number: Ints, seeds: Ints, outputs: Ints) -> Pack | None:
    """Return the gradient whose lines are numbers and whose columns are seeds; None unless all of it is there."""
    count = int(number.max()) + 1
    distinct, which = different(seeds)
    columns = len(distinct)
    if count < max(tuning.LOOKUP, tuning.SPARE * index.shape[1]) or len(members) != count * columns:
        return None
    grid = np.full((count, columns), -1)
    grid[number, which] = np.arange(len(members))
    if (grid < 0).any():
        return None
    order = grid[:, np.argsort(outputs[pack.result[members[grid[0]]]], kind="stable")].ravel()
    return Pack(GRADIENT, False, pack.result[members[order]], index[order], seeds[order], count)


def _one(xs: NDArray[np.int64]) -> bool:
    """Return whether all numbers are the same."""
    return bool((xs == xs[0]).all())

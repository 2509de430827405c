"""Pools: what is given back is taken again, of few kinds."""

from __future__ import annotations

from autodiff.compiler.batch.pool import Pool
from autodiff.compiler.tuning import POOLS


def test_what_is_given_back_is_taken_by_one_alone() -> None:
    pool = Pool[list[int]]()
    mine, other = pool.take(1, list), pool.take(1, list)
    pool.give_back(1, mine)
    pool.give_back(1, other)
    taken = [pool.take(1, list) for _ in range(2)]
    assert {id(mine), id(other)} == set(map(id, taken))


def test_of_many_kinds_the_last_ones_are_kept() -> None:
    pool = Pool[list[int]]()
    for kind in range(POOLS):
        pool.give_back(kind, [kind])
    pool.give_back(0, [10])  # of a kind that is kept
    assert [pool.take(kind, list) for kind in (0, 0, 1)] == [[10], [0], [1]]
    pool.give_back(POOLS, [POOLS])
    assert pool.take(1, list) == []
    assert pool.take(POOLS, list) == [POOLS]
    assert len(pool._free) == 1

"""Pools: memory that calls lend each other, so that no two threads have the same."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from .. import tuning

T = TypeVar("T")


class Pool(Generic[T]):
    """Things that are free, by what they are for.

    >>> pool = Pool[list[int]]()
    >>> mine = pool.take(2, lambda: [0, 0])
    >>> pool.give_back(2, mine)
    >>> pool.take(2, lambda: [0, 0]) is mine
    True
    """

    def __init__(self) -> None:
        self._free: dict[Hashable, list[T]] = {}

    def take(self, kind: Hashable, make: Callable[[], T]) -> T:
        """Return one that nobody else has, a new one if none is free."""
        try:
            return self._free[kind].pop()
        except (KeyError, IndexError):  # also where another thread was faster
            return make()

    def give_back(self, kind: Hashable, one: T) -> None:
        """Keep one for whoever takes the next."""
        if kind not in self._free and len(self._free) >= tuning.POOLS:
            self._free.clear()
        self._free.setdefault(kind, []).append(one)

"""Pools: buffers that are used again by later calls, and never by two threads at once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from .. import tuning

T = TypeVar("T")


class Pool(Generic[T]):
    """Free buffers, by kind.

    >>> pool = Pool[list[int]]()
    >>> mine = pool.take(2, lambda: [0, 0])
    >>> pool.give_back(2, mine)
    >>> pool.take(2, lambda: [0, 0]) is mine
    True
    """

    def __init__(self) -> None:
        self._free: dict[Hashable, list[T]] = {}

    def take(self, kind: Hashable, make: Callable[[], T]) -> T:
        """Return a free one of its kind, else a new one."""
        try:
            return self._free[kind].pop()
        except (KeyError, IndexError):  # also where another thread was faster
            return make()

    def give_back(self, kind: Hashable, one: T) -> None:
        """Keep one for a later `take`."""
        if kind not in self._free and len(self._free) >= tuning.POOLS:
            self._free.clear()
        self._free.setdefault(kind, []).append(one)

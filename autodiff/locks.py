"""Locks that a fork takes first: a child finds none held by a thread that it does not have, and nothing half done."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar
from weakref import WeakSet

T = TypeVar("T")
_all: list[tuple[int, Any]] = []
_held: list[Any] = []
_renewed: WeakSet[Any] = WeakSet()


def lock(rank: int) -> Any:
    """Return a reentrant lock. A thread that holds one takes others of higher ranks only, and so does a fork.

    >>> with lock(0):
    ...     "alone"
    'alone'
    """
    return shared(rank, threading.RLock())


def shared(rank: int, other: Any) -> Any:
    """Return a reentrant lock of another library, which a fork takes from now on."""
    _all.append((rank, other))
    _all.sort(key=lambda entry: entry[0])
    return other


def renewed() -> Any:
    """Return a reentrant lock that a fork does not wait for, but that is free in the child.

    >>> with renewed():
    ...     "alone"
    'alone'
    """
    made = threading.RLock()
    _renewed.add(made)
    return made


class once(cached_property[T]):  # noqa: N801
    """A `cached_property` whose lock, which Python 3.11 holds for all objects, is free in a forked child."""

    def __init__(self, computed: Callable[[Any], T]) -> None:
        super().__init__(computed)
        if "lock" in vars(self):  # gone since Python 3.12
            _renewed.add(vars(self)["lock"])


def _renew() -> None:
    for each in list(_renewed):
        each._at_fork_reinit()


def _take() -> None:
    for _, each in _all:
        each.acquire()
        _held.append(each)


def _release() -> None:
    while _held:
        _held.pop().release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_take, after_in_parent=_release, after_in_child=_release)
    os.register_at_fork(after_in_child=_renew)

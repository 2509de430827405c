"""Containers: contents of dicts, lists and arrays, kept to compare with later, and slots of objects as a namespace."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from itertools import chain
from types import MemberDescriptorType
from typing import Any

import numpy as np

from ...bulk import unchanged
from .. import tuning

PLAIN = (int, float, complex, str, bytes, bool, type(None))


class Held:
    """The contents of dicts and lists at one time, one after the other, and with `keys` also the keys of the dicts."""

    def __init__(self, dicts: list[dict[Any, Any]], lists: list[list[Any]], *, keys: bool = False) -> None:
        self.dicts, self.lists = dicts, lists
        self.lengths, self.held = self._now()
        self.keys = list(map(list, dicts)) if keys else None

    def _now(self) -> tuple[list[int], list[Any]]:
        held = list(chain.from_iterable([*map(dict.values, self.dicts), *self.lists]))
        return list(map(len, (*self.dicts, *self.lists))), held

    def changed(self) -> bool:
        """Return whether the contents are others now."""
        if self.keys is not None and list(map(list, self.dicts)) != self.keys:
            return True
        if unchanged(self.dicts, self.lists, self.lengths, self.held):
            return False
        lengths, held = self._now()
        if lengths == self.lengths and interchangeable(held, self.held):
            self.held = held  # as good as what was there, and from now on the same
            return False
        return True


class Slots:
    """The attributes in the slots of an object, as a namespace, with those that are not set."""

    def __init__(self, item: Any, members: dict[str, Any]) -> None:
        self.item, self.members = item, members

    def __iter__(self) -> Iterator[str]:
        return iter(self.members)

    def __contains__(self, name: str) -> bool:
        return name in self.members

    def get(self, name: str, default: Any = None) -> Any:
        """Return an attribute, `default` if it is not set."""
        member = self.members.get(name)
        try:
            return default if member is None else member.__get__(self.item)
        except AttributeError:
            return default


def slots_of(cls: type) -> dict[str, Any]:
    """Return the descriptors of the slots of a class by their names."""
    kinds = reversed(cls.__mro__)
    return {name: x for kind in kinds for name, x in vars(kind).items() if type(x) is MemberDescriptorType}


def snapshot(data: Any) -> Any:
    """Return what an array or another buffer holds, of much data a digest."""
    if not isinstance(data, np.ndarray):
        return memoryview(data).tobytes()
    if data.dtype == object:
        return data.shape, list(data.flat)
    content = data.tobytes()
    return data.shape, data.dtype, content if data.size <= tuning.COMPARED else blake2b(content).digest()


def same(now: Any, before: Any) -> bool:
    """Return whether two snapshots are of the same data."""
    if len(now) == 2 and isinstance(now, tuple):
        return bool(now[0] == before[0]) and isinstance(before[1], list) and interchangeable(now[1], before[1])
    return bool(now == before)


def interchangeable(now: list[Any], before: list[Any]) -> bool:
    """Return whether all are the same objects, or plain numbers and texts of one type and content."""
    return len(now) == len(before) and all(
        a is b or (type(a) is type(b) and _is_number(type(a)) and repr(a) == repr(b))
        for a, b in zip(now, before, strict=True)
    )


def _is_number(kind: type) -> bool:
    """Return whether objects of this class are told apart by what they show: a subclass may hold more."""
    return kind in PLAIN or (kind.__module__ == "numpy" and issubclass(kind, (np.number, np.bool_)))

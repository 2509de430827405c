"""Containers: the contents of dicts and lists, kept to compare with later, and slots of objects as a namespace."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from ...bulk import unchanged

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
        if lengths != self.lengths or not interchangeable(held, self.held):
            return True
        self.held = held  # as good as what was there, and from now on the same
        return False


class Slots:
    """The attributes in the slots of an object, as a namespace."""

    def __init__(self, item: Any) -> None:
        self.item = item

    def __iter__(self) -> Iterator[str]:
        classes = type(self.item).__mro__
        names = (name for cls in classes for name in _listed(vars(cls).get("__slots__", ())))
        return iter([name for name in names if hasattr(self.item, name)])

    def __getitem__(self, name: str) -> Any:
        return getattr(self.item, name)

    def get(self, name: str, default: Any) -> Any:
        """Return an attribute, `default` if it is not set."""
        return getattr(self.item, name, default)


def _listed(slots: Any) -> list[str]:
    return [slots] if isinstance(slots, str) else list(slots)


def interchangeable(now: list[Any], before: list[Any]) -> bool:
    """Return whether all are the same objects, or plain numbers and texts of one type and content."""
    return len(now) == len(before) and all(
        a is b or (type(a) is type(b) and isinstance(a, PLAIN) and repr(a) == repr(b))
        for a, b in zip(now, before, strict=True)
    )

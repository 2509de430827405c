"""Observed lists and attributes: each change is counted, so that an unchanged object need not be compared again."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

T = TypeVar("T")
MUTATORS = (
    *("__init__", "__setitem__", "__delitem__", "__iadd__", "__imul__", "append", "clear", "extend", "insert", "pop"),
    *("remove", "reverse", "sort"),
)


class Latest:
    """The last change of any observed object: `Latest.change` is a new object after each change."""

    change: object = object()


class TrackedAttributes:
    """An object that renews `Latest.change` when an attribute is set or deleted.

    >>> class Point(TrackedAttributes): ...
    >>> point, before = Point(), Latest.change
    >>> point.x = 1.0
    >>> Latest.change is before
    False
    """

    def __setattr__(self, name: str, value: Any) -> None:
        change = object()
        try:
            super().__setattr__(name, value)
        finally:  # a setter may store before it refuses; without a call, no interrupt comes before
            Latest.change = change

    def __delattr__(self, name: str) -> None:
        change = object()
        try:
            super().__delattr__(name)
        finally:
            Latest.change = change


def is_observed(item: object) -> bool:
    """Tell whether a change of an attribute of `item` is observed: its class has no `__setattr__` of its own."""
    kind = type(item)
    return (
        isinstance(item, TrackedAttributes)
        and kind.__setattr__ is TrackedAttributes.__setattr__
        and kind.__delattr__ is TrackedAttributes.__delattr__
    )


class Tracked(list[T]):
    """A list that increments `changes` and renews `Latest.change` in every method that changes it.

    >>> weights = Tracked([1.0, 2.0])
    >>> before = weights.changes
    >>> weights[0] = 3.0
    >>> weights, weights.changes > before
    ([3.0, 2.0], True)
    """

    changes: int = 0


def _counted(change: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(change)
    def counted(self: Tracked[Any], *args: Any, **options: Any) -> Any:
        self.changes += 1
        latest = object()
        try:
            return change(self, *args, **options)
        finally:  # and afterwards: who looked meanwhile has seen it half done
            self.changes += 1
            Latest.change = latest

    return counted


for _name in MUTATORS:
    setattr(Tracked, _name, _counted(getattr(list, _name)))

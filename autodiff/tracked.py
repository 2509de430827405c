"""Lists that count their changes, so that what was compared with one need not be compared again."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

T = TypeVar("T")
MUTATORS = (
    *("__init__", "__setitem__", "__delitem__", "__iadd__", "__imul__", "append", "clear", "extend", "insert", "pop"),
    *("remove", "reverse", "sort"),
)


class Tracked(list[T]):
    """A list in all but that `changes` grows whenever a method changes it.

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
        return change(self, *args, **options)

    return counted


for _name in MUTATORS:
    setattr(Tracked, _name, _counted(getattr(list, _name)))

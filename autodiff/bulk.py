"""What is done to many objects at once, in native loops where this module is compiled."""

from __future__ import annotations

from itertools import chain
from operator import is_
from typing import Any

from .build import compiled
from .node import Node


def numbers(nodes: list[Node]) -> list[float]:
    """Return the numbers of nodes, also while a program is traced."""
    return [node._data for node in nodes]


def unchanged(dicts: list[dict[Any, Any]], lists: list[list[Any]], held: list[Any]) -> bool:
    """Tell whether the values of `dicts` and then the elements of `lists` are the very objects in `held`."""
    if not compiled:
        found = [*chain.from_iterable(map(dict.values, dicts)), *chain.from_iterable(lists)]
        return len(found) == len(held) and all(map(is_, found, held))
    i, n = 0, len(held)
    for d in dicts:
        if i + len(d) > n:
            return False
        for value in d.values():
            if value is not held[i]:
                return False
            i += 1
    for xs in lists:
        if i + len(xs) > n:
            return False
        for value in xs:
            if value is not held[i]:
                return False
            i += 1
    return i == n

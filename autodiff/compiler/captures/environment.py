"""The environment of a function: closure cells, defaults, globals, and attributes of the objects that it reaches.

Whatever is no Value would be frozen into a program, so it is compared at every call: by identity, and where that
differs by content. What tells of its changes is compared after one. Functions of the standard library, of NumPy and of
this package are taken as they are. What is read, can change and cannot be compared is refused.
"""

from __future__ import annotations

from operator import attrgetter, is_
from typing import Any

from ...build import compiled
from ...bulk import captured_objects, same_objects
from ...contexts import identical
from ...node import Node
from ...observed import Latest
from .. import tuning
from .containers import Held, interchangeable, same, snapshot
from .reach import Reach

MANY = tuning.BULK if compiled else 1  # Values in lists that are compared as wholes, not in a native loop


class Environment(Reach):
    """The containers in which `f` finds what it captures, and what they held when this was made."""

    def __init__(self, *roots: Any) -> None:
        super().__init__()
        self.latest = Latest.change
        for root in roots:
            self.walk(root)
        self.named += self.missing()
        values = [x for x in self.lists if x and all(isinstance(v, Node) for v in x)]
        self.values = values if sum(map(len, values)) >= MANY else []
        found = set(map(id, self.values))
        self.lists = [x for x in self.lists if id(x) not in found]
        self.parameters = list(map(list, self.values))
        self.changes = list(map(_CHANGES, self.tracked))
        self.containers, self.modules = Held(self.dicts, self.lists), Held(self.attributes, [], keys=True)
        self.others = self._others()
        self.copies = list(map(snapshot, self.arrays))
        self.keys = [list(d) for d in self.plain]
        self.elements = list(map(list, self.unordered))
        self.kinds, self.observed_kinds = list(map(type, self.objects)), list(map(type, self.observed))
        self.bases = list(map(_BASES, self.classes))

    def _others(self) -> list[Any]:
        """Return what globals, cells and defaults hold now."""
        return captured_objects(self.named, self.cells, self.functions, _MISSING)

    def changed(self) -> bool:
        """Return whether anything has changed since."""
        latest = Latest.change
        if latest is not self.latest:
            if list(map(_CHANGES, self.tracked)) != self.changes or self.modules.changed():
                return True
            if list(map(type, self.observed)) != self.observed_kinds:
                return True
            self.latest = latest
        if self.values and not identical(self.values, self.parameters):
            return True
        others = self._others()
        if not same_objects(others, self.others):
            if not interchangeable(others, self.others):
                return True
            self.others = others  # as good as what was there, and from now on the same
        if (self.dicts or self.lists) and self.containers.changed():
            return True
        if self.unordered and not all(map(interchangeable, map(list, self.unordered), self.elements)):
            return True
        if self.plain and list(map(list, self.plain)) != self.keys:
            return True
        if self.objects and list(map(type, self.objects)) != self.kinds:
            return True
        if self.classes and not all(map(is_, map(_BASES, self.classes), self.bases)):
            return True
        return bool(self.arrays) and not all(map(same, map(snapshot, self.arrays), self.copies))


_MISSING = object()
_CHANGES, _BASES = attrgetter("changes"), attrgetter("__mro__")

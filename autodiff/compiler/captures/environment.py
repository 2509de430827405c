"""The environment of a function: closure cells, defaults, globals, and attributes of the objects that it reaches.

Whatever is no Value would be frozen into a program, so it is compared at every call: by identity, and where that
differs by content. Observed objects are compared only after a change. Functions of the standard library, of NumPy and
of this package are not looked into.
"""

from __future__ import annotations

import builtins
import functools
import sys
import types
from collections import deque
from collections.abc import Iterator
from operator import attrgetter, is_, ne
from typing import Any

from ...arithmetic import is_array
from ...build import compiled
from ...bulk import captured_objects
from ...contexts import TraceError, identical, libraries
from ...node import Node
from ...observed import Latest, Tracked, is_observed
from .. import tuning
from .containers import PLAIN, Held, Slots, interchangeable

HOLLOW = (*PLAIN, Node)  # without contents
MANY = tuning.BULK if compiled else 1  # Values in lists that are compared as wholes, not in a native loop


class Environment:
    """The containers that a function reaches, and a copy of their contents when this was made."""

    def __init__(self, *roots: Any) -> None:
        self.named: list[tuple[Any, str]] = []  # a namespace and a name in it
        self.dicts: list[dict[Any, Any]] = []
        self.attributes: list[dict[Any, Any]] = []  # of objects that tell when they change
        self.plain: list[dict[Any, Any]] = []  # those whose keys count
        self.lists: list[list[Any]] = []
        self.values: list[list[Any]] = []  # those of Values and nothing else, if these are many
        self.tracked: list[Tracked[Any]] = []
        self.unordered: list[Any] = []  # sets and deques
        self.cells: list[Any] = []
        self.functions: list[Any] = []
        self.arrays: list[Any] = []
        self._names: set[str] = set()  # that functions use
        self._spaces: list[tuple[Any, set[str]]] = []  # attributes of objects, modules and classes, and those noted
        self.latest = Latest.change
        for root in roots:
            self._walk(root)
        values = [x for x in self.lists if x and all(isinstance(v, Node) for v in x)]
        self.values = values if sum(map(len, values)) >= MANY else []
        found = set(map(id, self.values))
        self.lists = [x for x in self.lists if id(x) not in found]
        self.parameters = list(map(list, self.values))
        self.changes = list(map(_CHANGES, self.tracked))
        self.containers, self.modules = Held(self.dicts, self.lists), Held(self.attributes, [], keys=True)
        self.others = self._others()
        self.copies = [a.copy() for a in self.arrays]
        self.keys = [list(d) for d in self.plain]
        self.elements = [list(x) for x in self.unordered]

    def _others(self) -> list[Any]:
        """Return the contents of globals, cells and defaults."""
        return captured_objects(self.named, self.cells, self.functions, _MISSING)

    def changed(self) -> bool:
        """Return whether anything has changed since."""
        latest = Latest.change
        if latest is not self.latest:
            if list(map(_CHANGES, self.tracked)) != self.changes or self.modules.changed():
                return True
            self.latest = latest
        if self.values and not identical(self.values, self.parameters):
            return True
        others = self._others()
        if not all(map(is_, others, self.others)):
            if not interchangeable(others, self.others):
                return True
            self.others = others  # as good as what was there, and from now on the same
        if self.containers.changed():
            return True
        if self.unordered and any(map(ne, map(list, self.unordered), self.elements)):
            return True
        if self.plain and list(map(list, self.plain)) != self.keys:
            return True
        return bool(self.arrays) and any(map(_differ, self.arrays, self.copies))

    def _walk(self, root: Any) -> None:
        """Add every container that can be reached; in namespaces, only by the names that functions use."""
        seen: dict[int, Any] = {}
        waiting = [root]
        while waiting or (waiting := list(self._named())):
            item = waiting.pop()
            if isinstance(item, HOLLOW) or id(item) in seen:
                continue
            seen[id(item)] = item  # held, so that no id comes twice
            waiting += self._parts(item)

    def _named(self) -> Iterator[Any]:
        """Yield the contents of the namespaces found so far under the names used so far."""
        for space, done in self._spaces:
            for name in [n for n in space if n in self._names and n not in done]:
                done.add(name)
                self.named.append((space, name))
                yield space[name]

    def _parts(self, item: Any) -> Iterator[Any]:
        """Yield the contents of `item`, and add it if it is a container."""
        if isinstance(item, types.FunctionType):
            yield from self._of_function(item)
        elif isinstance(item, types.MethodType):
            yield from (item.__self__, item.__func__)
        elif isinstance(item, functools.partial):
            yield from (item.func, item.args, item.keywords)
        elif isinstance(item, (staticmethod, classmethod)):
            yield item.__func__
        elif isinstance(item, property):
            yield item.fget
        elif isinstance(item, (type, types.ModuleType)):
            for space in item.__mro__ if isinstance(item, type) else (item,):
                if not _is_known(space.__module__ if isinstance(space, type) else space.__name__):
                    self._spaces.append((vars(space), set()))
        elif isinstance(item, dict):
            self.dicts.append(item)
            self.plain.append(item)
            yield from item.values()
        elif isinstance(item, list):
            if isinstance(item, Tracked):
                self.tracked.append(item)
            else:
                self.lists.append(item)
            yield from item
        elif isinstance(item, (tuple, frozenset)):
            yield from item
        elif isinstance(item, (set, deque)):
            self.unordered.append(item)
            yield from item
        elif isinstance(item, (functools._lru_cache_wrapper, types.MappingProxyType)):
            yield from (getattr(item, "__wrapped__", None), *getattr(item, "values", tuple)())
        elif is_array(item):
            yield from self._of_array(item)
        elif not _is_known(type(item).__module__, objects=True):
            yield from self._of_object(item)

    def _of_object(self, item: Any) -> Iterator[Any]:
        """Yield the contents of an object: of a Module, which code of ours reads, all, of others by the names used."""
        if hasattr(item, "named_parameters") and hasattr(item, "__dict__"):
            (self.attributes if is_observed(item) else self.dicts).append(vars(item))
            yield from vars(item).values()
        elif hasattr(item, "__dict__"):
            self._spaces.append((vars(item), set()))
            self.plain.append(vars(item))  # an attribute that is new may hide one of the class
            yield vars(item).get("__wrapped__")  # of a compiled function
        self._spaces.append((Slots(item), set()))
        for cls in type(item).__mro__:
            yield cls
            if not _is_known(cls.__module__):
                special = (x for name, x in list(vars(cls).items()) if name.startswith("__"))
                yield from (x for x in special if isinstance(x, types.FunctionType))

    def _of_function(self, f: types.FunctionType) -> Iterator[Any]:
        self.functions.append(f)
        if vars(f):
            yield vars(f)
        self.cells += f.__closure__ or ()
        yield from map(_contents, f.__closure__ or ())
        yield from (*(f.__defaults__ or ()), *[f.__kwdefaults__] * bool(f.__kwdefaults__))
        if _is_known(f.__module__):
            return
        names = _used(f.__code__)
        self._names.update(names)
        for name in names:
            if name.isidentifier() and not hasattr(builtins, name):  # tools that rewrite code use other names
                self.named.append((f.__globals__, name))
                yield f.__globals__.get(name, sys.modules.get(name))

    def _of_array(self, array: Any) -> Iterator[Any]:
        if array.size > tuning.COMPARED and array.dtype != object:
            raise TraceError(
                f"the function captures an array of shape {array.shape}, or an object that holds it: more than "
                f"{tuning.COMPARED} numbers are not compared at every call. Pass it as an argument"
            )
        self.arrays.append(array)
        if array.dtype == object:
            yield from array.flat


_MISSING = object()
_CHANGES = attrgetter("changes")


def _contents(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not assigned yet
        return _MISSING


def _used(code: types.CodeType) -> list[str]:
    """Return the names of globals and attributes in `code` and in the functions that it makes."""
    inner = [name for part in code.co_consts if isinstance(part, types.CodeType) for name in _used(part)]
    return list(dict.fromkeys((*code.co_names, *inner)))


def _is_known(module: str | None, *, objects: bool = False) -> bool:
    """Return whether the functions of a module, or its `objects`, are not looked into."""
    top = (module or "").partition(".")[0]
    if top in sys.stdlib_module_names and top != "__main__":
        return not (objects and top in ("argparse", "types"))  # their namespaces hold settings
    return top == "numpy" or (not objects and top in libraries)


def _differ(array: Any, copy: Any) -> bool:
    if array.shape != copy.shape or array.dtype != copy.dtype:
        return True
    if array.dtype == object:
        return not all(map(is_, array.flat, copy.flat))
    return bool(array.tobytes() != copy.tobytes())

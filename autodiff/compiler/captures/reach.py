"""What the reads of a function reach: it notes each container, and refuses what is read and cannot be compared.

In namespaces only the names that functions read are followed, so an object may hold whatever its methods do not read.
"""

from __future__ import annotations

import functools
import gc
import importlib.util
import operator
import os
import sys
import types
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from ...contexts import TraceError
from ...node import Node
from ...observed import Tracked, is_observed
from .. import tuning
from .containers import Slots, slots_of
from .kinds import ATOMS, BUFFERS, UNCHANGED, attributes_of, has_hidden_state, is_plain, namespace
from .names import Names, names
from .origins import CODE, is_foreign, is_installed, is_known, is_module, is_special, module_of

# What to look at, whether code of the user reads it, None for data alone, and the object of a library above
Waiting = tuple[Any, bool | None, str]


class Space(NamedTuple):
    """Attributes, the names noted of them, whether code of the user reads them, and what of a library holds them."""

    attributes: Any
    done: set[str]
    read: bool
    owner: str


class Reach:
    """The containers that are reached from roots, by how they are compared."""

    def __init__(self) -> None:
        self.named: list[tuple[Any, str]] = []  # a namespace and a name in it
        self.dicts: list[dict[Any, Any]] = []
        self.attributes: list[dict[Any, Any]] = []  # of objects that tell when they change
        self.plain: list[dict[Any, Any]] = []  # those whose keys count, attributes of classes, too
        self.lists: list[list[Any]] = []
        self.values: list[list[Any]] = []  # those of Values and nothing else, if these are many
        self.tracked: list[Tracked[Any]] = []
        self.unordered: list[Any] = []  # sets, deques, and dicts with keys that may be equal and not the same
        self.cells: list[Any] = []
        self.functions: list[Any] = []
        self.arrays: list[Any] = []  # and other buffers
        self.objects: list[Any] = []  # whose class may be assigned
        self.observed: list[Any] = []  # those that tell of it
        self.classes: list[type] = []  # whose bases may be assigned
        self._names: set[str] = set()  # of attributes that functions read
        self._literals: set[str] = set()  # those in texts, as in `hasattr(x, "a")`
        self._asks = self._catches = (
            False  # whether a function asks for names in texts, and for any that may be missing
        )
        self.tells = False  # whether a function may tell a number that is traced from a float
        self._reflects = False  # whether a function reads attributes under names that it computes
        self._spaces: list[Space] = []
        self._matched: tuple[int, set[str], bool] = 0, set(), False  # how many spaces were matched with which names
        self._owner = ""  # of what is looked at
        self._entered: set[str] = set()  # libraries that code of the user reads
        self._slots: dict[int, tuple[type, dict[str, Any]]] = {}  # of classes by id
        self._aside: list[Any] = []  # variables that may be read under a name that is computed
        self._open: list[dict[str, Any]] = []  # those whose keys do not count
        self._noted: dict[int, type] = {}  # classes by id: their hash may be their own

    def walk(self, root: Any) -> None:
        """Note every container that can be reached. Raises TraceError for what can change unseen."""
        seen: dict[int, Any] = {}
        waiting: list[Waiting] = [(root, True, "")]
        while waiting:
            further: list[Waiting] = []
            for item, read, owner in waiting:
                kind = type(item)
                if kind in ATOMS or id(item) in seen or isinstance(item, Node):
                    continue
                is_code = kind in CODE or issubclass(kind, type)
                module = module_of(item) if is_code else kind.__module__
                installed = module != "builtins" and is_installed(module)
                if (read is None and (is_code or installed)) or (installed and self._is_beside(is_code, module, read)):
                    continue
                self._owner = owner or (kind.__name__ if installed and not is_code else "")
                parts = self._parts(item, read=bool(read))
                if parts is not None:
                    seen[id(item)] = item  # held, so that no id comes twice
                    inner = read and (read is None or not is_foreign(item))
                    found = [x for x in parts if type(x) not in ATOMS and not isinstance(x, Node)]
                    further += [(x, inner, self._owner) for x in found]
                elif read:
                    raise TraceError(self._unseen(kind.__name__))
            if not further or self._entered:  # a library is not walked through before all that the user reads of it
                further += self._found()
            waiting = further or self._variables_aside()

    def _is_beside(self, is_code: bool, module: str, read: bool | None) -> bool:
        """Return whether code is of a library that libraries alone read; note those that code of the user reads."""
        package = module.partition(".")[0]
        if read:
            self._entered.add(package)
        return is_code and package not in self._entered

    def _unseen(self, kind: str) -> str:
        """Return what is wrong with an object of a kind, which an object of a library may hold."""
        held = f"{self._owner}, with a {kind:.40} in it" if self._owner not in ("", kind) else kind
        how = ", as attributes are read by computed names" if self._reflects else ""
        remedy = "pass it as an argument, or let the function read an array of its numbers"
        return f"the function captures a {held}{how}, whose changes are not seen: {remedy}"

    def _variables_aside(self) -> list[Waiting]:
        found, self._aside = self._aside, []
        return [(item, None, "") for item in found]

    def _found(self) -> Iterator[Waiting]:
        """Yield what namespaces hold under the names read so far, and whether code of the user reads it.

        Where names are computed that is any data; functions are not refused, and of modules data alone is seen.
        """
        modules = set(map(id, self._open))
        known, names, reflects = self._matched
        new = sorted(self._names - names)
        self._matched = len(self._spaces), set(self._names), self._reflects
        for i, (space, done, read, owner) in enumerate(self._spaces):
            every = self._reflects and read
            among = new if i < known and reflects == self._reflects else space
            for name in [
                n for n in among if n not in done and n in space and (n in self._names or (every and not is_special(n)))
            ]:
                done.add(name)
                self.named.append((space, name))
                item = space.get(name)
                computed = name not in self._names
                reads = (
                    None
                    if computed and id(space) in modules
                    else read and not (computed and isinstance(item, (type, *CODE)))
                )
                yield item, reads, owner

    def missing(self) -> list[tuple[dict[str, Any], str]]:
        """Return the names that functions may ask for, each with a namespace that lacks it now."""
        optional = self._names if self._catches else self._literals if self._asks else set()
        return [(space, name) for space in self._open for name in sorted(optional.difference(space))]

    def _parts(self, item: Any, *, read: bool) -> Iterable[Any] | None:
        """Return what `item` holds, and note the container; None if its changes would not be seen."""
        kind = type(item)
        if issubclass(kind, types.FunctionType):
            return self._of_function(item)
        if issubclass(kind, type):
            return self._of_class(item)
        if issubclass(kind, types.ModuleType):
            return self._of_module(item)
        if issubclass(kind, (operator.attrgetter, operator.methodcaller)):
            called, arguments, *_ = item.__reduce__()
            self._names.update(part for x in arguments if isinstance(x, str) for part in x.split("."))
            return called, arguments
        self._asks = self._asks or (kind is types.BuiltinFunctionType and item in ASKING)
        follow = FOLLOWED.get(kind)
        if follow is not None:
            return follow(item)
        elements = self._elements(item, kind, read=read)
        if elements is None and has_hidden_state(kind):
            return None
        return elements if elements is not None and is_plain(kind) else self._of_object(item, elements or (), read=read)

    def _elements(self, item: Any, kind: type, *, read: bool) -> Iterable[Any] | None:
        """Return the elements of a container, and note it; None for what is none."""
        if issubclass(kind, dict):
            self.dicts.append(item)
            (self.plain if all(type(key) is str for key in item) else self.unordered).append(item)
            return *dict.keys(item), *dict.values(item)
        if issubclass(kind, list):
            (self.tracked if issubclass(kind, Tracked) else self.lists).append(item)
            return list(item)
        if issubclass(kind, (tuple, frozenset)):
            return tuple(item)
        if issubclass(kind, (set, deque)):
            self.unordered.append(item)
            return list(item)
        if issubclass(kind, (np.ndarray, *BUFFERS)):
            if read or not isinstance(item, np.ndarray) or item.size <= tuning.COMPARED:
                self.arrays.append(item)
            return list(item.flat) if isinstance(item, np.ndarray) and item.dtype == object else ()
        if issubclass(kind, weakref.ref):
            return (item(),)
        return () if issubclass(kind, UNCHANGED) else None

    def _of_object(self, item: Any, elements: Iterable[Any], *, read: bool) -> Iterator[Any]:
        """Yield what an object holds: of a Module, which code of ours reads, everything, of others what is named."""
        yield from elements
        kind, attributes = type(item), namespace(item)
        observed = is_observed(item)
        (self.observed if observed else self.objects).append(item)
        if attributes is not None:
            if is_module(kind):
                (self.attributes if observed else self.dicts).append(attributes)
                yield from attributes.values()
            elif is_known(kind.__module__, objects=True):
                self.dicts.append(attributes)
                yield from attributes.values()
            else:
                self.plain.append(attributes)  # an attribute that is new may hide one of the class
                yield attributes.get("__wrapped__")  # of a compiled function
            self._spaces.append(Space(attributes, set(), read, self._owner))
        if id(kind) not in self._slots:
            self._slots[id(kind)] = kind, slots_of(kind)
        if slots := self._slots[id(kind)][1]:
            self._spaces.append(Space(Slots(item, slots), set(), read, self._owner))
        yield from self._of_kind(kind)

    def _of_class(self, cls: type) -> Iterator[Any]:
        """Yield what a class that is named reads when it is called, and what operations on its objects read."""
        yield from self._of_kind(cls)
        for base in cls.__mro__:
            if not is_known(base.__module__):
                yield from self._methods(base, [name for name in CALLED if name in vars(base)])

    def _of_kind(self, cls: type) -> Iterator[Any]:
        """Note the attributes of a class, and yield the special methods, which operations on its objects call."""
        if id(cls) in self._noted:
            return
        if not is_known(cls.__module__):
            self.classes.append(cls)
        kind: type = type(cls)
        for base in cls.__mro__ + kind.__mro__:
            if not is_known(base.__module__) and id(base) not in self._noted:
                self._noted[id(base)] = base
                attributes, own = attributes_of(base), not is_installed(base.__module__)
                self._spaces.append(Space(attributes, set(), own, self._owner))
                if own:
                    self.plain.append(attributes)  # an attribute that is new may hide one of a base or of an object
                special = [(name, x) for name, x in list(attributes.items()) if name.startswith("__")]
                functions = [name for name, x in special if isinstance(x, types.FunctionType)]
                self._catches = self._catches or "__exit__" in functions
                yield from self._methods(base, [name for name in functions if name not in UNREAD])

    def _methods(self, cls: type, names: Iterable[str]) -> Iterator[Any]:
        """Note methods of a class that are called without their names, and yield them."""
        attributes = attributes_of(cls)
        for name in names:
            if not is_installed(cls.__module__):
                self.named.append((attributes, name))
            yield attributes[name]

    def _of_module(self, module: types.ModuleType) -> Iterator[Any]:
        if not is_known(module.__name__):
            self._spaces.append(Space(vars(module), set(), not is_installed(module.__name__), self._owner))
            self._open.append(vars(module))
            self._catches = self._catches or "__getattr__" in vars(module)
        elif module is os and not self._names.isdisjoint(("environ", "getenv")):
            yield os.environ

    def _of_function(self, f: types.FunctionType) -> Iterator[Any]:
        self.functions.append(f)
        if vars(f):
            yield vars(f)
        self.cells += f.__closure__ or ()
        yield from map(_content, f.__closure__ or ())
        yield from f.__defaults__ or ()
        yield f.__kwdefaults__
        if not is_known(f.__module__):
            used = names(f.__code__)
            self._names |= used.attributes
            self._literals |= used.literals
            self._asks = self._asks or "__dict__" in used.attributes
            self._catches = self._catches or used.catches
            self.tells = self.tells or (used.tells and f.__name__ not in WRITERS)
            if not is_installed(f.__module__):
                self._reflects = self._reflects or (used.reflects and f.__name__ not in NAMED)
                if used.evaluates:
                    self._aside += self._all_variables(f)
            self._open.append(vars(f))
            yield from self._of_variables(f, used)
            yield from self._of_imports(f, used)

    def _of_variables(self, f: Any, used: Names) -> Iterator[Any]:
        """Yield the globals that a function reads; they hide the builtins of their names."""
        space, builtins = f.__globals__, f.__builtins__
        computed = used.literals if used.evaluates else ()
        for name in (*used.variables, *computed):
            if name.isidentifier():  # tools that rewrite code use other names
                self.named.append((space, name))
                if name not in space:
                    self.named.append((builtins, name))
                yield space.get(name, builtins.get(name))

    def _all_variables(self, f: Any) -> list[Any]:
        """Return the globals that a function may read under names that it computes."""
        found = [name for name in f.__globals__ if not is_special(name)]
        self.named += [(f.__globals__, name) for name in found]
        return [f.__globals__[name] for name in found]

    def _of_imports(self, f: types.FunctionType, used: Names) -> Iterator[Any]:
        """Yield the modules that a function imports, with the packages they are in, as far as they are loaded."""
        package = f.__globals__.get("__package__") or str(f.__globals__.get("__name__")).rpartition(".")[0]
        for level, name in used.imports:
            try:
                parts = importlib.util.resolve_name("." * level + name, package).split(".")
            except ImportError:  # as the import itself will say
                continue
            for module in (".".join(parts[: i + 1]) for i in range(len(parts))):
                self.named.append((sys.modules, module))
                yield sys.modules.get(module)


ASKING = (getattr, hasattr, vars, dir)  # which take a name as a text, that may be missing
WRITERS = ("__setattr__", "__delattr__")  # a frozen dataclass asks in them whose class it is
NAMED = {*WRITERS, "__getattr__", "__getattribute__", "__setstate__"}  # whose names are those that others read
# What is not called when an object is used: it was made before, and is shown, copied and saved outside
CALLED = ("__new__", "__init__", "__post_init__")
UNREAD = {
    *(*CALLED, "__init_subclass__", "__del__", "__repr__", "__str__"),
    *("__reduce__", "__reduce_ex__", "__getstate__"),
}
FOLLOWED: dict[type, Callable[[Any], tuple[Any, ...]]] = {
    types.MethodType: lambda x: (x.__self__, x.__func__),
    types.BuiltinMethodType: lambda x: () if isinstance(x.__self__, types.ModuleType) else (x.__self__,),
    types.MethodWrapperType: lambda x: (x.__self__,),
    functools.partial: lambda x: (x.func, x.args, x.keywords),
    functools._lru_cache_wrapper: lambda x: (x.__wrapped__,),
    staticmethod: lambda x: (x.__func__,),
    classmethod: lambda x: (x.__func__,),
    property: lambda x: (x.fget,),
    types.MappingProxyType: lambda x: tuple(gc.get_referents(x)),
    **dict.fromkeys((type({}.keys()), type({}.values()), type({}.items())), lambda x: tuple(gc.get_referents(x))),
}


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not assigned yet
        return None

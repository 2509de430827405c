"""Holders of numbers, by kind: how each is made, read and written, and the ways in which a function reaches it."""

from __future__ import annotations

import array
import collections
import configparser
import contextvars
import ctypes
import enum
import functools
import itertools
import operator
import os
import queue
import random
import threading
import types
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple
from unittest import mock

import numpy as np

from autodiff import TraceError, compile

Case = tuple[Callable[[Any], Any], Callable[[float], Any]]  # a function that reads a number, and what changes it


class Plain:
    """An object with one number."""

    rate: Any = 2.0

    def __init__(self, a: Any = 2.0) -> None:
        self.a = a

    def method(self) -> Any:
        return self.a

    @property
    def shown(self) -> Any:
        return self.a

    @functools.cached_property
    def cached(self) -> Any:
        return self.a

    def __call__(self) -> Any:
        return self.a

    def __getitem__(self, key: Any) -> Any:
        return self.a


class Slotted:
    """An object with a slot."""

    __slots__ = ("__weakref__", "a")

    def __init__(self, a: Any = 2.0) -> None:
        self.a = a


class Private:
    """An object with a slot whose name is mangled."""

    __slots__ = ("__a",)

    def __init__(self, a: Any) -> None:
        self.__a = a

    def get(self) -> Any:
        return self.__a

    def put(self, a: Any) -> None:
        self.__a = a


class Number(float):
    """A float with an attribute."""


class Text(str):
    """A text with an attribute."""

    __slots__ = ("a",)


class Items(list[Any]):
    """A list with an attribute."""


class Table(dict[Any, Any]):
    """A dict with an attribute."""


class Pair(tuple[Any, ...]):
    """A tuple with an attribute."""


class Rows(np.ndarray):  # type: ignore[type-arg]
    """An array with an attribute."""


class Record(NamedTuple):
    a: Any


@dataclass
class Data:
    a: Any


@dataclass(slots=True)
class SlottedData:
    a: Any


class Color(enum.Enum):
    RED = 2.0


def _held(make: Callable[[], Any], read: Callable[[Any], Any], write: Callable[[Any, float], Any]) -> Case:
    holder = make()
    return (lambda: read(holder)), (lambda a: write(holder, a))


def _item(x: Any, a: float) -> None:
    x[0] = a


def _key(x: Any, a: float) -> None:
    x["a"] = a


def _attribute(x: Any, a: float) -> None:
    x.a = a


FIRST, KEY, ATTRIBUTE = (lambda h: h[0]), (lambda h: h["a"]), (lambda h: h.a)
HOLDERS: dict[str, tuple[Callable[[], Any], Callable[[Any], Any], Callable[[Any, float], Any]]] = {
    "list": (lambda: [2.0], FIRST, _item),
    "deque": (lambda: collections.deque([2.0]), FIRST, _item),
    "UserList": (lambda: collections.UserList([2.0]), FIRST, _item),
    "array.array": (lambda: array.array("d", [2.0]), FIRST, _item),
    "bytearray": (lambda: bytearray([2]), FIRST, lambda h, a: _item(h, int(a))),
    "memoryview": (lambda: memoryview(bytearray([2])), FIRST, lambda h, a: _item(h, int(a))),
    "ctypes array": (lambda: (ctypes.c_double * 1)(2.0), FIRST, _item),
    "ctypes number": (lambda: ctypes.c_double(2.0), lambda h: h.value, lambda h, a: setattr(h, "value", a)),
    "ctypes pointer": (
        lambda: ctypes.pointer(ctypes.c_double(2.0)),
        lambda h: h.contents.value,
        lambda h, a: setattr(h.contents, "value", a),
    ),
    "array": (lambda: np.array([2.0]), FIRST, _item),
    "array of no dimension": (lambda: np.array(2.0), lambda h: float(h), lambda h, a: h.fill(a)),
    "array in float32": (lambda: np.array([2.0], np.float32), lambda h: float(h[0]), _item),
    "array of objects": (lambda: np.array([2.0], object), FIRST, _item),
    "array of objects, no dimension": (lambda: np.array(2.0, object), lambda h: h[()], lambda h, a: h.fill(a)),
    "array view": (lambda: np.zeros(9)[::3] + 2.0, FIRST, _item),
    "matrix in Fortran order": (lambda: np.full((2, 3), 2.0, order="F"), lambda h: h[1, 2], lambda h, a: h.fill(a)),
    "masked array": (lambda: np.ma.array([2.0]), FIRST, _item),
    "record array": (lambda: np.rec.array([(2.0,)], dtype=[("a", float)]), lambda h: h.a[0], lambda h, a: h.a.fill(a)),
    "structured scalar": (lambda: np.zeros(1, [("a", float)])[0], lambda h: float(h["a"]) + 2.0, _key),
    "flat iterator": (lambda: np.array([2.0]).flat, FIRST, _item),
    "subclass of array": (lambda: np.array([2.0]).view(Rows), lambda h: float(h[0]), _item),
    "poly1d": (lambda: np.poly1d([2.0]), lambda h: h.coeffs[0], lambda h, a: _item(h.coeffs, a)),
    "Polynomial": (lambda: np.polynomial.Polynomial([2.0]), lambda h: h.coef[0], lambda h, a: _item(h.coef, a)),
    "dict": (lambda: {"a": 2.0}, KEY, _key),
    "OrderedDict": (lambda: collections.OrderedDict(a=2.0), KEY, _key),
    "defaultdict": (lambda: collections.defaultdict(float, a=2.0), KEY, _key),
    "Counter": (lambda: collections.Counter(a=2), KEY, _key),
    "UserDict": (lambda: collections.UserDict(a=2.0), KEY, _key),
    "ChainMap": (lambda: collections.ChainMap({}, {"a": 2.0}), KEY, _key),
    "environ": (
        lambda: os.environ,
        lambda h: float(h.get("A_OF_TESTS", "2")),
        lambda h, a: h.update(A_OF_TESTS=str(a)),
    ),
    "ConfigParser": (
        lambda: _config(),
        lambda h: h.getfloat("s", "a"),
        lambda h, a: h.set("s", "a", str(a)),
    ),
    "set": (lambda: {2.0}, lambda h: sum(h), lambda h, a: (h.clear(), h.add(a))),
    "WeakValueDictionary": (
        lambda: weakref.WeakValueDictionary(a=_kept(Plain())),
        lambda h: h["a"].a,
        lambda h, a: _attribute(h["a"], a),
    ),
    "Queue": (lambda: _queue(), lambda h: h.queue[0], lambda h, a: _item(h.queue, a)),
    "local": (lambda: local(), ATTRIBUTE, _attribute),
    "ContextVar": (lambda: contextvars.ContextVar("a", default=2.0), lambda h: h.get(), lambda h, a: h.set(a)),
    "Random": (lambda: random.Random(1), lambda h: h.getstate()[1][0], lambda h, a: h.seed(a)),
    "Generator": (
        lambda: np.random.default_rng(1),
        lambda h: float(h.bit_generator.state["state"]["state"]),
        lambda h, a: h.random(),
    ),
    "iterator": (lambda: iter([2.0, 5.0]), lambda h: h.__length_hint__(), lambda h, a: next(h)),
    "count": (lambda: itertools.count(2), lambda h: float(repr(h)[6:-1]), lambda h, a: next(h)),
    "object": (Plain, ATTRIBUTE, _attribute),
    "object with slots": (Slotted, ATTRIBUTE, _attribute),
    "private slot": (lambda: Private(2.0), lambda h: h.get(), lambda h, a: h.put(a)),
    "SimpleNamespace": (lambda: types.SimpleNamespace(a=2.0), ATTRIBUTE, _attribute),
    "module": (lambda: _module(), ATTRIBUTE, _attribute),
    "dataclass": (lambda: Data(2.0), ATTRIBUTE, _attribute),
    "dataclass with slots": (lambda: SlottedData(2.0), ATTRIBUTE, _attribute),
    "MagicMock": (lambda: mock.MagicMock(a=2.0), ATTRIBUTE, _attribute),
    "class": (lambda: type("C", (), {"a": 2.0}), ATTRIBUTE, _attribute),
    "class of an object": (lambda: type("C", (), {"a": 2.0})(), ATTRIBUTE, lambda h, a: _attribute(type(h), a)),
    "base of a class": (
        lambda: type("D", (type("C", (), {"a": 2.0}),), {}),
        ATTRIBUTE,
        lambda h, a: _attribute(h.__base__, a),
    ),
    "metaclass": (lambda: type("M", (type,), {"a": 2.0})("C", (), {}), ATTRIBUTE, lambda h, a: _attribute(type(h), a)),
    "assigned class": (
        lambda: type("C", (), {"a": 2.0})(),
        ATTRIBUTE,
        lambda h, a: setattr(h, "__class__", type("D", (), {"a": a})),
    ),
    "assigned bases": (
        lambda: type("E", (type("C", (Plain,), {"a": 2.0}),), {}),
        ATTRIBUTE,
        lambda h, a: setattr(h, "__bases__", (type("D", (Plain,), {"a": a}),)),
    ),
    "attribute of a float": (lambda: with_a(Number(1.0)), ATTRIBUTE, _attribute),
    "attribute of a text": (lambda: with_a(Text("s")), ATTRIBUTE, _attribute),
    "attribute of a list": (lambda: with_a(Items()), ATTRIBUTE, _attribute),
    "attribute of a dict": (lambda: with_a(Table()), ATTRIBUTE, _attribute),
    "attribute of a tuple": (lambda: with_a(Pair()), ATTRIBUTE, _attribute),
    "attribute of an array": (lambda: with_a(np.zeros(1).view(Rows)), ATTRIBUTE, _attribute),
    "attribute of a function": (lambda: with_a(function()), ATTRIBUTE, _attribute),
    "attribute of an enum": (lambda: with_a(Color.RED), ATTRIBUTE, _attribute),
    "cached property": (
        Plain,
        lambda h: h.cached,
        lambda h, a: (h.__dict__.pop("cached", None), _attribute(h, a)),
    ),
    "literal name": (Plain, lambda h: h.a, _attribute),
    "vars": (Plain, lambda h: vars(h)["a"], _attribute),
    "dotted attrgetter": (Plain, lambda h: operator.attrgetter("a")(h), _attribute),
}


def _config() -> Any:
    config = configparser.ConfigParser()
    config["s"] = {"a": "2"}
    return config


_KEPT: list[Any] = []


def _kept(x: Any) -> Any:
    _KEPT.append(x)
    return x


def _queue() -> Any:
    q: Any = queue.Queue()
    q.put(2.0)
    return q


def local() -> Any:
    return with_a(threading.local())


def _module() -> Any:
    return with_a(types.ModuleType("module_of_tests"))


def with_a(x: Any) -> Any:
    x.a = 2.0
    return x


def function() -> Any:
    return lambda: None


# How the function gets at the holder: each gives what reads it
WAYS: dict[str, Callable[[Any], Callable[[], Any]]] = {
    "cell": lambda h: lambda: h,
    "default": lambda h: lambda x=h: x,
    "list": lambda h: functools.partial(operator.itemgetter(0), [h]),
    "attribute": lambda h: Plain(h).method,
    "property": lambda h: (lambda o: lambda: o.shown)(Plain(h)),
    "call": Plain,
    "item": lambda h: (lambda o: lambda: o["x"])(Plain(h)),
    "partial": lambda h: functools.partial(lambda x: x, h),
    "proxy": lambda h: (lambda p: lambda: p["h"])(types.MappingProxyType({"h": h})),
    "method of a dict": lambda h: functools.partial({"h": h}.get, "h"),
    "values of a dict": lambda h: (lambda v: lambda: next(iter(v)))({"h": h}.values()),
    "attrgetter": lambda h: functools.partial(operator.attrgetter("a"), Slotted(h)),
}


REFUSED = {
    *("ctypes pointer", "flat iterator", "local", "ContextVar", "Random", "Generator", "iterator", "count"),
}


def stale(f: Callable[[], Any], change: Callable[[], Any]) -> bool | None:
    """Return whether a compiled function that multiplies by `f()` misses a change; None if it refuses."""
    g = compile(lambda x: x * f())
    before = 3.0 * float(f())
    try:
        first = float(g(3.0))
        change()
        second, expected = float(g(3.0)), 3.0 * float(f())
    except TraceError as error:
        if "changes are not seen: pass it as an argument" not in str(error):
            raise
        return None
    assert expected != before
    return (first, second) != (before, expected)

"""Names that are missing while a function is traced and come later, and special methods, called without names."""

from __future__ import annotations

import collections
import contextlib
import math
import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff import Value, compile
from nn import MLP, Module

from .holders import Items, Plain, Private, Rows, Slotted, function


class Both(Slotted):
    """An object with slots, of which some are of its base."""

    __slots__ = ("other",)


class Empty(Module):
    """A Module with no attribute."""


def slotted(kind: type) -> Any:
    found = kind()
    del found.a
    return found


def derived(base: type) -> type:
    class Derived(base):  # type: ignore[misc,valid-type]
        pass

    return Derived


def module(name: str) -> Any:
    found = types.ModuleType(name)
    found.b = 1.0
    return found


BASE, KIND = type("Base", (), {}), type("Kind", (type,), {})
OF_OBJECT, OF_MODULE = type("OfObject", (), {}), derived(Empty)
PLACES: dict[str, tuple[Any, Any]] = {  # what is asked for an attribute `a`, and what is given it
    **{
        name: (holder, holder)
        for name, holder in {
            "object": types.SimpleNamespace(b=1.0),
            "slots": slotted(Slotted),
            "slots of a base": slotted(Both),
            "module": module("later_of_tests"),
            "function": function(),
            "Module": Empty(),
            "class": type("Alone", (), {}),
            "list": Items(),
            "array": np.zeros(1).view(Rows),
        }.items()
    },
    "class of an object": (OF_OBJECT(), OF_OBJECT),
    "base of a class": (derived(derived(BASE)), BASE),
    "metaclass": (KIND("OfKind", (), {}), KIND),
    "class of a Module": (OF_MODULE(), OF_MODULE),
}


def asked(x: Any, h: Any) -> Any:
    return x * h.a if hasattr(h, "a") else x


def with_default(x: Any, h: Any) -> Any:
    return x * getattr(h, "a", 1.0)


def tried(x: Any, h: Any) -> Any:
    try:
        return x * h.a
    except AttributeError:
        return x


def tried_inside(x: Any, h: Any) -> Any:
    try:
        return (lambda: x * h.a)()
    except AttributeError:
        return x


def suppressed(x: Any, h: Any) -> Any:
    with contextlib.suppress(AttributeError):
        return x * h.a
    return x


class Keeping:
    """A context manager that keeps exceptions back."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> bool:
        return True


def kept_back(x: Any, h: Any) -> Any:
    with Keeping():
        return x * h.a
    return x


def matched(x: Any, h: Any) -> Any:
    match h:
        case object(a=number):
            return x * number
    return x


def held(x: Any, h: Any) -> Any:
    return x * h.__dict__.get("a", 1.0)


def of_another_name(x: Any, h: Any, ask: Any = hasattr) -> Any:
    return x * h.a if ask(h, "a") else x


@pytest.mark.parametrize("place", ["object", "module", "function", "class", "list", "array"])
def test_a_key_of_a_dict_of_attributes_that_comes_later_is_seen(place: str) -> None:
    test_an_attribute_that_comes_later_is_seen(place, held)


@pytest.mark.parametrize(
    "read", [asked, with_default, of_another_name, tried, tried_inside, suppressed, kept_back, matched]
)
@pytest.mark.parametrize("place", PLACES)
def test_an_attribute_that_comes_later_is_seen(place: str, read: Callable[[Any, Any], Any]) -> None:
    holder, given = PLACES[place]
    f = compile(lambda x: read(x, holder))
    found = [f(1.0)]
    for number in (5.0, 7.0):
        given.a = number
        found.append(f(1.0))
        del given.a
        found.append(f(1.0))
    assert found == [1.0, 5.0, 1.0, 7.0, 1.0]


def test_no_name_is_looked_for_that_must_be_there() -> None:
    holder = module("plain_of_tests")

    def f(x: Any) -> Any:
        with ad.scope("a"):
            return ad.sin(x) * holder.b * {"c": 2.0}["c"]

    g = compile(f)
    assert g(1.0) == 2.0 * math.sin(1.0)
    environment = g.specializations.environment
    assert environment is not None
    spaces = {id(vars(holder)), id(globals())}
    assert [name for space, name in environment.named if id(space) in spaces] == ["ad", "b"]


def test_a_slot_that_is_private_and_set_later_is_seen() -> None:
    holder = Private.__new__(Private)
    f = compile(lambda x: x * (holder.get() if hasattr(holder, "_Private__a") else 1.0))
    assert f(2.0) == 2.0
    holder.put(5.0)
    assert f(2.0) == 10.0


def test_a_name_that_a_module_has_later_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "imported_of_tests"
    monkeypatch.setitem(sys.modules, name, module(name))

    def f(x: Any) -> Any:
        try:
            from imported_of_tests import a  # type: ignore[import-not-found]
        except ImportError:
            return x
        return x * a

    g = compile(f)
    assert g(2.0) == 2.0
    monkeypatch.setattr(sys.modules[name], "a", 5.0, raising=False)
    assert g(2.0) == 10.0


def test_an_attribute_that_a_module_makes_by_a_function_is_seen_once_it_has_it() -> None:
    lazy = module("lazy_of_tests")
    lazy.__getattr__ = lambda name: 2.0
    f = compile(lambda x: x * lazy.a)
    assert f(1.0) == 2.0
    lazy.a = 5.0
    assert f(1.0) == 5.0


def test_a_global_named_by_a_literal_may_come_later(monkeypatch: pytest.MonkeyPatch) -> None:
    f = compile(lambda x: x * globals().get("later_global", 1.0))
    assert f(2.0) == 2.0
    monkeypatch.setitem(globals(), "later_global", 5.0)
    assert f(2.0) == 10.0


class Special:
    """An object whose operations are methods of its class."""

    def __call__(self, x: Any) -> Any:
        return x * 2.0

    def __getitem__(self, i: Any) -> Any:
        return 2.0

    def __len__(self) -> int:
        return 2

    def __iter__(self) -> Any:
        return iter([2.0])

    def __mul__(self, x: Any) -> Any:
        return x * 2.0

    def __neg__(self) -> Any:
        return -2.0

    def __contains__(self, x: Any) -> bool:
        return True

    def __enter__(self) -> Any:
        return 2.0

    def __exit__(self, *_: object) -> None:
        return None


def entered(x: Any, s: Any) -> Any:
    with s as number:
        return x * number


SPECIAL: dict[str, tuple[Callable[[Any, Any], Any], Any, float]] = {
    "__call__": (lambda x, s: s(x), lambda s, x: x * 5.0, 2.0),
    "__getitem__": (lambda x, s: x * s[0], lambda s, i: 5.0, 2.0),
    "__len__": (lambda x, s: x * len(s), lambda s: 5, 2.0),
    "__iter__": (lambda x, s: x * sum(s), lambda s: iter([5.0]), 2.0),
    "__mul__": (lambda x, s: s * x, lambda s, x: x * 5.0, 2.0),
    "__neg__": (lambda x, s: x * abs(-s), lambda s: -5.0, 2.0),
    "__contains__": (lambda x, s: x * 2.0 if 1 in s else x * 5.0, lambda s, x: False, 2.0),
    "__enter__": (entered, lambda s: 5.0, 2.0),
    "__bool__": (lambda x, s: x * 2.0 if s else x * 5.0, lambda s: False, 2.0),
    "__getattribute__": (lambda x, s: x * getattr(s, "b", 2.0), lambda s, name: 5.0, 2.0),
}


@pytest.mark.parametrize("inherits", [False, True])
@pytest.mark.parametrize("name", SPECIAL)
def test_a_special_method_that_is_replaced_or_hidden_is_seen(name: str, inherits: bool) -> None:
    read, method, first = SPECIAL[name]
    kind = derived(Special) if inherits else type("Copy", (), dict(vars(Special)))
    holder = kind()
    f = compile(lambda x: read(x, holder))
    assert f(1.0) == first
    setattr(kind, name, method)
    assert f(1.0) == 5.0


def test_what_special_methods_of_a_new_object_read_is_compared() -> None:
    scale, shift = [2.0], [0.0]

    class Scaled:
        def __init__(self, x: Any) -> None:
            self.x = x + shift[0]

        def __mul__(self, other: Any) -> Any:
            return self.x * other * scale[0]

    def twice(self: Any, x: Any) -> None:
        self.x = 2.0 * x

    f = compile(lambda x: Scaled(x) * 1.0)
    assert f(1.0) == 2.0
    scale[0] = 5.0
    assert f(1.0) == 5.0
    shift[0] = 1.0
    assert f(1.0) == 10.0
    Scaled.__init__ = twice  # type: ignore[method-assign]
    assert f(2.0) == 20.0


def test_a_class_of_many_objects_is_looked_at_once() -> None:
    objects = [Special() for _ in range(50)]
    f = compile(lambda x: sum(s(x) for s in objects))
    assert f(1.0) == 100.0
    environment = f.specializations.environment
    assert environment is not None
    assert environment.classes == [Special]


@pytest.mark.parametrize("base", [MLP, list, collections.UserList, Plain])
def test_what_a_class_hides_of_its_base_is_seen(base: type) -> None:
    kind = derived(base)
    holder = kind(1, [1]) if base is MLP else kind([2.0]) if base is not Plain else kind(2.0)
    read = {MLP: lambda h, x: h([x]), Plain: lambda h, x: x * h.method()}.get(base, lambda h, x: x * h.count(2.0))
    f = compile(lambda x: read(holder, x))
    assert float(Value(f(1.0)).data if base is not MLP else f(1.0).data) != 7.0
    name = {MLP: "__call__", Plain: "method"}.get(base, "count")
    setattr(kind, name, lambda *_: 7.0)
    assert f(1.0) == 7.0


def test_a_property_that_hides_an_attribute_is_seen() -> None:
    kind = derived(Plain)
    holder = kind(2.0)
    f = compile(lambda x: x * holder.a)
    assert f(1.0) == 2.0
    kind.a = property(lambda self: 5.0)  # type: ignore[attr-defined]
    assert f(1.0) == 5.0


def test_what_a_class_counts_and_no_function_reads_makes_no_call_trace_again() -> None:
    class Counted(Plain):
        calls = 0

    holder = Counted(2.0)
    f = compile(lambda x: x * holder.a)
    assert f(1.0) == 2.0
    Counted.calls += 1
    assert not f.changed()

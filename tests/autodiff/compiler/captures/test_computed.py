"""Attributes and variables that are read under names which code computes: seen, or refused."""

from __future__ import annotations

import copy
import dataclasses
import functools
import importlib
import inspect
import operator
import string
import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autodiff import TraceError, compile
from nn import Module


class Plain:
    """An object with an attribute, which hangs on its class, too."""

    def __init__(self) -> None:
        self.rate = 2.0


class Slotted:
    """An object with a slot."""

    __slots__ = ("rate",)

    def __init__(self) -> None:
        self.rate = 2.0


@dataclasses.dataclass
class Data:
    rate: float = 2.0


class Child(Plain):
    """An object whose attribute is set by a base."""


class Rated(Module):
    def __init__(self) -> None:
        self.rate = 2.0


class Named:
    """A class with an attribute."""

    rate = 2.0


def computed() -> str:
    return "".join(["ra", "te"])


BY_NAME: dict[str, Callable[[Any], Any]] = {
    "getattr": lambda m: getattr(m, computed()),
    "with a default": lambda m: getattr(m, computed(), 7.0),
    "joined": lambda m: getattr(m, f"{'RATE'.lower()}"),
    "of a choice": lambda m: getattr(m, computed() if m is not None else "rates"),
    "mapped": lambda m: next(map(getattr, [m], [computed()])),
    "reduced": lambda m: functools.reduce(getattr, [computed()], m),
    "renamed": lambda m: (lambda get: get(m, computed()))(getattr),
    "spread": lambda m: getattr(*(m, computed())),
    "attrgetter": lambda m: operator.attrgetter(computed())(m),
    "methodcaller": lambda m: operator.methodcaller("__getattribute__", computed())(m),
    "__getattribute__": lambda m: m.__getattribute__(computed()),
    "of object": lambda m: object.__getattribute__(m, computed()),
    "loop over dir": lambda m: next(getattr(m, name) for name in dir(m) if name[0] == "r"),
    "members": lambda m: next(value for name, value in inspect.getmembers(m) if name[0] == "r"),
    "hasattr first": lambda m: getattr(m, computed()) if hasattr(m, computed()) else 7.0,
    "format": lambda m: float("{0.rate}".format(m)),  # noqa: UP030, UP032
    "copy": lambda m: getattr(copy.copy(m), computed()),
}
IN_DICT: dict[str, Callable[[Any], Any]] = {
    "vars": lambda m: vars(m)[computed()],
    "__dict__": lambda m: m.__dict__[computed()],
    "get": lambda m: m.__dict__.get(computed(), 7.0),
    "values": lambda m: sum(vars(m).values()),
    "items": lambda m: sum(value for name, value in vars(m).items() if name[0] == "r"),
    "spread": lambda m: (lambda rate: rate)(**vars(m)),
    "template": lambda m: float(string.Template("$rate").substitute(vars(m))),
    "percent": lambda m: float("%(rate)s" % vars(m)),  # noqa: UP031
    "text": lambda m: float(str(vars(m)).split(": ")[1].rstrip("}")),
    "state": lambda m: m.__reduce_ex__(2)[2][computed()],
}
OF_DATA: dict[str, Callable[[Any], Any]] = {
    "asdict": lambda m: dataclasses.asdict(m)[computed()],
    "astuple": lambda m: dataclasses.astuple(m)[0],
    "fields": lambda m: sum(getattr(m, field.name) for field in dataclasses.fields(m)),
    "replace": lambda m: getattr(dataclasses.replace(m), computed()),
    "repr": lambda m: float(repr(m).split("=")[1].rstrip(")")),
}
CASES = [
    *((kind, ways, way) for kind in (Plain, Slotted, Data, Child, Rated) for ways in (BY_NAME,) for way in ways),
    *((kind, IN_DICT, way) for kind in (Plain, Data, Child) for way in IN_DICT),
    *((Rated, IN_DICT, way) for way in ("vars", "__dict__", "get")),
    *((Data, OF_DATA, way) for way in OF_DATA),
]


@pytest.mark.parametrize(
    ("kind", "ways", "way"), CASES, ids=lambda x: getattr(x, "__name__", x if type(x) is str else "")
)
def test_an_attribute_that_is_read_under_a_computed_name_is_seen(kind: Any, ways: Any, way: str) -> None:
    held, read = kind(), ways[way]
    f = compile(lambda x: x * read(held))
    assert f(3.0) == 6.0
    held.rate = 5.0
    assert f(3.0) == 15.0


@pytest.mark.parametrize("way", ["getattr", "mapped", "attrgetter", "loop over dir", "vars", "__dict__", "get"])
def test_an_attribute_of_a_class_or_a_module_that_is_read_so_is_seen(way: str) -> None:
    read = {**BY_NAME, **IN_DICT}[way]
    module = types.ModuleType("rates")
    module.rate = 2.0  # type: ignore[attr-defined]
    holders: list[Any] = [Named, module]
    for held in holders:
        f = compile(lambda x, held=held: x * read(held))
        with pytest.MonkeyPatch.context() as patch:
            assert f(3.0) == 6.0
            patch.setattr(held, "rate", 5.0)
            assert f(3.0) == 15.0


rate = 2.0
rates = {"a": [2.0]}
plain = Plain()
OF_VARIABLES: dict[str, Callable[[], Any]] = {
    "globals": lambda: globals()[computed()],
    "get": lambda: globals().get(computed()),
    "values": lambda: next(value for name, value in globals().items() if name == computed()),
    "eval of a name": lambda: eval("rate"),
    "eval of a computed name": lambda: eval(computed()),
    "eval of a sum": lambda: eval("0.0 + rate"),
    "eval of an item": lambda: eval("rates['a'][0]"),
    "eval of an attribute": lambda: eval("plain.rate"),
    "eval of a call": lambda: eval("local()"),
    "exec": lambda: (lambda space: (exec("r = " + computed(), globals(), space), space["r"])[1])({}),
    "frame": lambda: sys._getframe().f_globals[computed()],
    "function": lambda: computed.__globals__[computed()],
    "module": lambda: getattr(sys.modules[__name__], computed()),
    "import": lambda: vars(importlib.import_module(__name__))[computed()],
    "import by a text": lambda: importlib.import_module("tests.autodiff.compiler.captures.test_computed").rate,
    "of sys.modules": lambda: sys.modules["tests.autodiff.compiler.captures.test_computed"].rate,
}


def local() -> float:
    return rate


@pytest.mark.parametrize("way", OF_VARIABLES)
def test_a_variable_that_is_read_under_a_computed_name_is_seen(way: str) -> None:
    read = OF_VARIABLES[way]
    f = compile(lambda x: x * read())
    with pytest.MonkeyPatch.context() as patch:
        assert f(3.0) == 6.0
        patch.setitem(globals(), "rate", 5.0)
        patch.setitem(rates, "a", [5.0])
        patch.setattr(plain, "rate", 5.0)
        assert f(3.0) == 15.0
    assert f(3.0) == 6.0


def test_what_is_read_so_and_cannot_be_compared_is_refused() -> None:
    held = Plain()
    held.other = iter([1.0])  # type: ignore[attr-defined]
    with pytest.raises(TraceError, match="captures a list_iterator, as attributes are read by computed names, whose"):
        compile(lambda x: x * getattr(held, computed()))(1.0)
    assert compile(lambda x: x * getattr(held, "rate"))(1.0) == 2.0  # noqa: B009
    assert compile(lambda x: x * getattr(held, "rate", 0.0) + getattr(held, "ra" + "te"))(1.0) == 4.0
    assert compile(lambda x: x * operator.attrgetter("rate")(held))(1.0) == 2.0


def test_methods_that_may_be_called_so_are_followed_and_what_they_read_is_not_refused() -> None:
    class Model:
        table, stream = [2.0], iter([1.0])

        def scale(self, x: Any) -> Any:
            return x * self.table[0]

        def show(self) -> Any:
            return next(self.stream)

    class Other:
        def __init__(self) -> None:
            self.rows = np.zeros(1_000_000)

        def __getattr__(self, name: str) -> Any:
            return getattr(self.rows, name)

    model, other = Model(), Other()
    del Model.stream
    f = compile(lambda x: getattr(model, "".join(["sc", "ale"]))(x))
    assert f(3.0) == 6.0
    model.table[0] = 5.0
    assert f(3.0) == 15.0
    assert compile(lambda x: x * other.size)(1.0) == 1_000_000.0

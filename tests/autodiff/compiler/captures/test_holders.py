"""Holders of numbers: a compiled function sees every change of what it reads from one, or refuses the holder."""

from __future__ import annotations

import collections
import functools
import os
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autodiff import Value, compile

from .holders import HOLDERS, REFUSED, WAYS, Data, Items, Plain, Record, Slotted, function, stale


@pytest.fixture(autouse=True)
def _environment() -> Iterator[None]:
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("holder", HOLDERS)
def test_a_change_in_a_holder_is_seen_or_the_holder_refused(holder: str, way: str) -> None:
    make, read, write = HOLDERS[holder]
    h = make()
    reach = WAYS[way](h)
    assert stale(lambda: read(reach()), lambda: write(h, 5.0)) is (None if holder in REFUSED else False)


NESTS: list[Callable[[Any], tuple[Any, Callable[[Any], Any]]]] = [
    lambda h: ([h], lambda x: x[0]),
    lambda h: ((h,), lambda x: x[0]),
    lambda h: ({"k": h}, lambda x: x["k"]),
    lambda h: (collections.deque([h]), lambda x: x[0]),
    lambda h: (collections.UserList([h]), lambda x: x[0]),
    lambda h: (collections.ChainMap({}, {"k": h}), lambda x: x["k"]),
    lambda h: (types.MappingProxyType({"k": h}), lambda x: x["k"]),
    lambda h: (types.SimpleNamespace(a=h), lambda x: x.a),
    lambda h: (Slotted(h), lambda x: x.a),
    lambda h: (Plain(h), lambda x: x.method()),
    lambda h: (Plain(h), lambda x: x.shown),
    lambda h: (Data(h), lambda x: x.a),
    lambda h: (Record(h), lambda x: x.a),
    lambda h: (functools.partial(lambda x: x, h), lambda x: x()),
    lambda h: (_with_attribute(function(), h), lambda x: x.a),
    lambda h: (_with_attribute(Items(), h), lambda x: x.a),
    lambda h: (type("C", (), {"a": h}), lambda x: x.a),
    lambda h: ({"k": h}.values(), lambda x: next(iter(x))),
]


def _with_attribute(x: Any, a: Any) -> Any:
    x.a = a
    return x


@settings(deadline=None, print_blob=True)
@given(st.sampled_from(sorted(HOLDERS)), st.lists(st.sampled_from(NESTS), max_size=5))
def test_random_nests_of_holders_are_seen_through(holder: str, nests: list[Callable[[Any], Any]]) -> None:
    make, read, write = HOLDERS[holder]
    h = outer = make()
    ways: list[Callable[[Any], Any]] = []
    for nest in nests:
        outer, way = nest(outer)
        ways.insert(0, way)
    reach = functools.partial(functools.reduce, lambda x, way: way(x), ways, outer)
    before = dict(os.environ)
    try:
        assert stale(lambda: read(reach()), lambda: write(h, 5.0)) is (None if holder in REFUSED else False)
    finally:
        os.environ.clear()
        os.environ.update(before)


@pytest.mark.parametrize("kind", ["deque", "list", "dict", "array", "tuple", "object"])
def test_the_gradient_goes_to_a_value_that_replaced_an_equal_one(kind: str) -> None:
    holder: Any = {
        "deque": collections.deque([Value(2.0)]),
        "list": [Value(2.0)],
        "dict": {0: Value(2.0)},
        "array": np.array([Value(2.0)]),
        "tuple": [(Value(2.0),)],
        "object": types.SimpleNamespace(a=Value(2.0)),
    }[kind]
    new = Value(2.0)
    f = compile(lambda x: x * (holder.a if kind == "object" else holder[0][0] if kind == "tuple" else holder[0]))
    f(3.0)
    if kind == "object":
        holder.a = new
    else:
        holder[0] = (new,) if kind == "tuple" else new
    f(3.0).backward()
    assert new.grad == 3.0

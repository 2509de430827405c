"""What is no reason to refuse a function: what its objects merely hold, and what it reads and never changes."""

from __future__ import annotations

import collections
import contextlib
import datetime
import decimal
import enum
import fractions
import functools
import inspect
import io
import logging
import math
import operator
import pathlib
import re
import threading
import types
from collections.abc import Callable
from typing import Any
from unittest import mock

import numpy as np
import pytest

from autodiff import compile
from nn import MLP, Module

from .holders import HOLDERS, Color, Plain, Record, Slotted, local, stale


class Experiment:
    """An object that holds much of which its loss reads one number."""

    def __init__(self, other: Any) -> None:
        self.other, self.a = other, 2.0
        self.more = [other]
        self.table = np.zeros(1_000_000)

    def loss(self, x: Any) -> Any:
        return x * self.a


class Asked:
    """An object whose `__getattr__` raises what it likes."""

    def __init__(self) -> None:
        self.table = {"a": 2.0}

    def __getattr__(self, name: str) -> Any:
        return self.__dict__["table"][name]


UNREAD: dict[str, Callable[[], Any]] = {
    **{name: make for name, (make, *_) in HOLDERS.items()},
    "mock": mock.MagicMock,
    "own __getattr__": Asked,
    "generator": lambda: (i for i in range(3)),
    "graph": lambda: collections.defaultdict(set, {1: {2}, 2: {1}}),
    "exception": lambda: ValueError("a"),
}


@pytest.mark.parametrize("kind", UNREAD)
def test_what_an_object_merely_holds_is_not_looked_at(kind: str) -> None:
    model = Experiment(UNREAD[kind]())
    f = compile(model.loss)
    assert f(3.0) == 6.0
    model.a = 5.0
    assert f(3.0) == 15.0


class Level(enum.IntEnum):
    TWO = 2


@functools.singledispatch
def dispatched(x: Any) -> Any:
    return x


UNCHANGING: dict[str, Any] = {
    "logger": logging.getLogger("autodiff.tests"),
    "lock": threading.Lock(),
    "condition": threading.Condition(),
    "Decimal": decimal.Decimal(2),
    "Fraction": fractions.Fraction(1, 2),
    "path": pathlib.Path("a"),
    "pattern": re.compile("a"),
    "date": datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC),
    "enum": Color.RED,
    "int enum": Level.TWO,
    "dtype": np.dtype(float),
    "scalar of NumPy": np.float64(2.0),
    "ufunc": np.exp,
    "function of NumPy": np.dot,
    "builtin": math.sqrt,
    "slice": slice(0, 1),
    "ellipsis": ...,
    "itemgetter": operator.itemgetter(0),
    "namedtuple": Record(2.0),
    "its field": Record.a,
    "type of a list": list[int],
    "optional": int | None,
    "cached function": functools.lru_cache(local),
    "dispatched function": dispatched,
    "context manager": contextlib.suppress(KeyError),
    "file": io.StringIO("a"),
    "signature": inspect.signature(stale),
    "abstract class": collections.abc.Mapping,
    "own __getattr__": Asked(),
    "object": object(),
    "property": Plain.shown,
    "net": MLP(2, [3, 1]),
}


class Rated(Module):
    def __init__(self) -> None:
        self.a = 2.5


@pytest.mark.parametrize(
    "holder",
    [
        [2.5],
        {0: 2.5},
        collections.deque([2.5]),
        np.array([2.5]),
        np.array([2.5, "text"], object),
        types.SimpleNamespace(a=2.5),
        Plain(2.5),
        Slotted(2.5),
        Rated(),
    ],
    ids=lambda x: type(x).__name__,
)
def test_a_number_that_replaces_an_equal_one_makes_no_call_trace_again(holder: Any) -> None:
    def put(number: float) -> None:
        if hasattr(holder, "a"):
            holder.a = number
        else:
            holder[0] = number

    f = compile(lambda x: x * (holder.a if hasattr(holder, "a") else holder[0]))
    assert f(2.0) == 5.0
    put(float("2.5"))
    assert not f.changed()
    put(5.0)
    assert f.changed()
    assert f(2.0) == 10.0


@pytest.mark.parametrize("kind", UNCHANGING)
def test_what_does_not_change_may_be_read_and_makes_no_call_trace_again(kind: str) -> None:
    item = UNCHANGING[kind]
    f = compile(lambda x: (x * 2.0, item)[0])
    assert f(3.0) == 6.0
    assert not f.changed()

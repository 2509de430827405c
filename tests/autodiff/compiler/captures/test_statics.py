"""Static arguments and keys of dicts: equal is not the same, and none is kept for good."""

from __future__ import annotations

import decimal
import gc
import math
import warnings
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from autodiff import compile
from autodiff.compiler.tuning import KEYS

from .holders import Record, Slotted


@dataclass(frozen=True)
class Frozen:
    a: float
    b: float = field(default=1.0, compare=False)


class Named:
    """An object that is equal to another of its name."""

    def __init__(self, a: float) -> None:
        self.a = a

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Named)

    def __hash__(self) -> int:
        return 1


def _text(a: float) -> Any:
    kind = type("Text", (str,), {})
    text: Any = kind("s")
    text.a = a
    return text


STATICS: dict[str, tuple[Any, Any, Callable[[Any], float]]] = {
    "zeros in a dataclass": (Frozen(0.0), Frozen(-0.0), lambda c: c.a),
    "a field that is not compared": (Frozen(1.0, 2.0), Frozen(1.0, 5.0), lambda c: c.b),
    "own __eq__": (Named(2.0), Named(5.0), lambda c: c.a),
    "zeros in a frozenset": (frozenset({0.0}), frozenset({-0.0}), lambda c: next(iter(c))),
    "zeros in a tuple": ((0.0,), (-0.0,), lambda c: c[0]),
    "zeros in a namedtuple": (Record(0.0), Record(-0.0), lambda c: c.a),
    "text with an attribute": (_text(2.0), _text(5.0), lambda c: c.a),
    "Decimal": (decimal.Decimal("0"), decimal.Decimal("-0"), float),
    "scalars of NumPy": (np.float64(0.0), np.float64(-0.0), float),
    "float and int": (1, 1.0, lambda c: isinstance(c, int) + 1.0),
    "bool and int": (True, 1, lambda c: isinstance(c, bool) + 1.0),
}


@pytest.mark.parametrize("kind", STATICS)
def test_static_arguments_that_are_equal_and_not_the_same_have_programs_of_their_own(kind: str) -> None:
    one, other, read = STATICS[kind]
    f = compile(lambda x, c: math.copysign(1.0, read(c)) * x * (abs(read(c)) + 1.0), static=("c",))
    for c in (one, other, one):
        assert f(3.0, c) == math.copysign(1.0, read(c)) * 3.0 * (abs(read(c)) + 1.0)


@pytest.mark.parametrize("keys", [(0.0, -0.0), (1, 1.0), (True, 1), (Frozen(0.0), Frozen(-0.0))], ids=repr)
def test_keys_of_dicts_that_are_equal_and_not_the_same_have_programs_of_their_own(keys: tuple[Any, Any]) -> None:
    f = compile(lambda d: d[keys[0]] * (1.0 if repr(next(iter(d))) == repr(keys[0]) else 2.0))
    assert [f({key: 3.0}) for key in keys] == [3.0, 6.0]
    held: dict[Any, Any] = {keys[0]: 1.0}
    g = compile(lambda x: x * (1.0 if repr(next(iter(held))) == repr(keys[0]) else 2.0))
    assert g(3.0) == 3.0
    held.clear()
    held[keys[1]] = 1.0
    assert g(3.0) == 6.0


def test_equal_static_dataclasses_share_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    def f(x: Any, c: Frozen) -> Any:
        print("run")
        return x * c.a

    g = compile(f, static=("c",))
    for _ in range(3):
        assert g(1.0, Frozen(2.0)) == 2.0
    assert capsys.readouterr().out == "run\n" * 2  # which traced it


def test_static_arguments_are_let_go() -> None:
    f = compile(lambda x, c: x * c.a, static=("c",))
    alive = weakref.WeakSet[Any]()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for i in range(200):
            c = Slotted(float(i))
            alive.add(c)
            assert f(2.0, c) == 2.0 * i
    del c
    gc.collect()
    assert len(alive) <= KEYS

"""Operators as Python's numbers have them: objects with operators of their own, and numbers that no float equals."""

from __future__ import annotations

import datetime
import operator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import autodiff
from autodiff import Value, compile, grad

REFLECTED = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "pow": operator.pow,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
ORDERED = {name: REFLECTED[name] for name in ("gt", "ge", "lt", "le")} | {"eq": operator.eq, "ne": operator.ne}
BIG = 2**53
UNEQUAL = [BIG + 1, -BIG - 1, 3**40, 10**400, -(10**400), Fraction(1, 3), Fraction(-(10**30), 7), 2**1024]


class Answering:
    """Answers every reflected operator with its name and the other operand."""

    def answer(name: str) -> Any:  # noqa: N805
        return lambda self, other: (name, other)

    __radd__, __rsub__, __rmul__, __rtruediv__, __rpow__ = map(answer, ("add", "sub", "mul", "div", "pow"))
    __lt__, __le__, __gt__, __ge__ = map(answer, ("gt", "ge", "lt", "le"))


class Vector(list):
    """A list with a product of its own, and no other operator."""

    def __rmul__(self, factor: Any) -> Vector:  # type: ignore[override]
        return Vector(factor * x for x in self)


@pytest.mark.parametrize("name", REFLECTED)
def test_an_object_with_an_operator_of_its_own_takes_a_value_as_it_takes_a_float(name):
    v = Value(2.5)
    assert REFLECTED[name](2.5, Answering()) == (name, 2.5)
    found = REFLECTED[name](v, Answering())
    assert (found[0], found[1] is v) == (name, True)


@pytest.mark.parametrize("name", ["add", "sub", "mul", "div", "pow", "gt", "lt"])
def test_the_functions_and_methods_ask_the_other_object_too(name):
    v = Value(2.5)
    assert getattr(autodiff, name)(v, Answering())[0] == name
    assert getattr(v, name)(Answering())[0] == name


def test_a_class_that_has_one_operator_is_refused_in_the_others():
    v = Value(2.0)
    assert [x.data for x in v * Vector([1.0, 3.0])] == [2.0, 6.0]
    with pytest.raises(TypeError, match="`sub` takes Values or numbers, got Vector"):
        v - Vector([1.0])


def test_an_operator_that_knows_no_better_leaves_our_error():
    with pytest.raises(TypeError, match="`mul` takes Values or numbers, got timedelta"):
        Value(2.0) * datetime.timedelta(1)
    with pytest.raises(TypeError, match="`mul` takes Values or numbers, got Tensor"):
        Value(2.0) * type("Tensor", (), {"__rmul__": lambda self, other: NotImplemented})()


def test_a_compiled_function_meets_objects_as_the_plain_one_does():
    price = Vector([3.0, 4.0])
    f = lambda x: (x * price)[1] + x  # noqa: E731
    assert (f(2.0), compile(f)(2.0), grad(f)(2.0)) == (10.0, 10.0, 5.0)


def test_sympy_s_numbers_are_taken_on_either_side():
    sympy = pytest.importorskip("sympy", reason="no sympy: install `autodiff-scalar[oracles]`")
    v = Value(2.5)
    for number in (sympy.Integer(2), sympy.Float(2), sympy.Rational(2, 1)):
        assert [(number * v).data, (v * number).data, (number - v).data] == [5.0, 5.0, -0.5]
    with pytest.raises(TypeError, match="`mul` takes Values or numbers, got Symbol"):
        sympy.Symbol("s") * v


@pytest.mark.parametrize("n", UNEQUAL, ids=lambda n: str(n)[:12])
@pytest.mark.parametrize("name", ORDERED)
def test_a_rational_that_no_float_equals_compares_exactly(name, n):
    near = float(n) if abs(n) < 2**1024 else np.inf if n > 0 else -np.inf
    for x in (near, np.nextafter(near, np.inf), np.nextafter(near, -np.inf), 0.0, np.inf, -np.inf, np.nan):
        x, compare = float(x), ORDERED[name]
        truth = [float(compare(x, n)), float(compare(n, x))]
        assert [compare(Value(x), n).data, compare(n, Value(x)).data] == truth, x
        row = getattr(autodiff, name)
        assert [row(x, n), row(n, x), row(Value(x), n).data, row(n, Value(x)).data] == truth * 2, x


@pytest.mark.parametrize("name", ORDERED)
def test_two_rationals_compare_exactly(name):
    for x, y in ((BIG + 1, BIG + 1), (BIG + 1, BIG + 3), (Fraction(1, 3), BIG + 1), (10**400, 10**401)):
        assert getattr(autodiff, name)(x, y) == float(ORDERED[name](x, y))


@pytest.mark.parametrize("backend", ["numpy", "interpreter", "native"])
@pytest.mark.parametrize("name", ORDERED)
def test_a_program_compares_with_such_a_number_as_the_function_does(name, backend):
    xs = [float(BIG), BIG + 2.0, BIG - 1.0, 0.0, float("nan")]
    f = lambda x: ORDERED[name](x, BIG + 1) * 1.0  # noqa: E731
    assert compile(f, backend=backend).map(np.array(xs)).tolist() == [f(x) for x in xs]


def test_ints_up_to_2_to_the_53_stay_what_they_were():
    v = Value(float(BIG))
    assert [(v == BIG).data, (v >= BIG).data, (v > BIG - 1).data, (v < BIG + 2).data] == [1.0] * 4
    assert (v > BIG).args == (v, float(BIG))

"""Proxies: what asks for the class of a number takes the branch of the plain call, traced or differentiated."""

from __future__ import annotations

import functools
import math
import numbers
import pickle
import statistics
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff import TraceError, Value, compile, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp


def matched(x: Any) -> bool:
    match x:
        case int() | str():
            return False
        case float(y):
            return y is x
        case _:
            return False


@functools.singledispatch
def dispatched(x: Any) -> bool:
    return False


@dispatched.register
def _(x: float) -> bool:
    return True


ASKED: dict[str, Callable[[Any], bool]] = {
    "isinstance float": lambda x: isinstance(x, float),
    "isinstance int or float": lambda x: isinstance(x, (int, float)),
    "union": lambda x: isinstance(x, int | float),
    "Real": lambda x: isinstance(x, numbers.Real),
    "Number": lambda x: isinstance(x, numbers.Number),
    "np.isscalar": lambda x: bool(np.isscalar(x)),
    "match": matched,
    "dispatched": dispatched,
    "__class__": lambda x: x.__class__ is float,
    "subclass": lambda x: issubclass(x.__class__, float),
    "of a product": lambda x: isinstance(x * x + 1.0, float),
    "of an activation": lambda x: isinstance(ad.tanh(x), float),
    "of many": lambda x: isinstance(ad.logsumexp([x, 1.0, x * 2.0]), float),
    "of an element": lambda x: isinstance([x, 1.0][0], float),
    "of a comparison": lambda x: isinstance(x > 1.0, bool),
    "no int": lambda x: not isinstance(x, int),
    "no list": lambda x: not isinstance(x, (list, tuple, dict, str, np.ndarray)),
    "no Rational": lambda x: not isinstance(x, numbers.Rational),
    "is_integer": lambda x: hasattr(x, "is_integer") and not (x * 0.5).is_integer() and x.is_integer(),
    "real": lambda x: x.real is x and x.imag == 0.0,
}


def square_where(ask: Callable[[Any], bool], x: Any) -> Any:
    return x * x if ask(x) else 100.0 * x


@pytest.mark.parametrize("asked", ASKED)
def test_a_number_has_one_class_in_and_out_of_transforms_and_compiled_functions(asked: str) -> None:
    def f(x: Any) -> Any:
        return square_where(ASKED[asked], x)

    def total(xs: Any) -> Any:
        return f(xs[0]) + f(xs[1])

    assert f(3.0) == 9.0
    assert grad(f)(3.0) == 6.0
    assert value_and_grad(f)(3.0) == (9.0, 6.0)
    assert jvp(f, [3.0], [1.0]) == (9.0, 6.0)
    assert vjp(f, 3.0)[1](1.0) == (6.0,)
    assert grad(grad(f))(3.0) == 2.0
    assert hvp(f, [3.0], [1.0]) == [2.0]
    assert hessian(total)([3.0, 5.0]) == [[2.0, 0.0], [0.0, 2.0]]
    assert jacobian(lambda xs: [f(x) for x in xs])([3.0, 5.0]) == [[6.0, 0.0], [0.0, 10.0]]
    assert grad(lambda x: np.sum(np.array([f(e) for e in x])))(np.array([3.0, 5.0])).tolist() == [6.0, 10.0]
    for backend in ("eager", "numpy", "interpreter", "native"):
        assert compile(f, backend=backend)(3.0) == 9.0
        assert compile(f, backend=backend).map(np.array([3.0, 5.0])).tolist() == [9.0, 25.0]
        assert compile(grad(f), backend=backend)(3.0) == 6.0
        assert grad(compile(f, backend=backend))(3.0) == 6.0
        assert compile(hessian(total), backend=backend)([3.0, 5.0]) == [[2.0, 0.0], [0.0, 2.0]]


def kinds(x: Any) -> list[bool]:
    return [isinstance(x, float), isinstance(x, Value)]


def test_a_value_of_the_caller_is_none_of_these() -> None:
    w, found = Value(2.0), []

    def f(x: Any, y: Any = 0.0) -> Any:
        own = Value(1.0)
        found[:] = map(kinds, (w, x, y, own, x * w, w * 2.0, own * x, x * y))
        return x * w + y

    f(1.0, w)
    plain = [is_value for _, is_value in found]
    assert plain == [True, False, True, True, True, True, True, True]
    for call in (compile(f), grad(f), grad(f, argnums=(0, 1)), compile(f, backend="eager"), grad(grad(f))):
        call(1.0, w)
        assert [not is_float for is_float, _ in found] == plain
    compile(f).mean(np.ones(3), w)
    assert [not is_float for is_float, _ in found] == plain
    assert kinds(w) == kinds(w * 2.0) == [False, True]


def test_an_input_of_a_transform_around_stands_for_a_float_in_the_one_inside() -> None:
    def f(x: Any) -> Any:
        return grad(lambda y: x * y * y if isinstance(x, float) and isinstance(x * y, float) else x)(3.0)

    assert f(2.0) == 12.0
    assert grad(f)(2.0) == 6.0
    assert compile(grad(f))(2.0) == 6.0


def test_a_long_chain_is_asked_node_by_node() -> None:
    def f(x: Any) -> Any:
        y = x
        for _ in range(5_000):
            y = y + 1.0 if isinstance(y, float) else y * math.nan
        return y

    assert grad(f)(1.0) == 1.0
    assert compile(f)(1.0) == 5_001.0


def test_a_branch_for_floats_that_leaves_the_graph_is_refused() -> None:
    def f(x: Any) -> Any:
        return math.exp(x) if isinstance(x, float) else x.exp()

    assert f(0.0) == 1.0
    with pytest.raises(TraceError, match=r"test_proxies.py:\d+: .*`autodiff.exp\(v\)`"):
        compile(f)(0.0)
    with pytest.raises(TypeError, match="would lose the gradient"):
        grad(f)(0.0)


@pytest.mark.parametrize(
    "f", [statistics.mean, lambda xs: Fraction(xs[0]), lambda xs: xs[0].as_integer_ratio()[0], lambda xs: xs[0].hex()]
)
def test_what_takes_a_float_apart_is_refused(f: Any) -> None:
    with pytest.raises(TypeError, match="would lose the gradient"):
        grad(f)([1.0, 2.0])
    with pytest.raises(TraceError, match=r"test_proxies.py:\d+: .* cannot be compiled"):
        compile(lambda xs: f(xs))([1.0, 2.0])


def test_whole_numbers_are_told_as_floats_tell_them() -> None:
    numbers = [0.0, -0.0, 2.0, -2.5, 1e300, math.inf, -math.inf, math.nan]
    for x in numbers:
        assert bool(Value(x).is_integer()) == x.is_integer()
    f = compile(lambda x: x if x.is_integer() else -1.0 + 0.0 * x)
    assert [f(x) for x in numbers[:5]] == [0.0, 0.0, 2.0, -1.0, 1e300]


def test_what_is_computed_in_a_transform_can_be_pickled_there() -> None:
    def f(x: Any) -> Any:
        return pickle.loads(pickle.dumps(x * x)) * x

    assert f(2.0) == 8.0
    assert grad(f)(2.0) == 12.0


def test_a_value_outside_is_a_real_number_and_no_float() -> None:
    v = Value(2.0)
    assert isinstance(v, numbers.Real)
    assert not isinstance(v, float)
    assert v.__class__ is Value
    assert bool(Fraction(2) == v)
    assert bool(v == Fraction(2))

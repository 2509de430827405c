"""Values and slopes by hand on each piece of the rows that have several, where other tests read the rows."""

from __future__ import annotations

import itertools
import math

import mpmath
import numpy as np
import pytest

import autodiff
from autodiff import Interval, Value, hessian, norm, reciprocal, softmax, vjp
from autodiff import dot as public_dot
from autodiff.apply import call, dot
from autodiff.arithmetic import ARITHMETICS
from autodiff.arrays import numpy as arrays
from autodiff.eager.statements import statements
from autodiff.row import PRIMITIVES
from autodiff.text import Term
from autodiff.watch import watch

from ..conftest import bits, ulps

VALUES = {
    "sign": {(-2.5,): -1.0, (2.5,): 1.0},
    "abs": {(-2.5,): 2.5, (2.5,): 2.5},
    "relu": {(-2.5,): 0.0, (2.5,): 2.5},
    "leaky_relu": {(-2.0, 0.25): -0.5, (2.0, 0.25): 2.0},
    "elu": {(-math.inf, 0.25): -0.25, (2.0, 0.25): 2.0},
    "maximum": {(-2.0, 1.0): 1.0, (1.0, -2.0): 1.0},
    "minimum": {(-2.0, 1.0): -2.0, (1.0, -2.0): -2.0},
    "clamp": {(-3.0, -1.0, 2.0): -1.0, (0.5, -1.0, 2.0): 0.5, (3.0, -1.0, 2.0): 2.0},
    "floor": {(-2.5,): -3.0, (2.5,): 2.0},
    "round": {(-2.5,): -2.0, (3.5,): 4.0},
    "where": {(1.0, 2.0, 3.0): 2.0, (0.0, 2.0, 3.0): 3.0},
    "take": {(5.0, 6.0, 7.0, 0.0): 5.0, (5.0, 6.0, 7.0, 2.0): 7.0},
    "surprisal": {(5.0, 5.0, 0.0): math.log(2.0), (40.0, 0.0, 0.0): math.exp(-40.0), (-1e300, 1e300, 0.0): 2e300},
    "logsumexp": {
        (1000.0, 1000.0): 1000.6931471805599,
        (-1000.0, -1000.0): -999.3068528194401,
        # 5.7e307 is so far below that the error of the shift overflows
        (5.691292261933313e307, 1.7976931348623157e308): 1.7976931348623157e308,
    },
}
SLOPES = {
    "atan": {(1e10,): 1e-20, (-1e10,): 1e-20, (3.0,): 0.1, (1e9,): 1e-18},
    "silu": {(-710.0,): -709.0 * math.exp(-355.0) * math.exp(-355.0), (40.0,): 1.0},
    "tanh": {(-20.0,): 4.0 * math.exp(-40.0), (20.0,): 4.0 * math.exp(-40.0)},
    "sigmoid": {(-40.0,): math.exp(-40.0), (40.0,): math.exp(-40.0)},
    "surprisal": {
        (40.0, 0.0, 0.0): -math.exp(-40.0),
        (40.0, 0.0, 1.0): 1.0,
        (700.0, 0.0, 1.0, 0.0): -(1.0 + math.e) * math.exp(-700.0),
    },
    "hypot": {(3e-300, 4e-300): 0.6, (3e300, 4e300): 0.6, (-5.0, 0.0): -1.0},
}
EXPONENTS = (-3.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0)


@pytest.mark.parametrize("name", VALUES)
def test_each_piece_of_a_row_has_the_value_that_its_name_says(name: str) -> None:
    for point, value in VALUES[name].items():
        assert call(name, *map(Value, point)).data == value


@pytest.mark.parametrize("name", SLOPES)
def test_each_piece_of_a_row_has_the_slope_of_the_closed_form(name: str) -> None:
    for point, slope in SLOPES[name].items():
        assert call(name, *map(Value, point)).partials[0] == pytest.approx(slope, rel=1e-15, abs=0.0)


@pytest.mark.parametrize("exponent", EXPONENTS)
def test_a_power_is_math_s_for_an_exponent_of_either_kind(exponent: float) -> None:
    for kind, base in itertools.product((Value, float), (3.0, 0.7)):
        assert (Value(base) ** kind(exponent)).data == pytest.approx(math.pow(base, exponent), rel=1e-15)


def test_powers_that_have_a_row_of_their_own_are_that_row() -> None:
    exponents = (2.0, 2.002, -1.0, -1.001, 0.5, 0.5005)
    assert [(Value(3.0) ** p).op for p in exponents] == ["square", "pow", "reciprocal", "pow", "sqrt", "pow"]


def test_the_last_argument_of_a_row_may_have_a_default() -> None:
    assert (autodiff.leaky_relu(-2.0), Value(-2.0).leaky_relu().data) == (-0.02, -0.02)
    assert (autodiff.elu(-math.inf), Value(-math.inf).elu().data) == (-1.0, -1.0)


def test_the_slopes_of_hypot_at_the_origin_are_0_without_a_sign() -> None:
    assert list(map(bits, call("hypot", Value(0.0), Value(0.0)).partials)) == [bits(0.0)] * 2


def test_a_power_has_second_derivatives_at_0() -> None:
    assert hessian(lambda x, y: x**y, (0, 1))(0.0, 3.0) == ((0.0, 0.0), (0.0, 0.0))


@pytest.mark.parametrize("x", [-36.5, -37.5, -38.2])
def test_gelu_far_below_is_x_times_the_normal_distribution(x: float) -> None:
    node = call("gelu", Value(x))
    assert ulps(node.data, x * mpmath.ncdf(x)) <= 4.0
    assert ulps(node.partials[0], mpmath.ncdf(x) + x * mpmath.npdf(x)) <= 4.0


def test_softmax_of_far_terms_is_within_4_ulp() -> None:
    for x, y in ((0.3, -30.1), (4.5, -30.2), (5.0, -29.7)):
        truth = 1 / (1 + mpmath.exp(mpmath.mpf(x) - mpmath.mpf(y)))
        assert ulps(softmax([x, y])[1], truth) <= 4.0


def test_comparisons_of_arrays_can_be_counted() -> None:
    x = np.array([1.0, 2.0])
    assert (arrays.eq(x, 2.0) + arrays.ge(x, 1.0)).tolist() == [1.0, 2.0]


@pytest.mark.parametrize("xs", [5.0, "12", b"12", Value(1.0)])
def test_what_is_no_sequence_is_refused_by_name(xs: object) -> None:
    with pytest.raises(TypeError, match=r"`sum` takes a sequence of Values or numbers, got "):
        autodiff.sum(xs)  # type: ignore[arg-type]


@pytest.mark.parametrize("kinds", list(itertools.product((Value, float, int), repeat=4)))
def test_the_native_loop_of_dot_records_what_the_row_does(kinds: tuple[type, ...]) -> None:
    operands = [kind(x) for kind, x in zip(kinds, (-0.0, 2.0, 3.0, -5.0), strict=True)]
    found, expected = dot(operands[:2], operands[2:]), call("dot", *operands)
    assert type(found) is type(expected)
    if isinstance(found, Value):
        assert (found.op, bits(found.data), found.edges) == (expected.op, bits(expected.data), expected.edges)
        assert list(zip(found.args, found.partials, strict=True)) == list(
            zip(expected.args, expected.partials, strict=True)
        )
        assert [type(a) for a in found.args] == [type(a) for a in expected.args]
    else:
        assert bits(found) == bits(expected)


def test_the_native_loop_of_dot_starts_from_the_first_product_and_has_none_for_none() -> None:
    assert bits(dot([Value(-0.0)], [1.0]).data) == bits(-0.0)
    assert bits(dot([], [])) == bits(0.0)
    with pytest.raises(TypeError, match="`dot` takes Values or numbers, got str 'a'"):
        dot([Value(1.0)], ["a"])


def test_norm_is_the_length_of_a_vector() -> None:
    assert (norm([3.0, 4.0]), norm([2.0]), norm([-0.0, 0.0])) == (5.0, 2.0, 0.0)


def test_dot_takes_what_can_be_gone_through_once() -> None:
    x = Value(2.0)
    found = public_dot(iter([x, 3.0]), (y for y in [5.0, 7.0]))
    assert (found.data, public_dot(map(float, [1, 2]), [3, 4])) == (31.0, 11.0)


def test_comparisons_of_arrays_are_numbers() -> None:
    found = ARITHMETICS["numpy"].gt(np.array([1.0, 2.0]), np.array([2.0, 1.0]))
    assert (found.dtype, found.tolist()) == (np.float64, [0.0, 1.0])


def test_rows_intervals_and_the_watch_hold_what_they_declare_and_nothing_else() -> None:
    for frozen, name in ((PRIMITIVES["add"], "name"), (Interval(), "low")):
        with pytest.raises(AttributeError):
            setattr(frozen, name, 1.0)
    with pytest.raises(AttributeError):
        watch.other = 1  # type: ignore[attr-defined]


def test_a_pullback_tells_the_zeros_of_a_leaf_apart() -> None:
    w = Value(-0.0)
    pullback = vjp(lambda x: x * reciprocal(w), 1.0)[1]
    w.data = 0.0
    assert pullback(1.0)[0].data == -math.inf


def test_a_term_that_is_used_twice_is_computed_once() -> None:
    part = Term("f({})", Term("x"))
    lines, slopes = statements(Term("{} + {}", part, part, level=Term.SUM), [Term("-{}", part, level=Term.SIGN)])
    assert (lines, slopes) == (["t0 = f(x)", "z = t0 + t0", "dx = -t0"], ["dx"])

"""Derivatives of orders 1 to 3 where arguments are 0 and about: right where the function is smooth, else as listed.

Whether a function is smooth at a point, and what its derivatives are there, mpmath tells: differences of its value at
the point and at four others 2⁻¹²⁰ away agree, or there is no limit. Where there is none, a derivative is nan, infinite,
or one of the `CONVENTIONS`; a finite number that is neither is wrong.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import pytest
from mpmath import mpf

import autodiff
from autodiff import compile, exp, grad, hessian, hvp, hypot, jvp, norm, xlogy
from autodiff.apply import call
from autodiff.row import Primitive

from ..conftest import SMOOTH
from ..support import truth

Function = Callable[[Sequence[Any]], Any]
NUMBERS = (0.0, -1.5, 1.0, 2.0)
# What is adopted where there is no limit: derivatives of each piece in rows of pieces, one-sided ones at the end of a
# domain, the mean of all directions at the origin of a length or an angle.
PIECES = {"relu", "leaky_relu", "elu", "abs", "sign", "maximum", "minimum", "clamp", "where"}
PIECES |= {"selu", "relu6", "hard_tanh", "hard_sigmoid", "hard_swish", "fmod", "mod", "ieee_remainder", "copysign"}
LATER = {"softsign"}  # the first derivative is true at the kink, the second, 0, is adopted
FIRST = {"hypot", "norm", "atan2"}  # only first derivatives, 0, are adopted at the origin
AT_THE_END = {
    "atan2": lambda x, y: x == 0.0 and y < 0.0,  # the cut, where the angle jumps by 2π: slopes of either side
    "pow": lambda x, y: x == 0.0 and y >= 0.0,
    "xlogy": lambda x, y: y <= 0.0,  # linear in x, where log y is no number; at x = 0 the term is switched off
    "div": lambda x, y: y == 0.0,  # linear in x
}


def derivatives(f: Function, point: Sequence[float], order: int) -> dict[tuple[int, ...], float]:
    """Return the derivatives of f at `point` up to an order, by nested gradients."""
    found: dict[tuple[int, ...], float] = {}

    def differentiate(g: Function, index: tuple[int, ...]) -> None:
        for i in range(len(point)):
            slope = lambda xs, g=g, i=i: grad(g)(xs)[i]  # noqa: E731
            found[*index, i] = float(slope(list(point)))
            if len(index) + 1 < order:
                differentiate(slope, (*index, i))

    differentiate(f, ())
    return found


def limit(f: Function, point: Sequence[float], index: Sequence[int]) -> float | None:
    """Return the derivative of f at `point`, None if it is not the limit of those about it.

    Where f is not defined all around, about it means beside it in the arguments of `index`: (-1.5)² is smooth there.
    """
    with mpmath.workprec(3_000):
        here = difference(f, [mpf(x) for x in point], index, mpf(2) ** -200)
        around = [here, *_around(f, point, index, range(len(point)))]
        if None not in around[:1] and None in around:
            around = [here, *_around(f, point, index, index)]
        if not all(isinstance(x, mpf) and mpmath.isfinite(x) for x in around):
            return None
        size = max(map(abs, around))
        if max(abs(x - here) for x in around) > mpf(2) ** -60 * max(size, mpf(1)):
            return None
        return float(here) if size > mpf(2) ** -90 else 0.0


def _around(f: Function, point: Sequence[float], index: Sequence[int], moved: Sequence[int]) -> list[Any]:
    rng = random.Random(1)
    found = []
    for k in range(1, 4):
        drift = [mpf(2) ** -120 * rng.uniform(-1.0, 1.0) if i in moved else 0 for i in range(len(point))]
        xs = [mpf(x) + d for x, d in zip(point, drift, strict=True)]
        found.append(difference(f, xs, index, mpf(2) ** -(200 + 7 * k)))
    return found


def difference(f: Function, xs: Sequence[Any], index: Sequence[int], step: Any) -> Any:
    """Return the central difference of f by each of the arguments `index`, None where it is not defined."""
    total = mpf(0)
    for signs in itertools.product((1, -1), repeat=len(index)):
        moved = list(xs)
        for sign, i in zip(signs, index, strict=True):
            moved[i] += sign * step
        try:
            value = f(moved)
        except (ZeroDivisionError, ValueError, TypeError):
            return None
        if isinstance(value, mpmath.mpc):
            return None
        total += math.prod(signs) * value
    return total / (2 * step) ** len(index)


def faults(
    f: Function, true: Function, points: Sequence[Sequence[float]], adopted: Callable[..., bool], unknown: bool = False
) -> list[Any]:
    """Return the derivatives of f that are neither right nor adopted; nan is right where there is no limit.

    With `unknown` it is allowed elsewhere: a function smooth at the kink of an inner one cannot be known to be.
    """
    wrong = []
    for point in points:
        limits: dict[tuple[int, ...], float | None] = {}
        for index, found in derivatives(f, point, 3).items():
            order = tuple(sorted(index))
            if order not in limits:
                limits[order] = limit(true, point, order)
            wanted = limits[order]
            if wanted is None:
                fits = not math.isfinite(found) or adopted(point, index)
            else:
                fits = abs(found - wanted) <= 1e-12 * max(1.0, abs(wanted)) or (unknown and math.isnan(found))
            if not fits:
                wrong.append((point, index, found, wanted))
    return wrong


def grid(row: Primitive) -> list[tuple[float, ...]]:
    count = len(row.domain)
    if count < 3:
        return [*itertools.product(NUMBERS, repeat=count)]
    rng = random.Random(row.name)
    return [tuple(rng.choice((0.0, 0.0, 1.0, -1.5)) for _ in range(count)) for _ in range(8)]


def pieces(row: Primitive) -> list[tuple[list[tuple[float, ...]], tuple[float, ...]]]:
    """Return points, and what is appended to each: an index, by which there are no derivatives."""
    if not row.variadic or not row.domain[-1].integers:
        return [(grid(row), ())]
    count = len(row.domain) - 1
    return [([point[:count] for point in grid(row)], (float(k),)) for k in range(count)]


def adopts(row: Primitive) -> Callable[..., bool]:
    def adopted(point: Sequence[float], index: Sequence[int]) -> bool:
        origin = row.name in FIRST and not any(point) and len(index) == 1
        at_the_end = row.name in AT_THE_END and AT_THE_END[row.name](*point)
        later = row.name in LATER and not any(point) and len(index) > 1
        return row.name in PIECES or origin or later or at_the_end

    return adopted


@pytest.mark.parametrize("row", SMOOTH)
def test_no_row_has_a_finite_wrong_derivative_where_arguments_are_0(row: Primitive) -> None:
    for points, rest in pieces(row):
        f, true = lambda xs: call(row.name, *xs, *rest), lambda xs: truth.value(row, [*xs, *rest])  # noqa: B023
        assert faults(f, true, points, adopts(row)) == []


def _length(xs: Sequence[Any]) -> Any:
    return mpmath.sqrt(mpmath.fsum(x * x for x in xs))


def _sum_of_exps(xs: Sequence[Any]) -> Any:
    return mpmath.log(mpmath.fsum(mpmath.exp(x) for x in xs))


COMPOSITES: dict[str, tuple[Function, Function]] = {
    "norm": (norm, _length),
    "norm²": (lambda xs: norm(xs) ** 2, lambda xs: _length(xs) ** 2),
    "exp(-norm²)": (lambda xs: exp(-(norm(xs) ** 2)), lambda xs: mpmath.exp(-(_length(xs) ** 2))),
    "exp(-hypot²)": (lambda xs: exp(-(hypot(xs[0], xs[1]) ** 2)), lambda xs: mpmath.exp(-(_length(xs[:2]) ** 2))),
    "cosh(hypot)": (lambda xs: autodiff.cosh(hypot(xs[0], xs[1])), lambda xs: mpmath.cosh(_length(xs[:2]))),
    "hypot of hypot": (lambda xs: hypot(hypot(xs[0], xs[1]), xs[2]), _length),
    "hypot of hypot and 1": (lambda xs: hypot(hypot(xs[0], xs[1]), 1.0), lambda xs: _length([*xs[:2], mpf(1)])),
    "softmax": (lambda xs: autodiff.softmax(xs)[0], lambda xs: mpmath.exp(xs[0] - _sum_of_exps(xs))),
    "log_softmax": (lambda xs: autodiff.log_softmax(xs)[0], lambda xs: xs[0] - _sum_of_exps(xs)),
    "logsumexp": (autodiff.logsumexp, _sum_of_exps),
    "cross entropy": (lambda xs: autodiff.logsumexp(xs) - xs[1], lambda xs: _sum_of_exps(xs) - xs[1]),
    "surprisal": (lambda xs: autodiff.surprisal(xs, 1), lambda xs: _sum_of_exps(xs) - xs[1]),
    "xlogy of a square": (lambda xs: xlogy(xs[0], 1.0 + xs[1] ** 2), lambda xs: xs[0] * mpmath.log(1 + xs[1] ** 2)),
    "relative entropy": (
        lambda xs: xlogy(xs[0], 2.0 + xs[1]) - xlogy(xs[0], exp(xs[2])),
        lambda xs: xs[0] * mpmath.log(2 + xs[1]) - xs[0] * xs[2],
    ),
    "distance to a line": (lambda xs: norm([xs[0], xs[1] - 1.0, 0.0]), lambda xs: _length([xs[0], xs[1] - 1])),
    "x(1 - x³)": (lambda xs: xs[0] * (1.0 - xs[0] ** 3), lambda xs: xs[0] * (1 - xs[0] ** 3)),
    "angle": (lambda xs: autodiff.atan2(xs[0], xs[1]) * xs[2], lambda xs: mpmath.atan2(xs[0], xs[1]) * xs[2]),
}


@pytest.mark.parametrize("name", COMPOSITES)
def test_no_composite_has_a_finite_wrong_derivative_where_arguments_are_0(name: str) -> None:
    points = [p for p in itertools.product((0.0, 1.0, -1.5), repeat=3) if p.count(0.0) and p.count(-1.5) < 2]
    adopted = lambda point, index: len(index) == 1 or name == "angle"  # noqa: E731
    assert faults(*COMPOSITES[name], points, adopted, unknown="norm²" in name or "hypot" in name) == []


def test_the_sweep_finds_a_norm_that_begins_with_an_absolute_value() -> None:
    first = lambda xs: hypot(hypot(0.0, xs[0]), xs[1])  # noqa: E731
    kinked = lambda xs: autodiff.sqrt(autodiff.maximum(xs[0] * abs(xs[0]), -xs[0] * abs(xs[0])) + xs[1] ** 2)  # noqa: E731
    assert derivatives(first, [0.0, 4.0], 1) == {(0,): 0.0, (1,): 1.0}
    assert faults(kinked, _length, [(0.0, 4.0)], lambda point, index: False)


def test_the_hessian_of_a_norm_is_right_on_the_axes() -> None:
    assert hessian(norm)([0.0, 4.0]) == [[0.25, 0.0], [0.0, 0.0]]
    assert hessian(norm)([0.0, 0.0, 2.0]) == [[0.5, 0.0, 0.0], [0.0, 0.5, 0.0], [0.0, 0.0, 0.0]]
    assert hvp(norm, [[0.0, 4.0]], [[1.0, 1.0]]) == [[0.25, 0.0]]
    assert jvp(lambda x: grad(norm)([x, 4.0])[0], (0.0,), (1.0,)) == (0.0, 0.25)
    assert hessian(norm)([1e-9, 1.0])[1][1] == hessian(lambda xs: hypot(xs[0], xs[1]))([1e-9, 1.0])[1][1] == 1e-18


@pytest.mark.parametrize("backend", ["numpy", "interpreter", "native"])
def test_compiled_hessians_are_those_of_eager_where_arguments_are_0(backend: str) -> None:
    for f, _ in COMPOSITES.values():
        compiled = compile(hessian(f), backend=backend)
        for point in ([0.0, 0.0, 2.0], [0.0, 1.0, 0.0], [0.5, -1.5, 1.0], [0.0, 0.0, 0.0]):
            lines = zip(compiled(point), hessian(f)(point), strict=True)
            for found, wanted in lines:
                assert found == pytest.approx(wanted, rel=1e-14, abs=1e-15, nan_ok=True), point


def test_x_log_y_is_smooth_where_x_is_0_and_y_positive() -> None:
    assert grad(xlogy)(0.0, 2.0) == math.log(2.0)
    assert grad(grad(xlogy), 1)(0.0, 2.0) == grad(grad(xlogy, 1))(0.0, 2.0) == 0.5
    assert (grad(xlogy)(0.0, 0.0), grad(xlogy)(0.0, -1.0), xlogy(0.0, 0.0)) == (0.0, 0.0, 0.0)
    compiled = compile(grad(xlogy))
    assert [compiled(0.0, y) for y in (2.0, 0.0, -1.0)] == [math.log(2.0), 0.0, 0.0]


def test_what_is_smooth_in_the_square_of_a_length_has_no_finite_wrong_hessian_at_the_origin() -> None:
    for name in ("norm²", "exp(-norm²)", "exp(-hypot²)", "cosh(hypot)"):
        assert all(math.isnan(x) for line in hessian(COMPOSITES[name][0])([0.0, 0.0, 0.0])[:2] for x in line[:2])
    assert hessian(lambda xs: exp(-autodiff.dot(xs, xs)))([0.0, 0.0]) == [[-2.0, 0.0], [0.0, -2.0]]


def nth(f: Callable[[Any], Any], n: int) -> Callable[[Any], Any]:
    for _ in range(n):
        f = grad(f)
    return f


def test_powers_keep_their_digits_at_high_orders() -> None:
    assert nth(lambda x: x**100, 2)(1200.0) == pytest.approx(5.69e305, rel=1e-3)
    assert nth(lambda x: x**2.5, 5)(1e100) == pytest.approx(1.40625e-250, rel=1e-13)
    assert nth(lambda x: x**2.5, 4)(1e-150) == pytest.approx(-0.9375e225, rel=1e-13)
    assert [nth(lambda x: x**4, 5)(x) for x in (1e-8, 1e-100, 0.0)] == [0.0, 0.0, 0.0]
    assert [nth(lambda x: x**1.0, k)(0.0) for k in (1, 2, 3, 4)] == [1.0, 0.0, 0.0, 0.0]
    assert [nth(lambda x: x ** autodiff.Value(1.0), k)(0.0) for k in (2, 3, 4)] == [0.0, 0.0, 0.0]
    assert nth(lambda x: x * (1 - x**1.1), 1)(0.0) == 1.0


@pytest.mark.parametrize("backend", ["interpreter", "native"])
@pytest.mark.parametrize("n", [-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0])
def test_slopes_of_a_power_with_its_exponent_as_data_have_the_bits_of_eager(backend: str, n: float) -> None:
    rng = random.Random(n)
    for order in (1, 2, 3):
        compiled = compile(lambda x, n: nth(lambda x: x**n, order)(x), backend=backend)  # noqa: B023
        for x in (*(rng.uniform(0.1, 9.0) for _ in range(100)), 0.0):
            found, wanted = compiled(x, n), nth(lambda x: x**n, order)(x)
            if not math.isfinite(wanted):
                assert not math.isfinite(found)
            elif n == -1.0 and order == 3:  # three terms, which reciprocal adds in another order
                assert found == pytest.approx(wanted, rel=1e-15)
            else:
                assert found == wanted, (x, order)


def test_second_derivatives_keep_their_digits_about_0_and_in_the_tails() -> None:
    odd: dict[str, float] = {"tanh": -2.0, "sigmoid": -0.125, "asin": 1.0, "acos": -1.0, "atan": -2.0, "atanh": 2.0}
    for name, slope in odd.items():  # of the second derivative at 0
        for x in (1e-10, -1e-17, 1e-200):
            assert nth(getattr(autodiff, name), 2)(x) == pytest.approx(slope * x, rel=1e-15), (name, x)
    for x in (40.0, 100.0, 600.0):
        e = math.exp(-x)
        assert nth(autodiff.silu, 2)(x) == pytest.approx((2.0 - x) * e, rel=1e-13)
        assert nth(autodiff.softplus, 2)(x) == pytest.approx(e, rel=1e-13)
        assert nth(autodiff.sigmoid, 2)(-x) == pytest.approx(e, rel=1e-13)
    assert hessian(lambda xs: hypot(xs[0], xs[1]))([1.0, 1e-200])[0][0] == 0.0  # 1e-400
    assert hessian(lambda xs: hypot(xs[0], xs[1]))([1.0, 1e-100])[0][0] == pytest.approx(1e-200, rel=1e-15)
    assert hessian(lambda xs: xs[0] ** xs[1])([2.0, 1e-150])[0][0] == pytest.approx(-2.5e-151, rel=1e-15)


@pytest.mark.parametrize("x", [26.0, 40.0, 300.0])
def test_shares_of_a_sure_class_have_slopes(x: float) -> None:
    bell = math.exp(-x) / (1.0 + math.exp(-x)) ** 2
    lines = [[bell, -bell], [-bell, bell]]
    for found in (hessian(autodiff.logsumexp)([x, 0.0]), compile(hessian(autodiff.logsumexp))([x, 0.0])):
        assert [number for line in found for number in line] == pytest.approx([*lines[0], *lines[1]], rel=1e-14)
    assert nth(lambda x: autodiff.logsumexp([x, 0.0]), 2)(x) == pytest.approx(bell, rel=1e-14)
    assert nth(lambda x: autodiff.logsumexp([0.0, x, -1.0]), 3)(x) == pytest.approx(
        -math.exp(-x) * (1.0 + math.exp(-1.0)), rel=1e-10
    )


@pytest.mark.parametrize("backend", ["eager", "numpy", "interpreter", "native"])
@pytest.mark.parametrize(("log", "unit"), [("log", 1.0), ("log2", math.log(2.0)), ("log10", math.log(10.0))])
def test_the_second_derivative_of_a_log_of_what_is_tiny_is_right(log: str, unit: float, backend: str) -> None:
    def density(x: Any) -> Any:
        return getattr(autodiff, log)(exp(-x * x / 2.0) / 2.5)

    def scaled(x: Any) -> Any:
        return getattr(autodiff, log)(1e-200 * x)

    made = (lambda f: f) if backend == "eager" else lambda f: compile(f, backend=backend)
    assert made(nth(density, 2))(30.0) * unit == pytest.approx(-1.0, rel=1e-14)
    assert made(nth(scaled, 2))(2.0) * unit == pytest.approx(-0.25, rel=1e-15)
    assert made(nth(scaled, 3))(2.0) * unit == pytest.approx(0.25, rel=1e-15)
    ends = [made(nth(getattr(autodiff, log), order))(x) for order in (1, 2, 3) for x in (0.0, 1e-310)]
    assert ends == [math.inf] * 2 + [-math.inf] * 2 + [math.inf] * 2
    assert all(math.isnan(made(nth(getattr(autodiff, log), order))(-1.0)) for order in (1, 2, 3))
    assert [made(nth(getattr(autodiff, log), order))(math.inf) for order in (1, 2, 3)] == [0.0, 0.0, 0.0]

"""Orders 1 to 3 of f(s·x), s far from 1: what leaves the floats between the factors s leaves no finite wrong number.

The slopes of a row by u = s·x may be 10²⁰⁰ or 10⁻²⁰⁰ where the derivatives by x are as large as f. They come from steps
of one 1/u each, so that a factor s meets every step.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import pytest
from mpmath import mpf

import autodiff as ad
from autodiff import compile, grad

LEAST, LARGEST = 1e-290, 1.7976931348623157e308
SCALES = [10.0**k for k in (-300, -250, -200, -196, -160, -120, -80, 80, 120, 160, 200, 250, 300)]
POINT = 1.75
Function = Callable[[Any], Any]
POWERS = {f"u^{y}": y for y in (0.3, -0.3, 1.5, -2.0, 0.75, -0.125, 3.0)}
ROWS: dict[str, tuple[Function, Function]] = {
    "log": (ad.log, mpmath.log),
    "log2": (ad.log2, lambda u: mpmath.log(u) / mpmath.log(2)),
    "log10": (ad.log10, mpmath.log10),
    "log1p": (ad.log1p, mpmath.log1p),
    "logit": (ad.logit, lambda u: mpmath.log(u) - mpmath.log(1 - u)),
    "asinh": (ad.asinh, mpmath.asinh),
    "acosh": (ad.acosh, mpmath.acosh),
    "cbrt": (ad.cbrt, mpmath.cbrt),
    "2 log u": (lambda u: ad.xlogy(2.0, u), lambda u: 2 * mpmath.log(u)),
    "log u": (lambda u: ad.xlogy(1.0, u), mpmath.log),
    "atan": (ad.atan, mpmath.atan),
    "softsign": (ad.softsign, lambda u: u / (1 + abs(u))),
    "sqrt": (ad.sqrt, mpmath.sqrt),
    "1/u": (lambda u: 1.0 / u, lambda u: 1 / u),
    "1/√u": (lambda u: 1.0 / ad.sqrt(u), lambda u: 1 / mpmath.sqrt(u)),
    "u/u": (lambda u: u / u, lambda u: mpf(1)),
    **{name: (lambda u, y=y: u**y, lambda u, y=y: mpmath.power(u, mpf(y))) for name, y in POWERS.items()},
}
LENGTHS: dict[str, tuple[Function, Function]] = {
    f"{name} beside {side}": (
        lambda u, f=f, side=side: f(u, side),
        lambda u, true=true, side=side: true(u, mpf(side)),
    )
    for side in (1e-200, 3e-150, 2e180)
    for name, f, true in (
        ("hypot", ad.hypot, lambda x, y: mpmath.sqrt(x * x + y * y)),
        ("norm", lambda x, y: ad.norm([x, y, 2.0 * y]), lambda x, y: mpmath.sqrt(x * x + 5 * y * y)),
        ("atan2", ad.atan2, mpmath.atan2),
    )
}
# Division has slopes -z/y without such steps, which would cost every second derivative; sqrt ends in one. Where 1/u³ or
# 1/u⁴ overflows they have inf or nan, where it underflows a part of a sum may be lost.
BY_DIVISION = ("1/u", "1/√u", "sqrt")


def nth(f: Function, n: int) -> Function:
    for _ in range(n):
        f = grad(f)
    return f


def scaled(true: Function, scale: float, order: int) -> Any:
    """Return the derivative of true(scale · x) at the point, by differences of mpmath; None where it is not real."""
    with mpmath.workprec(6_000):
        step = mpf(2) ** -900
        xs = [mpf(scale) * (mpf(POINT) + k * step) for k in (-2, -1, 0, 1, 2)]
        values = [true(x) for x in xs]
        if any(isinstance(value, mpmath.mpc) for value in values):
            return None
        weights = [(0, 0, 1, 0, 0), (0, -0.5, 0, 0.5, 0), (0, 1, -2, 1, 0), (-0.5, 1, 0, -1, 0.5)][order]
        found = mpmath.fsum(w * value for w, value in zip(weights, values, strict=True)) / step**order
        return found if abs(found) > mpf(2) ** -1_200 else mpf(0)  # the rest of the differences


def judged(true: Function, scale: float, order: int) -> tuple[float, bool]:
    """Return the right derivative, and whether the first one by u is a normal number, with room for its digits."""
    right, first = scaled(true, scale, order), scaled(true, scale, 1)
    if right is None or abs(right) > LARGEST or 0 < abs(right) < LEAST:
        return math.nan, False
    return float(right), LEAST < abs(first / mpf(scale)) < 1.0 / LEAST


def assert_right_or_no_number(f: Function, true: Function, scale: float, *, by_division: bool = False) -> None:
    for order in (1, 2, 3):
        right, known = judged(true, scale, order)
        found = nth(lambda x: f(scale * x), order)(POINT)
        if known and not (by_division and order > 1):
            assert found == pytest.approx(right, rel=1e-12, abs=0.0), order
        elif scale < 1.0 and right == right:
            assert not math.isfinite(found) or found == pytest.approx(right, rel=1e-12, abs=0.0), order


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("name", ROWS)
def test_three_orders_of_a_scaled_function_are_right_or_no_number(name: str, scale: float) -> None:
    assert_right_or_no_number(*ROWS[name], scale, by_division=name in BY_DIVISION)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("name", LENGTHS)
def test_three_orders_of_a_length_or_an_angle_far_from_1_are_right(name: str, scale: float) -> None:
    assert_right_or_no_number(*LENGTHS[name], scale)


@pytest.mark.parametrize("backend", ["numpy", "interpreter", "native"])
@pytest.mark.parametrize("name", ["log1p", "asinh", "cbrt", "log u", "u^0.3", "u^-2.0", "hypot beside 1e-200"])
def test_compiled_derivatives_far_from_1_are_those_of_eager(name: str, backend: str) -> None:
    f, _ = (ROWS | LENGTHS)[name]
    for order in (2, 3):
        compiled = compile(lambda s, x: nth(lambda x: f(s * x), order)(x), backend=backend)  # noqa: B023
        for scale in SCALES:
            found, wanted = compiled(scale, POINT), nth(lambda x: f(scale * x), order)(POINT)  # noqa: B023
            assert found == pytest.approx(wanted, rel=0.0 if backend != "numpy" else 1e-14, nan_ok=True), (order, scale)


def test_rows_have_the_slopes_of_their_limits_at_infinity_and_none_at_0() -> None:
    for f in (ad.log1p, ad.atan, ad.softsign, ad.cbrt, lambda u: u**0.3, lambda u: ad.hypot(u, 1.0)):
        assert [nth(f, order)(math.inf) for order in (2, 3)] == [0.0, 0.0]
    for f in (ad.cbrt, lambda u: u**0.3):
        assert all(math.isnan(nth(f, order)(0.0)) for order in (2, 3))
    assert [nth(lambda u: ad.xlogy(2.0, u), order)(0.0) for order in (1, 2, 3)] == [math.inf, -math.inf, math.inf]

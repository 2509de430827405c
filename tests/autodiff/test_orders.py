"""A sample of the sweep of orders 2 and 3 that `python -m tests.support.orders` makes, and what is wrong is noticed."""

from __future__ import annotations

import dataclasses
import itertools
import math
import random

import pytest

from autodiff import PRIMITIVES
from autodiff.row import Primitive

from ..conftest import BUILT_IN
from ..support import orders, truth
from ..support.orders import derivatives, errors, judged, nested, part, sweep

POINTS = 50
ROWS = [pytest.param(row, id=name) for name, row in BUILT_IN.items() if judged(row)]
BOUND, POWERS = 32.0, 300.0  # ulp; the exponent y - 2 of a power is rounded, which counts ln x times
EXTREMES = [sign * size for size in (1e-300, 1e-200, 1e-110, 1e-60, 1.5, 1e60, 1e110, 1e200, 1e300) for sign in (1, -1)]
OVERFLOWS = {"pow", "atan2", "hypot", "norm", "gelu"}  # an inner step is out of range where the result is not


@pytest.mark.parametrize("row", ROWS)
def test_second_and_third_derivatives_keep_their_digits_over_the_whole_domain(row: Primitive) -> None:
    bound = POWERS if row.name == "pow" else BOUND
    assert [worst for worst in sweep(row, POINTS) if not worst.error <= bound] == []


@pytest.mark.parametrize("row", ROWS)
def test_no_derivative_of_an_extreme_argument_is_a_finite_wrong_number(row: Primitive) -> None:
    within = [[x for x in EXTREMES if i.low < x < i.high and x not in i.holes] for i in row.domain]
    points = [*itertools.product(*within)]
    points = random.Random(row.name).sample(points, min(len(points), 40))
    for point, found in zip(points, derivatives(row, points), strict=True):
        for worst in errors(row, point, found):
            told = row.name in OVERFLOWS and not math.isfinite(found[worst.index])
            bound = 2_000.0 if row.name == "pow" else BOUND  # ln x is 690 here
            assert told or worst.error <= bound, (worst, found[worst.index])


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("tanh", lambda m, x, z: (1.0 - z) * (1.0 + z)),
        ("sigmoid", lambda m, x, z: z * (1.0 - z)),
        ("asin", lambda m, x, z: 1.0 / m.sqrt((1.0 - x) * (1.0 + x))),
    ],
)
def test_the_sweep_finds_a_partial_whose_slope_loses_digits(
    name: str, formula: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = dataclasses.replace(PRIMITIVES[name], partials=(formula,))
    monkeypatch.setitem(PRIMITIVES, name, row)
    nested.cache_clear()
    assert any(worst.error > BOUND for worst in part(name, 0, 200))
    nested.cache_clear()  # its functions read the row that was replaced


def test_steps_that_are_too_long_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [worst._replace(error=worst.error + 1.0) for worst in part("cbrt", 0, 20)]
    with pytest.raises(ArithmeticError, match=r"`cbrt`.*with smaller steps"):
        orders.confirmed(PRIMITIVES["cbrt"], found)


def test_differences_of_slopes_are_the_derivatives_of_a_closed_form() -> None:
    truths = orders.Truths(PRIMITIVES["pow"], (2.0, 3.0), orders.STEP)
    with truth.mpmath.workprec(truths.bits):
        assert [float(truths[index]) for index in ((1, 0), (2, 0), (3, 0))] == [12.0, 12.0, 6.0]
        assert float(truths[1, 1]) == pytest.approx(4.0 + 12.0 * math.log(2.0), rel=1e-15)

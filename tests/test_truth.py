"""The textbook formulas of `truth.py` against mpmath's differences of the value columns."""

from __future__ import annotations

import mpmath
import pytest

from autodiff.row import PRIMITIVES, Primitive

from .conftest import SMOOTH
from .support.reading import active, points
from .support.truth import SLOPES, VARIADIC, quotient, slopes


@pytest.mark.parametrize("row", SMOOTH)
def test_formulas_are_the_difference_quotients_of_the_value_columns(row: Primitive) -> None:
    for point in points(row, 20):  # the two-part constants of gelu hold 106 bits
        with mpmath.workprec(200):
            xs = [mpmath.mpf(x) for x in point]
            found = slopes(row, xs)
            for i in active(row):
                truth = quotient(row, xs, i)
                assert mpmath.almosteq(found[i], truth, rel_eps=2.0**-95, abs_eps=2.0**-95), (point, i)


def test_every_formula_belongs_to_a_row_and_every_smooth_row_has_one() -> None:
    assert SLOPES.keys() | VARIADIC.keys() <= PRIMITIVES.keys()
    assert {row.values[0].name for row in SMOOTH} <= SLOPES.keys() | VARIADIC.keys()

"""A sample of the sweep that `python -m tests.accuracy` makes: 4 ulp for values and first partials, tails included."""

from __future__ import annotations

import pytest

from autodiff.row import Primitive

from ..accuracy import sweep
from ..conftest import ROWS

FIXED = [row for row in ROWS if not row.values[0].variadic]


@pytest.mark.parametrize("row", FIXED)
def test_values_and_partials_are_within_4_ulp_over_the_whole_domain(row: Primitive) -> None:
    assert [worst for worst in sweep(row, 40) if not worst.ulps <= 4.0] == []

"""A sample of the sweep that `python -m tests.support.accuracy` makes, and what is wrong is noticed."""

from __future__ import annotations

import dataclasses
import os

import pytest

from autodiff import PRIMITIVES
from autodiff.arithmetic import NAN
from autodiff.row import Primitive

from ..conftest import ROWS
from ..support import accuracy
from ..support.accuracy import Worst, errors, merged, part, promised, sweep
from ..support.sampling import turns

POINTS = int(os.environ.get("POINTS", "1000"))  # CI takes 5,000


@pytest.mark.parametrize("row", ROWS)
def test_values_and_partials_are_as_exact_as_promised_over_the_whole_domain(row: Primitive) -> None:
    assert [worst for worst in sweep(row, POINTS) if not worst.error <= promised(row.name, worst)] == []


@pytest.mark.parametrize(
    ("name", "column", "formula"),
    [
        ("tanh", "∂0", lambda m, x, z: 1.0 - z * z),
        ("log1p", "∂0", lambda m, x, z: 1.0 / (1.0 + x * (1.0 + 1e-15))),
        ("exp", "∂0", lambda m, x, z: m.where(m.gt(z, 1e308), NAN, z)),
        ("asin", "∂0", lambda m, x, z: 1.0 / m.sqrt(1.0 - x * x)),
    ],
)
def test_the_sweep_finds_a_partial_that_is_wrong_in_the_tail_only(
    name: str, column: str, formula: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns(name)  # those of the row itself are kept for later sweeps
    mutant = dataclasses.replace(PRIMITIVES[name], partials=(formula,))
    monkeypatch.setitem(PRIMITIVES, name, mutant)
    assert any(worst.column == column and worst.error > 4.0 for worst in part(name, 0, 1_000))


def test_the_sweep_is_the_same_in_one_process_and_in_two() -> None:
    alone = sweep(PRIMITIVES["atan2"], 2_500)
    (found,) = accuracy.swept(["atan2"], accuracy.chunks(2_500), part).values()
    assert merged(found) == alone


def test_a_truth_of_too_few_bits_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accuracy, "BITS", 60)
    with pytest.raises(ArithmeticError, match=r"`silu`.*at 60 bits"):
        sweep(PRIMITIVES["silu"], 500)


def test_an_error_of_three_ulps_is_called_three() -> None:
    row = dataclasses.replace(PRIMITIVES["neg"], partials=(lambda m, x, z: -1.0 - 3.0 * 2.0**-52,))
    found = {worst.column: worst.error for worst in merged([forged_errors(row, (0.75,))])}
    assert found == {"value": 0.0, "∂0": 3.0}


def forged_errors(row: Primitive, point: tuple[float, ...]) -> list[Worst]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(PRIMITIVES, row.name, row)
        return list(errors(row, point))


def test_turns_are_found_where_results_leave_the_normal_numbers() -> None:
    assert any(709.7 < x < 709.8 for x in turns("exp"))
    assert any(-708.5 < x < -708.3 for x in turns("exp"))
    assert -37.0 in turns("gelu")

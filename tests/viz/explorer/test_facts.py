"""What the explorer tells of rows: their formulas, read from the table, short enough to be read."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest

import autodiff
from autodiff import Value, primitive
from autodiff.row import PRIMITIVES, functions
from viz.explorer.page import Explorer


def row(value: Value) -> dict[str, Any]:
    """Return the formulas of the operation that made a value."""
    (found,) = Explorer([value]).facts()["rows"].values()
    return dict(found)


@pytest.mark.parametrize(
    ("value", "formula", "partials"),
    [
        (Value(2.0) / Value(3.0), "x / y", ["1.0 / y", "-z / y"]),
        (Value(2.0).log(), "log(x)", ["1.0 / x"]),
        (Value(2.0).relu(), "x if x > 0.0 else 0.0", ["1.0 if x > 0.0 else 0.0"]),
        (Value(2.0) > 1.0, "x > y", ["", ""]),
        (autodiff.sum([Value(1.0), Value(2.0), Value(3.0)]), "x1 + x2 + x3", ["1.0"] * 3),
        (autodiff.dot([Value(1.0)], [2.0]), "x * y", ["y", "x"]),
        (autodiff.sum([Value(1.0)]), "x", ["1.0"]),
    ],
)
def test_formulas_are_those_of_the_table(value: Value, formula: str, partials: list[str]) -> None:
    assert row(value) == {"value": formula, "partials": partials}


def test_what_grows_with_each_operand_is_called_by_its_name() -> None:
    found = row(autodiff.logsumexp([Value(float(i)) for i in range(8)]))
    assert found == {"value": "logsumexp(x1, …, x8)", "partials": [""] * 8}


def test_long_formulas_are_cut() -> None:
    found = row(Value(0.5).gelu())
    assert all(len(text) <= 200 and text.endswith(" …") for text in (found["value"], *found["partials"]))


def test_a_row_of_ones_own_is_told_too() -> None:
    with patch.dict(PRIMITIVES), patch.dict(functions):
        swish = primitive("explored_swish", lambda m, x: x / (1.0 + m.exp(-x)), lambda m, x, z: z)
        assert row(swish(Value(1.0))) == {"value": "x / (1.0 + exp(-x))", "partials": ["z"]}

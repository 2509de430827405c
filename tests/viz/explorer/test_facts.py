"""The forms of rows in the explorer: textbook notation, how they are computed, and short enough to be read."""

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
        (Value(2.0) / Value(3.0), "x/y", ["1/y", "-x/y², computed as -z / y"]),
        (Value(2.0).log(), "ln x", ["1/x"]),
        (Value(2.0).tanh(), "tanh x", ["1 - z²"]),
        (Value(2.0).gelu(), "x Φ(x)", ["Φ(x) + x φ(x)"]),
        (Value(2.0).relu(), "max(x, 0)", ["1 if x > 0 else 0"]),
        (Value(2.0) > 1.0, "1 if x > y else 0", ["", ""]),
        (
            autodiff.clamp(Value(2.0), 0.0, 1.0),
            "min(max(x1, x2), x3)",
            ["1 if x2 ≤ x1 ≤ x3 else 0", "1 if x1 < x2 else 0", "1 if x1 > x3 else 0"],
        ),
        (autodiff.hypot(Value(3.0), 4.0), "√(x² + y²)", ["x/z", "y/z"]),
        (autodiff.sum([Value(1.0), Value(2.0), Value(3.0)]), "x1 + x2 + x3", ["1"] * 3),
        (autodiff.dot([Value(1.0)], [2.0]), "x y", ["y", "x"]),
        (autodiff.sum([Value(1.0)]), "x", ["1"]),
    ],
)
def test_formulas_are_the_textbook_forms_of_the_table(value: Value, formula: str, partials: list[str]) -> None:
    assert row(value) == {"value": formula, "partials": partials}


def test_a_value_of_many_operands_is_called_by_its_name() -> None:
    found = row(autodiff.logsumexp([Value(float(i)) for i in range(9)]))
    assert found == {"value": "logsumexp(x1, …, x9)", "partials": [f"e^(x{i} - z)" for i in range(1, 10)]}


def test_what_is_computed_instead_of_the_textbook_form_is_said_too() -> None:
    found = row(Value(0.5).softplus())
    assert found["partials"] == ["σ(x)"]
    assert found["value"] == ("ln(1 + e^x), computed as (x if x > 0.0 else 0.0) + log1p(exp(x if x < 0.0 else -x))")


def test_long_formulas_are_cut() -> None:
    with patch.dict(PRIMITIVES), patch.dict(functions):
        long = primitive("explored_long", lambda m, x: sum([m.exp(x * k) for k in range(50)], x), lambda m, x, z: z)
        text = row(long(Value(0.1)))["value"]
    assert text == "explored_long(x)"
    with patch.dict(PRIMITIVES), patch.dict(functions):
        long = primitive("explored_long", lambda m, x: sum([m.exp(x * k) for k in range(30)], x), lambda m, x, z: z)
        text = row(long(Value(0.1)))["value"]
    assert len(text) <= 200
    assert text.endswith(" …")


def test_a_row_of_ones_own_without_a_textbook_form_is_read_by_its_rules() -> None:
    with patch.dict(PRIMITIVES), patch.dict(functions):
        swish = primitive("explored_swish", lambda m, x: x / (1.0 + m.exp(-x)), lambda m, x, z: z)
        assert row(swish(Value(1.0))) == {"value": "x/(1 + e^(-x))", "partials": ["z"]}

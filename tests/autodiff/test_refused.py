"""Operators of Python that a Value refuses, with what to use instead."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import pytest

import autodiff
from autodiff import Value

REFUSED = [
    (lambda x, y: x // y, "floor"),
    (lambda x, y: x % y, "floor"),
    (divmod, "floor"),
]


@pytest.mark.parametrize(("operation", "remedy"), REFUSED)
@pytest.mark.parametrize("pair", [(Value(7.0), 2.0), (7.0, Value(2.0)), (Value(7.0), Value(2.0))])
def test_operators_that_jump_are_refused_with_a_remedy(
    operation: Callable[..., Any], remedy: str, pair: tuple[Any, Any]
) -> None:
    with pytest.raises(TypeError, match=remedy):
        operation(*pair)


def test_the_remedy_gives_the_number_and_the_derivative() -> None:
    x, y = Value(7.5), Value(2.0)
    rest = x - y * autodiff.floor(x / y)
    rest.backward()
    assert (rest.data, x.grad, y.grad) == (7.5 % 2.0, 1.0, -3.0)


def test_python_s_rounding_is_the_row() -> None:
    assert [round(Value(x)).data for x in (0.5, 1.5, -2.5, 2.6)] == [0.0, 2.0, -2.0, 3.0]
    assert math.floor(Value(-0.5)).data == -1.0
    assert round(Value(math.inf)).data == math.inf


def test_a_name_that_the_package_has_not_is_refused() -> None:
    with pytest.raises(AttributeError, match="module `autodiff` has no attribute `nonsense`"):
        autodiff.nonsense  # type: ignore[attr-defined]


@pytest.mark.parametrize(("text", "shown"), [("a" * 58, f"'{'a' * 58}'"), ("a" * 59, f"'{'a' * 56}...")])
def test_what_is_no_number_is_shown_in_60_characters(text: str, shown: str) -> None:
    with pytest.raises(TypeError, match=re.escape(f"got str {shown}. Convert it with `float` first.")):
        Value(text)  # type: ignore[arg-type]

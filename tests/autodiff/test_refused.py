"""Operators of Python that a Value refuses, with what to use instead."""

from __future__ import annotations

import math
import re

import pytest

import autodiff
from autodiff import Value


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

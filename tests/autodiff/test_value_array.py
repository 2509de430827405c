"""The kind of what arrays give: ValueArray where a Value or a ValueArray takes part, floats otherwise."""

from __future__ import annotations

import numpy as np

import autodiff
from autodiff import Value, ValueArray


def test_an_array_of_numbers_in_a_value_array_stays_a_value_array() -> None:
    assert type(ValueArray([1.0, 2.0]) * 2.0) is ValueArray


def test_an_empty_array_times_a_value_is_a_value_array() -> None:
    assert type(np.array([]) * Value(2.0)) is ValueArray


def test_a_row_of_plain_arrays_gives_floats() -> None:
    assert autodiff.relu(np.array([-1.0, 2.0])).dtype == np.float64

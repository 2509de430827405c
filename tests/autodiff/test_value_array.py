"""The kind of what arrays give: ValueArray where a Value or a ValueArray takes part, floats otherwise."""

from __future__ import annotations

import numpy as np
import pytest

import autodiff
from autodiff import Value, ValueArray


def test_an_array_of_numbers_in_a_value_array_stays_a_value_array() -> None:
    assert type(ValueArray([1.0, 2.0]) * 2.0) is ValueArray


def test_an_empty_array_times_a_value_is_a_value_array() -> None:
    assert type(np.array([]) * Value(2.0)) is ValueArray


def test_a_row_of_plain_arrays_gives_floats() -> None:
    assert autodiff.relu(np.array([-1.0, 2.0])).dtype == np.float64


def test_variance_deviation_and_conjugate_of_real_values_have_slopes() -> None:
    for f, slopes in ((np.var, [-1.0, 1.0]), (np.std, [-0.5, 0.5]), (lambda x: np.vdot(x, x), [2.0, 6.0])):
        x = ValueArray([Value(1.0), Value(3.0)])
        f(np.conjugate(x)).backward()
        assert [v.grad for v in x] == slopes


def test_nan_to_num_is_refused_rather_than_skipped() -> None:
    with pytest.raises(TypeError, match=r"np\.where"):
        np.nan_to_num(ValueArray([Value(float("nan"))]))
    x = ValueArray([Value(float("nan")), Value(2.0)])
    np.sum(np.where(x == x, x, 0.0)).backward()
    assert [v.grad for v in x] == [0.0, 1.0]

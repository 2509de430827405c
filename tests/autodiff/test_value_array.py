"""The kind of what arrays give: ValueArray where a Value or a ValueArray takes part, floats otherwise."""

from __future__ import annotations

import numpy as np
import pytest

import autodiff
from autodiff import Value, ValueArray

from ..conftest import bits


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


def test_nan_to_num_replaces_what_is_not_finite_and_leaves_its_slope_0() -> None:
    numbers = [float("nan"), float("inf"), -float("inf"), 2.0, -0.0]
    x = ValueArray([Value(v) for v in numbers])
    for options in ({}, {"nan": 1.5, "posinf": 7.0, "neginf": -3.0}):
        found = np.nan_to_num(x, **options)
        assert [bits(v.data) for v in found] == [bits(v) for v in np.nan_to_num(np.array(numbers), **options)]
    np.sum(found * found).backward()
    assert [v.grad for v in x] == [0.0, 0.0, 0.0, 4.0, 0.0]
    assert autodiff.grad(lambda x: np.sum(np.nan_to_num(x) ** 2))(np.array([np.nan, 3.0])).tolist() == [0.0, 6.0]
    with pytest.raises(TypeError, match="copy=True"):
        np.nan_to_num(x, copy=False)


def test_astype_is_a_copy_for_float64_and_refused_where_it_would_round() -> None:
    f = autodiff.grad(lambda x: np.sum(x.astype(float) ** 2 * (x > 0).astype("float64")))
    assert f(np.array([1.0, -2.0, 3.0])).tolist() == [2.0, 0.0, 6.0]
    x = ValueArray([Value(1.0)])
    assert x.astype(object) is not x
    for dtype in ("float32", int, bool, complex, np.int64):
        with pytest.raises(TypeError, match="compute in float64"):
            x.astype(dtype)

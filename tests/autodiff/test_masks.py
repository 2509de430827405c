"""Masks and truth values: comparisons select elements, combine, and are numbers without a slope."""

from __future__ import annotations

import math

import numpy as np
import pytest

from autodiff import Value, ValueArray, compile, grad, no_grad


def array(*numbers: float) -> ValueArray:
    return ValueArray([Value(x) for x in numbers])


def truths(x) -> list[bool]:
    return np.asarray(x, dtype=bool).tolist()


SELECTIONS = [
    (lambda x: x > 0.0, [1, 0, 1, 0]),
    (lambda x: (x > 0.0) & (x < 2.0), [1, 0, 0, 0]),
    (lambda x: (x < -1.0) | (x > 2.0), [0, 1, 1, 0]),
    (lambda x: (x > -3.0) ^ (x > 0.0), [0, 1, 0, 1]),
    (lambda x: ~(x > 0.0), [0, 1, 0, 1]),
    (lambda x: np.logical_and(x > 0.0, x < 2.0), [1, 0, 0, 0]),
    (lambda x: np.logical_or(x, 0.0), [1, 1, 1, 0]),
    (lambda x: np.logical_xor(x > 0.0, True), [0, 1, 0, 1]),
    (lambda x: np.logical_not(x), [0, 0, 0, 1]),
    (lambda x: np.isfinite(x / x), [1, 1, 1, 0]),
    (lambda x: x == 0.0, [0, 0, 0, 1]),
]


@pytest.mark.parametrize(("mask", "expected"), SELECTIONS)
def test_a_mask_selects_elements_and_their_gradients(mask, expected):
    numbers = np.array([1.0, -2.0, 3.0, 0.0])
    assert grad(lambda x: np.sum(x[mask(x)] * 5.0))(numbers).tolist() == [5.0 * t for t in expected]
    assert compile(grad(lambda x: np.sum(x[mask(x)] * 5.0)))(numbers).tolist() == [5.0 * t for t in expected]


def test_an_assignment_by_a_mask_cuts_the_gradients_of_what_it_replaces():
    def f(x):
        y = x * 1.0
        y[y < 0.0] = 0.0
        return np.sum(y * y)

    assert grad(f)(np.array([1.0, -2.0, 3.0])).tolist() == [2.0, 0.0, 6.0]


def test_a_mask_stands_among_other_indices():
    x = ValueArray([[Value(1.0), Value(-2.0)], [Value(3.0), Value(4.0)]])
    assert [v.data for v in x[:, x[0] > 0.0].ravel()] == [1.0, 3.0]


def test_any_and_all_are_comparisons_along_axes():
    x = ValueArray([[Value(1.0), Value(-2.0)], [Value(3.0), Value(math.nan)]])
    assert truths(np.any(x > 2.0, axis=1)) == [False, True]
    assert truths(np.all(x > 0.0, axis=0)) == [True, False]
    assert truths(np.any(x, axis=1)) == [True, True]
    assert (bool((x > 2.0).any()), bool((x > -5.0).all())) == (True, False)
    assert truths(np.any(x > 9.0, axis=0, keepdims=True)) == [[False, False]]


def test_any_and_all_of_no_elements_are_as_numpy_has_them():
    assert (bool(np.any(array() > 0.0)), bool(np.all(array() > 0.0))) == (False, True)


@pytest.mark.parametrize("ufunc", [np.isnan, np.isinf, np.isfinite])
def test_kinds_of_floats_are_told_as_numpy_tells_them(ufunc):
    numbers = np.array([1.0, -0.0, math.inf, -math.inf, math.nan])
    assert truths(ufunc(array(*numbers))) == ufunc(numbers).tolist()
    assert [bool(ufunc(Value(x))) for x in numbers] == ufunc(numbers).tolist()


@pytest.mark.parametrize("combine", [lambda x: x & True, lambda x: x | (x > 0.0), lambda x: ~x, lambda x: x ^ x])
def test_and_or_not_of_numbers_are_refused_as_python_refuses_them(combine):
    with pytest.raises(TypeError, match="takes comparisons"):
        combine(array(1.5, 2.0))


def test_a_comparison_is_a_number_without_a_slope():
    assert grad(lambda x: float(x >= 0.0) * x + int(x < 1.0))(3.0) == 1.0
    assert [10, 20][Value(2.0) > 1.0] == 20
    assert math.exp(Value(1.0) > 2.0) == 1.0
    assert np.array(array(1.0, 2.0) > 1.0, dtype=float).tolist() == [0.0, 1.0]
    with no_grad():
        assert float(Value(2.0) > 1.0) == 1.0


def test_a_comparison_as_a_number_is_a_branch_of_a_compiled_function():
    step = compile(lambda x: float(x >= 0.0) * x)
    assert [step(x) for x in (3.0, -3.0, 2.0)] == [3.0, -0.0, 2.0]


@pytest.mark.parametrize("convert", [float, int, math.exp])
def test_any_other_value_is_still_no_number(convert):
    with pytest.raises(TypeError, match="gradient"):
        convert(Value(1.0) * 1.0)

"""NumPy: ufuncs of Values and ValueArrays follow the table, and what NumPy does without it is pinned."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest

import autodiff
from autodiff import Value, ValueArray

NAN, INF = math.nan, math.inf


def array(*numbers: float) -> ValueArray:
    return ValueArray([Value(x) for x in numbers])


def matrix() -> ValueArray:
    return ValueArray([[Value(10.0 * i + j) for j in range(3)] for i in range(2)])


def data(x):
    return [data(y) for y in x] if isinstance(x, np.ndarray) else x.data if isinstance(x, Value) else float(x)


UNARY = ["exp", "log", "sqrt", "sin", "cos", "tan", "tanh", "sinh", "cosh", "absolute", "fabs", "sign", "negative"]
UNARY += ["square", "reciprocal", "expm1", "log1p"]


@pytest.mark.parametrize("name", UNARY)
def test_a_ufunc_of_a_value_is_a_value(name):
    result = getattr(np, name)(Value(0.7))
    assert type(result) is Value
    assert result.data == pytest.approx(float(getattr(np, name)(0.7)), rel=1e-15)


@pytest.mark.parametrize("name", UNARY)
def test_a_ufunc_of_an_array_applies_the_row_to_each_element(name):
    result = getattr(np, name)(array(0.7, 0.2))
    assert type(result) is ValueArray
    assert data(result) == [getattr(np, name)(Value(x)).data for x in (0.7, 0.2)]


@pytest.mark.parametrize("number", [np.float64(2.0), np.float32(2.0), np.int64(2), np.array(2.0)])
def test_a_numpy_number_on_either_side_of_a_value_gives_a_value(number):
    v = Value(3.0)
    results = [number * v, v * number, number - v, number**v, number / v, np.maximum(number, v), np.power(v, number)]
    assert [(type(r), r.data) for r in results] == [(Value, x) for x in (6.0, 6.0, -1.0, 8.0, 2.0 / 3.0, 3.0, 9.0)]


def test_a_numpy_number_compares_with_a_value_by_the_table():
    results = [
        np.float64(2) < Value(3.0),
        np.int64(2) == Value(2.0),
        Value(2.0) >= np.float32(3),
        np.int64(2) != Value(2.0),
    ]
    assert [(type(r), r.data) for r in results] == [(Value, x) for x in (1.0, 1.0, 0.0, 0.0)]


def test_an_array_on_either_side_of_a_value_gives_a_value_array():
    v, x = Value(2.0), np.array([[1.0], [3.0]])
    results = [v * x, x * v, x - v, v - x, x > v, v**x]
    assert [type(r) for r in results] == [ValueArray] * 6
    assert [data(r) for r in results] == [[[2], [6]], [[2], [6]], [[-1], [1]], [[1], [-1]], [[0], [1]], [[2], [8]]]


def test_integer_and_bool_arrays_are_numbers():
    v = Value(2.0)
    assert data(v + np.arange(3)) == [2.0, 3.0, 4.0]
    assert data(np.array([True, False]) * v) == [2.0, 0.0]


def test_ties_share_the_gradient_as_the_row_says():
    x, y = array(1.0, 2.0), array(1.0, 3.0)
    np.sum(np.maximum(x, y)).backward()
    np.sum(np.minimum(x, y)).backward()
    assert [[v.grad for v in a] for a in (x, y)] == [[1.0, 1.0], [1.0, 1.0]]
    z = np.maximum(array(1.0), 1.0)
    assert z[0].partials == (0.5, None)


def test_nan_in_either_operand_of_maximum_is_nan_as_the_row_says():
    x = np.maximum(array(NAN, 1.0), array(1.0, NAN))
    assert [math.isnan(v.data) for v in x] == [True, True]
    assert [math.isnan(d) for v in x for d in v.partials] == [True] * 4


def test_relu_by_maximum_of_a_negative_zero_keeps_the_first_operand():
    assert math.copysign(1.0, np.maximum(array(-0.0), 0.0)[0].data) == -1.0


def test_shapes_are_broadcast():
    assert np.maximum(matrix(), array(1.0, 2.0, 3.0)).shape == (2, 3)
    assert (array(1.0, 2.0)[:, None] * array(1.0, 2.0, 3.0)).shape == (2, 3)
    with pytest.raises(ValueError, match="broadcast"):
        matrix() * np.ones(2)


def test_matmul_multiplies_vectors_and_matrices():
    m, x, y = matrix(), array(1.0, 2.0, 3.0), np.array([2.0, -1.0])
    assert [data(r) for r in (m @ x, y @ m, m @ np.eye(3), np.eye(2) @ m, m.T @ y)] == [
        [8.0, 68.0],
        [-10.0, -9.0, -8.0],
        data(m),
        data(m),
        [-10.0, -9.0, -8.0],
    ]
    assert (type(m @ x), type(x @ x), (x @ x).op) == (ValueArray, Value, "dot")


def test_a_quadratic_form_has_the_gradient_2ax():
    a, x = np.array([[2.0, 1.0], [1.0, 3.0]]), array(1.0, -2.0)
    (x @ a @ x).backward()
    assert [v.grad for v in x] == [0.0, -10.0]


@pytest.mark.parametrize("other", [np.ones(2), np.ones((2, 2)), 2.0, np.ones((3, 2, 3))])
def test_matmul_of_shapes_that_do_not_fit_is_refused(other):
    with pytest.raises(ValueError, match="shapes"):
        matrix() @ other


SUMS = [
    ({}, 36.0),
    ({"axis": None}, 36.0),
    ({"axis": 0}, [10.0, 12.0, 14.0]),
    ({"axis": 1}, [3.0, 33.0]),
    ({"axis": -1}, [3.0, 33.0]),
    ({"axis": (0, 1)}, 36.0),
    ({"axis": 1, "keepdims": True}, [[3.0], [33.0]]),
    ({"keepdims": True}, [[36.0]]),
    ({"axis": 1, "keepdims": False}, [3.0, 33.0]),
    ({"initial": 1.0}, 37.0),
    ({"initial": Value(1.0)}, 37.0),
    ({"axis": 1, "initial": 0.5}, [3.5, 33.5]),
]


@pytest.mark.parametrize(("options", "expected"), SUMS)
def test_np_sum_folds_the_axes_it_is_told(options, expected):
    assert data(np.sum(matrix(), **options)) == expected


@pytest.mark.parametrize(("options", "expected"), SUMS)
def test_the_method_sum_is_np_sum(options, expected):
    assert data(matrix().sum(**options)) == expected


def test_max_min_and_prod_fold_rows_of_the_table():
    m = matrix()
    assert (data(np.max(m)), data(np.min(m, axis=1)), data(np.prod(m, axis=0))) == (
        12.0,
        [0.0, 10.0],
        [0.0, 11.0, 24.0],
    )


@pytest.mark.parametrize("axis", [2, -3, 5])
def test_an_axis_that_is_none_is_refused(axis):
    with pytest.raises((ValueError, IndexError), match=f"{axis}"):
        np.sum(matrix(), axis=axis)


def test_empty_arrays_sum_to_zero_and_have_no_maximum():
    assert data(np.sum(ValueArray([]))) == 0.0
    assert data(np.sum(ValueArray(np.zeros((0, 2))), axis=0)) == [0.0, 0.0]
    assert np.exp(ValueArray([])).shape == (0,)
    with pytest.raises(ValueError, match="`maximum` of no elements"):
        np.max(ValueArray([]))


def test_slices_transposes_and_shapes_keep_the_type():
    m = matrix()
    parts = [m[0], m[:, 1:], m.T, m.reshape(3, 2), m.ravel(), m.copy(), m[[0, 1], [1, 2]], m[np.array([True, False])]]
    assert [type(p) for p in parts] == [ValueArray] * len(parts)
    assert type(m[0, 1]) is Value


def test_joined_arrays_keep_the_type():
    m = matrix()
    joined = [np.concatenate([m, m]), np.stack([m, m]), np.vstack([m, m]), np.where(np.eye(2, 3) > 0, m, 0.0)]
    assert [type(p) for p in joined] == [ValueArray] * 4


def test_an_array_of_no_dimension_is_its_element():
    v = Value(2.0)
    assert [data(r) for r in (ValueArray(v) * 2.0, 2.0 * ValueArray(v), np.exp(ValueArray(v)) * 0.0)] == [4.0, 4.0, 0.0]


def test_a_float_array_does_not_take_values_in_place():
    x = np.ones(2)
    with pytest.raises(TypeError, match="gradient"):
        x += Value(1.0)


@pytest.mark.parametrize("ufunc", [np.nextafter, np.ldexp, np.spacing, np.gcd])
def test_a_ufunc_that_is_no_row_is_refused_with_what_there_is(ufunc):
    with pytest.raises(
        TypeError, match=rf"`np\.{ufunc.__name__}` is no operation of the table.*tanh.*autodiff.primitive"
    ):
        ufunc(*[array(1.0), 2.0][: ufunc.nin])
    with pytest.raises(TypeError, match=rf"`np\.{ufunc.__name__}`"):
        ufunc(*[Value(1.0), 2.0][: ufunc.nin])


def test_options_that_would_be_ignored_are_refused():
    for options in ({"where": np.array([True, False])}, {"dtype": np.float32}):
        with pytest.raises(TypeError, match=f"takes no `{next(iter(options))}`"):
            np.exp(array(1.0, 2.0), **options)
    with pytest.raises(TypeError, match=r"`np\.multiply\.reduceat`.*slices"):
        np.multiply.reduceat(array(1.0), [0])


@pytest.mark.parametrize("convert", [lambda v: np.array([v], float), lambda v: np.asarray(ValueArray([v]), float)])
def test_a_float_array_of_values_is_refused_with_what_to_use(convert):
    with pytest.raises(TypeError, match=r"np\.array\(\[v\], float\).*v\.data"):
        convert(Value(1.0))


def test_functions_of_plain_arrays_give_floats_with_ieee_results_and_no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        results = [
            autodiff.exp(np.array([0.0, 1000.0])),
            autodiff.log(np.array([1, 0])),
            autodiff.relu(np.array([-2.0, NAN])),
        ]
    assert [r.dtype for r in results] == [np.float64] * 3
    assert [str(r.tolist()) for r in results] == ["[1.0, inf]", "[0.0, -inf]", "[0.0, nan]"]


def test_a_plain_array_of_objects_keeps_numpy_s_own_maximum():
    # NumPy compares by truth and keeps one operand whole: the tie and nan are not the table's. Use a ValueArray.
    x, y = Value(1.0), Value(1.0)
    kept = np.array([x, y, None], dtype=object)[:1]
    result = np.maximum(kept, np.array([y], dtype=object))
    assert type(result) is np.ndarray
    assert result[0] is x or result[0] is y


def test_a_value_with_a_plain_array_of_objects_follows_the_table():
    x, y = Value(1.0), Value(1.0)
    result = np.maximum(np.array([x], dtype=object), y)
    assert type(result) is ValueArray
    assert result[0].partials == (0.5, 0.5)


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (0.0, None), (None, 1.0), (1.0, 0.0), ([0.0] * 5, [1.0] * 5)])
def test_clip_has_the_values_of_numpy_and_the_slope_of_clamp_at_its_bounds(low, high):
    points = np.array([-1.0, 0.0, 0.5, 1.0, 2.0])
    x = array(*points)
    y = np.clip(x, low, high)
    assert data(y) == np.clip(points, low, high).tolist()
    np.sum(y).backward()
    inside = (low is None or points >= np.array(low)) & (high is None or points <= np.array(high))
    assert [v.grad for v in x] == np.where(inside, 1.0, 0.0).tolist()

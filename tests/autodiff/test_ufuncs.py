"""Ufuncs by their rows: other names, terms of rows, reductions, products of stacks, `at`, `outer`, `where`, `out`."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autodiff
from autodiff import Value, ValueArray, compile, grad, jacobian
from autodiff.row import PRIMITIVES


def array(*numbers: float) -> ValueArray:
    return ValueArray([Value(x) for x in numbers])


def data(x):
    return [data(y) for y in x] if isinstance(x, np.ndarray) else x.data if isinstance(x, Value) else float(x)


SPECIAL = {"erf": "erf", "erfc": "erfc", "expit": "sigmoid", "xlogy": "xlogy", "log1p": "log1p", "cbrt": "cbrt"}


@pytest.mark.parametrize(("name", "row"), SPECIAL.items())
def test_a_ufunc_of_scipy_is_the_row_of_its_name_or_of_the_same_function(name, row):
    special = pytest.importorskip("scipy.special")
    ufunc, function = getattr(special, name), getattr(autodiff, row)
    operands = [Value(0.7), Value(0.3)][: ufunc.nin]
    assert data(ufunc(*operands)) == data(function(*operands))
    assert data(ufunc(*[ValueArray([x, x]) for x in operands])) == [data(function(*operands))] * 2
    assert data(ufunc(*operands)) == pytest.approx(float(ufunc(*[x.data for x in operands])), rel=1e-14)


def test_a_row_that_is_added_is_found_by_its_name_and_by_its_ufuncs():
    special = pytest.importorskip("scipy.special")
    with pytest.raises(TypeError, match=r"`np\.exprel`.*autodiff.primitive"):
        special.exprel(array(1.0))
    try:
        autodiff.primitive("exprel", lambda m, x: m.expm1(x) / x, lambda m, x, z: (m.exp(x) - z) / x)
        assert jacobian(special.exprel)(1.0) == pytest.approx(1.0, rel=1e-14)  # (e - (e - 1)) / 1
    finally:
        PRIMITIVES.pop("exprel", None)
        autodiff.row.functions.pop("exprel", None)


@pytest.mark.parametrize("f", [np.logaddexp, lambda x, y: np.logaddexp.reduce(ValueArray([x, y, -math.inf]))])
def test_logaddexp_has_the_slopes_of_softmax(f):
    slopes = grad(lambda x: f(x[0], x[1]))(np.array([1.0, 1.0 + math.log(3.0)]))
    assert slopes == pytest.approx([0.25, 0.75], rel=1e-15)
    assert grad(lambda x: np.logaddexp.reduce(x))(np.array([1.0, 1.0 + math.log(3.0)])) == pytest.approx(slopes)


def test_log_expit_is_exact_in_both_tails():
    special = pytest.importorskip("scipy.special")
    assert data(special.log_expit(array(-800.0, 50.0))) == pytest.approx([-800.0, -math.exp(-50.0)], rel=1e-15)


TERMS = [
    (np.deg2rad, [90.0], [math.pi / 180.0]),
    (np.radians, [-30.0], [math.pi / 180.0]),
    (np.rad2deg, [1.5], [180.0 / math.pi]),
    (np.degrees, [0.0], [180.0 / math.pi]),
    (np.logaddexp2, [1.0, 1.0 + math.log2(3.0)], [0.25, 0.75]),
    (np.fmax, [1.0, 2.0], [0.0, 1.0]),
    (np.fmax, [math.nan, 2.0], [0.0, 1.0]),
    (np.fmax, [2.0, math.nan], [1.0, 0.0]),
    (np.fmax, [2.0, 2.0], [0.5, 0.5]),
    (np.fmin, [1.0, 2.0], [1.0, 0.0]),
    (np.fmin, [math.nan, 2.0], [0.0, 1.0]),
    (np.heaviside, [-1.0, 0.5], [0.0, 0.0]),
    (np.heaviside, [0.0, 0.5], [0.0, 1.0]),
    (np.heaviside, [3.0, 0.5], [0.0, 0.0]),
    (np.positive, [3.0], [1.0]),
]


@pytest.mark.parametrize(("ufunc", "numbers", "slopes"), TERMS)
def test_a_term_of_rows_has_numpy_s_value_and_the_slopes_of_the_function(ufunc, numbers, slopes):
    value, found = autodiff.value_and_grad(lambda x: ufunc(*x))(numbers)
    assert value == pytest.approx(float(ufunc(*numbers)), rel=1e-15)
    assert found == pytest.approx(slopes, rel=1e-15)
    assert compile(grad(lambda x: ufunc(*x)))(numbers) == found
    assert data(ufunc(*[array(x, x) for x in numbers])) == [value, value]


CLIPS = [
    (lambda x: np.clip(x, 0.0, None), [1, 1, 1, 0]),
    (lambda x: np.clip(x, None, 1.0), [1, 1, 0, 1]),
    (lambda x: np.clip(x, 0.0, 1.0), [1, 1, 0, 0]),
    (lambda x: x.clip(max=1.0), [1, 1, 0, 1]),
    (lambda x: x.clip(0.0), [1, 1, 1, 0]),
    (lambda x: x.clip([0.0, 2.0, 0.0, 0.0]), [1, 0, 1, 0]),
]


@pytest.mark.parametrize(("clip", "slopes"), CLIPS)
def test_clip_has_the_slope_of_clamp_at_a_bound(clip, slopes):
    x = array(0.0, 1.0, 2.0, -1.0)
    np.sum(clip(x)).backward()
    assert [v.grad for v in x] == slopes


def test_clip_takes_values_as_bounds_and_puts_its_result_where_told():
    low, x = Value(0.5), array(0.0, 1.0)
    out = ValueArray(np.zeros(2))
    assert np.clip(x, low, None, out=out) is out
    np.sum(out).backward()
    assert (low.grad, [v.grad for v in x], data(out)) == (1.0, [0.0, 1.0], [0.5, 1.0])
    with pytest.raises(TypeError, match=r"`np\.clip` of Values takes no `dtype`"):
        np.clip(x, 0.0, 1.0, dtype=np.float32)


def test_reductions_take_a_mask():
    for where in (np.array([True, False, True]), [True, False, True]):
        x = array(3.0, 4.0, 5.0)
        np.sum(x, where=where).backward()
        assert [v.grad for v in x] == [1.0, 0.0, 1.0]
    assert grad(lambda x: np.sum(x, where=x > 3.0))(np.array([3.0, 4.0])).tolist() == [0.0, 1.0]
    assert grad(lambda x: np.mean(x, where=x > 3.0))(np.array([3.0, 4.0, 6.0])).tolist() == [0.0, 0.5, 0.5]
    assert data(np.max(array(1.0, 2.0, 9.0), where=[True, True, False], initial=0.0)) == 2.0


@pytest.mark.parametrize("f", [np.nansum, np.nanmax, np.nanmin, np.nanmean, np.nanvar, np.nanprod])
def test_functions_that_pass_over_nan_do_as_numpy_does(f):
    numbers = np.array([3.0, math.nan, 4.0])
    x = ValueArray([Value(t) for t in numbers])
    y = f(x)
    y.backward()
    assert y.data == pytest.approx(f(numbers), rel=1e-15)
    h = 1e-6
    for i in (0, 2):
        step = np.where(np.arange(3) == i, h, 0.0)
        assert x[i].grad == pytest.approx((f(numbers + step) - f(numbers - step)) / (2 * h), abs=1e-8)
    assert x[1].grad == 0.0


def test_accumulations_keep_elements():
    x = array(1.0, 3.0, 2.0)
    assert data(np.cumsum(x)) == [1.0, 4.0, 6.0]
    assert data(np.cumprod(x)) == [1.0, 3.0, 6.0]
    assert data(np.maximum.accumulate(x)) == [1.0, 3.0, 3.0]
    assert data(np.add.accumulate(x.reshape(3, 1) * [1.0, 2.0], axis=1)) == [[1.0, 3.0], [3.0, 9.0], [2.0, 6.0]]
    np.sum(np.cumsum(x)).backward()
    assert [v.grad for v in x] == [3.0, 2.0, 1.0]


def test_at_counts_an_index_that_comes_twice_twice():
    def f(x):
        y = ValueArray(np.zeros(2))
        np.add.at(y, [0, 0, 1], x)
        return np.sum(y * y)

    assert grad(f)(np.array([1.0, 2.0, 3.0])).tolist() == [6.0, 6.0, 6.0]
    y = array(1.0, 2.0)
    np.negative.at(y, [0, 0])
    np.maximum.at(y, y > 1.5, 7.0)
    assert data(y) == [1.0, 7.0]


def test_outer_has_every_pair():
    assert data(np.multiply.outer(array(1.0, 2.0), [3.0, 4.0])) == [[3.0, 4.0], [6.0, 8.0]]
    assert grad(lambda x: np.sum(np.outer(x, x)))(np.array([1.0, 2.0])).tolist() == [6.0, 6.0]


def test_stacks_of_matrices_are_multiplied_as_numpy_multiplies_them():
    rng = np.random.default_rng(1)
    for shapes in (((2, 2, 3), (3, 2)), ((3,), (2, 3, 2)), ((2, 1, 2, 3), (4, 3, 1)), ((2, 2, 3), (3,))):
        a, b = (rng.normal(size=shape) for shape in shapes)
        x, y = (np.vectorize(Value, otypes=[object])(t).view(ValueArray) for t in (a, b))
        result = x @ y
        assert (type(result), result.shape) == (ValueArray, (a @ b).shape)
        assert np.array(data(result)) == pytest.approx(a @ b, rel=1e-14, abs=1e-14)
        np.sum(result).backward()
        assert x.ravel()[0].grad == pytest.approx(
            np.sum((a + np.eye(1, a.size).reshape(a.shape)) @ b) - np.sum(a @ b), abs=1e-12
        )


def test_a_result_goes_into_an_array_where_a_mask_is_true():
    out = ValueArray([5.0, 6.0])
    assert np.exp(array(0.0, 1.0), out=out, where=np.array([True, False])) is out
    assert data(out) == [1.0, 6.0]
    with pytest.raises(TypeError, match=r"no `where` without `out`.*np\.where"):
        np.exp(array(0.0, 1.0), where=np.array([True, False]))


def test_vectorized_functions_and_pieces_branch_by_element():
    def branch(t):
        return t * t if t > 0.0 else -t

    numbers = np.array([2.0, -3.0])
    assert grad(lambda x: np.sum(np.vectorize(branch)(x)))(numbers).tolist() == [4.0, -1.0]
    assert compile(grad(lambda x: np.sum(np.vectorize(branch)(x))))(numbers).tolist() == [4.0, -1.0]
    pieces = [lambda t: t * t, lambda t: -t]
    assert grad(lambda x: np.sum(np.piecewise(x, [x > 0.0, x <= 0.0], pieces)))(numbers).tolist() == [4.0, -1.0]


@pytest.mark.parametrize("dtype", [float, object, np.float64])
def test_a_dtype_that_values_have_is_taken(dtype):
    x = array(1.0, 2.0)
    assert data(np.sum(x, dtype=dtype)) == 3.0
    assert data(np.average(x, weights=[1.0, 3.0])) == 1.75


@pytest.mark.parametrize("ufunc", [np.divmod, np.modf, np.frexp, np.nextafter])
def test_a_ufunc_that_is_no_row_is_refused_in_a_short_line(ufunc):
    with pytest.raises(TypeError, match=rf"`np\.{ufunc.__name__}` is no operation of the table") as raised:
        ufunc(*[array(1.0, 2.0)] * ufunc.nin)
    assert len(str(raised.value)) < 250


UNARY = [np.sin, np.tanh, np.exp, np.square, np.abs, lambda x: x.clip(-1.0, 1.5), np.cumsum, lambda x: x[::-1]]
BINARY = [np.add, np.subtract, np.multiply, np.maximum, np.minimum, np.logaddexp, np.hypot, np.arctan2]
FOLDS = [np.sum, np.max, np.mean, np.prod, np.var, lambda x: x @ x, lambda x: np.sum(x[x > 0.1]), np.median]
floats = st.floats(-2.0, 2.0).map(lambda x: round(x, 3))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(floats, min_size=3, max_size=3),
    st.lists(floats, min_size=3, max_size=3),
    st.lists(st.sampled_from([*UNARY, *BINARY]), max_size=6),
    st.sampled_from(FOLDS),
)
def test_random_expressions_have_the_values_of_numpy_and_compiled_the_same_bits(a, b, steps, fold):
    def f(x, y):
        for step in steps:
            x, y = (y, step(x)) if step in UNARY else (y, step(x, y))
        return fold(y)

    x, y = np.array(a), np.array(b)
    with np.errstate(all="ignore"):
        expected = float(f(x, y))
    values, slopes = autodiff.value_and_grad(f, (0, 1))(x, y)
    assert values == pytest.approx(expected, rel=1e-12, abs=1e-12, nan_ok=True)
    compiled = compile(grad(f, (0, 1)))(x, y)
    assert [s.tobytes() for s in compiled] == [s.tobytes() for s in slopes]

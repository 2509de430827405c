"""Random indexes and reductions of ValueArrays: NumPy's values on floats, and the slopes of what is selected."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autodiff import Value, ValueArray, compile, grad, jacobian
from tests.conftest import bits

SHAPES = [(4,), (2, 3), (3, 1, 2), (1,), (2, 2, 2)]
REDUCTIONS: dict[str, Callable[..., Any]] = {
    name: getattr(np, name) for name in ("sum", "mean", "prod", "max", "min", "var", "std", "cumsum", "cumprod", "ptp")
}


@st.composite
def arrays(draw: Any) -> Any:
    shape = draw(st.sampled_from(SHAPES))
    n = math.prod(shape)
    numbers = draw(st.lists(st.integers(-40, 40).map(lambda i: i / 8.0), min_size=n, max_size=n, unique=True))
    return np.array(numbers).reshape(shape)


def parts(size: int) -> Any:
    """Return indexes along an axis: ints, slices, lists and masks."""
    bound = st.one_of(st.none(), st.integers(-size - 1, size + 1))
    return st.one_of(
        st.integers(-size, size - 1),
        st.builds(slice, bound, bound, st.sampled_from([None, 1, 2, -1, -2])),
        st.lists(st.integers(-size, size - 1), max_size=3).map(lambda x: np.array(x, int)),
        st.lists(st.booleans(), min_size=size, max_size=size).map(lambda x: np.array(x, bool)),
        st.none(),
        st.just(...),
    )


@st.composite
def indexed(draw: Any) -> Any:
    x = draw(arrays())
    if draw(st.booleans()) and x.ndim > 1:
        return x, draw(
            st.lists(st.booleans(), min_size=x.size, max_size=x.size).map(lambda m: np.array(m).reshape(x.shape))
        )
    index = tuple(draw(parts(n)) for n in x.shape[: draw(st.integers(1, x.ndim))])
    return x, index[0] if len(index) == 1 and draw(st.booleans()) else index


def outcome(f: Callable[[], Any]) -> Any:
    """Return what f gives, or the class of its exception."""
    try:
        return f()
    except (IndexError, ValueError) as error:
        return type(error)


def plain(x: Any) -> Any:
    """Return the numbers of a Value or a ValueArray."""
    if isinstance(x, Value):
        return np.float64(x.data)
    if isinstance(x, np.ndarray) and x.dtype == object:
        return np.array([plain(e) for e in x.ravel().tolist()], float).reshape(x.shape)
    return x


@given(indexed())
def test_random_indexes_select_what_numpy_selects(case: Any) -> None:
    x, index = case
    values = ValueArray([Value(e) for e in x.ravel().tolist()]).reshape(x.shape)
    expected, found = outcome(lambda: x[index]), outcome(lambda: values[index])
    if isinstance(expected, type):
        assert found is expected
        return
    assert np.shape(found) == np.shape(expected)
    assert np.array_equal(plain(found), expected)
    slope = grad(lambda x: np.sum(np.asarray(x[index] * 3.0)) if np.ndim(expected) else x[index] * 3.0)(x)
    right = np.zeros(x.shape)
    np.add.at(right, index, 3.0)
    assert np.array_equal(slope, right)
    if np.size(expected):
        assert np.array_equal(compile(lambda x: x[index])(x), expected)


@given(indexed(), st.floats(-4.0, 4.0))
def test_random_indexes_are_assigned_to_as_in_numpy(case: Any, number: float) -> None:
    x, index = case

    def assigned(x: Any) -> Any:
        y = x * 2.0
        y[index] = number
        return y

    expected = outcome(lambda: assigned(x))
    if isinstance(expected, type):
        assert outcome(lambda: assigned(ValueArray(x.tolist()))) is expected
        return
    assert np.array_equal(compile(assigned)(x), expected)
    kept = np.ones(x.shape)
    kept[index] = 0.0
    found = jacobian(assigned)(x)
    assert np.array_equal(found.reshape(x.size, x.size), 2.0 * np.diag(kept.ravel()))


@st.composite
def reduced(draw: Any) -> Any:
    x = draw(arrays())
    name = draw(st.sampled_from(sorted(REDUCTIONS)))
    axis = draw(st.one_of(st.none(), st.integers(-x.ndim, x.ndim - 1)))
    options: dict[str, Any] = {} if axis is None else {"axis": axis}
    if not name.startswith("cum") and draw(st.booleans()):
        options["keepdims"] = True
    if name in ("var", "std") and (x.size if axis is None else x.shape[axis]) > 1:
        options["ddof"] = draw(st.integers(0, 1))
    if name in ("sum", "prod") and draw(st.booleans()):
        options["initial"] = 2.0
    return x, name, options


@given(reduced())
def test_random_reductions_have_numpy_s_values_and_slopes_of_differences(case: Any) -> None:
    x, name, options = case
    reduce = REDUCTIONS[name]
    with np.errstate(all="ignore"):
        expected = reduce(x, **options)
    values = ValueArray([Value(e) for e in x.ravel().tolist()]).reshape(x.shape)
    found = reduce(values, **options)
    assert np.shape(found) == np.shape(expected)
    assert np.allclose(plain(found), expected, rtol=1e-12, atol=1e-12, equal_nan=True)
    compiled = compile(lambda x: reduce(x, **options))(x)
    assert np.shape(compiled) == np.shape(expected)
    assert list(map(bits, np.ravel(compiled).tolist())) == list(map(bits, np.ravel(plain(found)).tolist()))
    if not np.isfinite(expected).all() or (name == "std" and (expected == 0.0).any()):
        return
    slopes = np.asarray(jacobian(lambda x: reduce(x, **options))(x)).reshape(np.size(expected), x.size)
    step = 2.0**-12
    for j in range(x.size):
        e = np.zeros(x.size)
        e[j] = step
        e = e.reshape(x.shape)
        with np.errstate(all="ignore"):
            difference = (reduce(x + e, **options) - reduce(x - e, **options)) / (2.0 * step)
        assert np.allclose(slopes[:, j], np.ravel(difference), rtol=1e-4, atol=1e-3)

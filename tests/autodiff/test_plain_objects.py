"""What NumPy does by itself on a plain array of objects that are Values: pinned, since the table has no say in it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from autodiff import Value, ValueArray


def plain(*values: Any) -> np.ndarray:
    return np.array(values, dtype=object)


def test_maximum_at_a_tie_is_one_of_the_operands_whole_with_all_of_the_slope():
    x, y = Value(1.0), Value(1.0)
    (kept,) = np.maximum(plain(x), plain(y))
    assert kept is x or kept is y
    kept.backward()
    assert (x.grad, y.grad) in ((1.0, 0.0), (0.0, 1.0))
    (row,) = np.maximum(ValueArray([x]), ValueArray([y]))
    assert row.partials == (0.5, 0.5)


def test_maximum_of_nan_depends_on_the_order_of_the_operands():
    x, nan = Value(1.0), Value(math.nan)
    with np.errstate(invalid="ignore"):
        found = [np.maximum(plain(a), plain(b))[0] for a, b in ((x, nan), (nan, x))]
    assert any(v is x for v in found)
    assert [math.isnan(np.maximum(ValueArray([a]), b)[0].data) for a, b in ((x, nan), (nan, x))] == [True, True]


def test_max_and_min_return_an_element_itself():
    x, y = Value(1.0), Value(2.0)
    assert np.max(plain(x, y)) is y
    assert np.min(plain(x, y)) is x


def test_sort_orders_the_elements_themselves_by_their_numbers():
    x, y, z = Value(3.0), Value(1.0), Value(2.0)
    result = np.sort(plain(x, y, z))
    assert type(result) is np.ndarray
    assert [a is b for a, b in zip(result, (y, z, x), strict=True)] == [True] * 3
    assert np.argmax(plain(x, y, z)) == 0


def test_sum_and_dot_are_chains_of_additions_instead_of_one_node():
    x, y = Value(3.0), Value(4.0)
    assert (np.sum(plain(x, y)).op, np.dot(plain(x, y), plain(y, x)).op) == ("add", "add")
    assert (np.sum(ValueArray([x, y])).op, (ValueArray([x, y]) @ ValueArray([y, x])).op) == ("sum", "dot")


def test_exp_calls_the_method_of_each_element_and_gives_a_plain_array():
    result = np.exp(plain(Value(0.0)))
    assert (type(result), result[0].op) == (np.ndarray, "exp")


def test_sign_loses_the_graph():
    assert type(np.sign(plain(Value(-2.0)))[0]) is int
    assert type(np.sign(ValueArray([Value(-2.0)]))[0]) is Value


@pytest.mark.parametrize("ufunc", [np.isnan, np.logaddexp])
def test_a_ufunc_without_a_method_is_refused_by_numpy(ufunc):
    with pytest.raises(TypeError):
        ufunc(*[plain(Value(1.0))] * ufunc.nin)

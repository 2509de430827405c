"""Arrays of no dimension that hold a Value, as `np.where` gives them, stand for that Value."""

from __future__ import annotations

import numpy as np
import pytest

from autodiff import Value, ValueArray, compile, grad, hessian, jacobian, jvp, value_and_grad


def piece(x):
    return np.where(x > 0.0, x * x, 0.0)


FUNCTIONS = [
    (piece, 6.0),
    (lambda x: x + piece(x), 7.0),
    (lambda x: piece(x) + x, 7.0),
    (lambda x: 2.0 * piece(x), 12.0),
    (lambda x: np.exp(np.array(0.0 * x, dtype=object)) * x, 1.0),
    (lambda x: x ** np.array(x * 0.0 + 2.0), 6.0),
    (lambda x: np.polyval([1.0, 2.0, 3.0], x), 8.0),
    (lambda x: np.maximum(x, piece(x)), 6.0),
    (lambda x: np.array(x * x), 6.0),
]


@pytest.mark.parametrize(("f", "slope"), FUNCTIONS)
def test_a_box_is_a_result_and_an_operand_on_either_side(f, slope):
    assert (grad(f)(3.0), compile(grad(f))(3.0), jvp(f, (3.0,), (1.0,))[1]) == (slope, slope, slope)
    assert value_and_grad(f)(3.0)[1] == slope
    assert float(compile(f)(3.0)) == value_and_grad(f)(3.0)[0]


def test_second_derivatives_and_jacobians_open_boxes():
    assert hessian(lambda x: np.array(x[0] * x[1]))([3.0, 4.0]) == [[0.0, 1.0], [1.0, 0.0]]
    assert jacobian(lambda x: {"a": piece(x), "b": [piece(x)]})(2.0) == {"a": 4.0, "b": [4.0]}
    assert compile(lambda x: [piece(x), x])(2.0) == [4.0, 2.0]


def test_arguments_in_boxes_are_numbers():
    assert grad(lambda x: x * x)(np.array(3.0, dtype=object)) == 6.0


def test_functions_that_give_arrays_of_no_dimension_give_elements():
    x = ValueArray([Value(3.0), Value(4.0)])
    results = [np.tensordot(x, x, 1), np.squeeze(x[:1]), np.where(np.True_, x[0], 0.0), np.vdot(x, x)]
    assert [type(r) for r in results[:2]] == [Value, Value]
    assert [float(r.item().data if isinstance(r, np.ndarray) else r.data) for r in results] == [25.0, 3.0, 3.0, 25.0]

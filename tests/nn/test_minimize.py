"""Gradient descent: where it ends, and that it says so honestly."""

import dataclasses
import math

import numpy as np
import pytest

import autodiff
from autodiff import Value
from nn import minimize


def rosenbrock(v):
    return (1.0 - v[0]) ** 2 + 100.0 * (v[1] - v[0] ** 2) ** 2


def test_the_path_on_a_parabola_is_the_geometric_sequence():
    result = minimize(lambda x: x * x, 1.0, lr=0.25, tol=0.1)
    assert result.path == (1.0, 0.5, 0.25, 0.125, 0.0625, 0.03125)
    assert (result.point, result.value, result.steps, result.converged) == (0.03125, 0.03125**2, 5, True)


def test_a_quadratic_form_ends_at_the_solution_of_its_linear_system():
    A, b = np.array([[3.0, 1.0], [1.0, 2.0]]), np.array([1.0, -1.0])
    result = minimize(lambda x: 0.5 * (x @ A @ x) - b @ x, np.zeros(2), lr=0.3, tol=1e-10)
    assert result.converged
    assert result.point == pytest.approx(np.linalg.solve(A, b), abs=1e-9)


def test_rosenbrocks_valley_ends_at_one_one():
    result = minimize(rosenbrock, [0.0, 0.5], lr=0.002, tol=1e-2)
    assert result.converged
    assert result.point == pytest.approx([1.0, 1.0], abs=0.03)


def test_point_and_path_have_the_form_of_the_start():
    assert type(minimize(lambda x: x * x, 1, lr=0.5).point) is float
    assert type(minimize(lambda v: v[0] * v[0], [1], lr=0.5).point) is list
    result = minimize(lambda v: v[0] * v[0], np.array([1, 2]), lr=0.5)
    assert [type(p) for p in result.path] == [np.ndarray, np.ndarray]
    assert result.point.dtype == np.float64


def test_a_start_at_the_minimum_takes_no_step():
    result = minimize(lambda x: x * x, 0.0)
    assert (result.steps, result.path, result.converged) == (0, (0.0,), True)


def test_a_constant_has_its_minimum_everywhere():
    assert minimize(lambda x: x * 0.0 + 1.0, 3.0).steps == 0


def test_too_few_steps_are_reported():
    result = minimize(lambda x: x * x, 1.0, lr=0.25, tol=1e-8, max_steps=3)
    assert (result.steps, result.converged) == (3, False)
    assert result.message == "not converged: after 3 steps the norm of the gradient is 0.25"


def test_a_rate_too_large_is_reported_as_divergence_long_before_overflow():
    result = minimize(lambda x: x * x, 1.0, lr=1.1)
    assert not result.converged
    assert result.message.startswith("diverged")
    assert "smaller `lr`" in result.message
    assert 1e12 < abs(result.point) < 1e13


def test_an_endless_oscillation_is_reported():
    result = minimize(lambda x: x * x, 1.0, lr=1.0, max_steps=100)
    assert not result.converged
    assert "no lower than at the start; take a smaller `lr`" in result.message


def test_a_function_without_a_minimum_is_reported():
    assert minimize(lambda x: -(x * x), 1.0, lr=0.5).message.startswith("diverged")
    assert not minimize(lambda x: x, 1.0, max_steps=50).converged
    assert minimize(lambda x: x**3, -1.0, lr=0.5).message.startswith("diverged")


@pytest.mark.parametrize("f", [autodiff.log, autodiff.sqrt, lambda x: x / 0.0])
def test_a_value_that_is_not_finite_is_divergence(f):
    result = minimize(f, -1.0)
    assert (result.steps, result.converged) == (0, False)
    assert result.message.startswith("diverged: after 0 steps the value is")


def test_a_start_that_is_nan_is_divergence():
    assert minimize(lambda x: x * x, math.nan).message.startswith("diverged")


def test_a_step_too_small_to_move_the_point_ends_the_descent():
    result = minimize(lambda x: x, 1e20, lr=1.0)
    assert (result.steps, result.converged) == (1, False)
    assert "no longer moves the point" in result.message


def test_a_descent_leaves_the_gradients_of_captured_values_alone():
    w = Value(2.0)
    w.grad = 7.0
    result = minimize(lambda x: (x - w) ** 2, 0.0, lr=0.5)
    assert (result.point, result.value, w.grad, w.data) == (2.0, 0.0, 7.0, 2.0)


def test_the_start_is_left_as_it_was():
    x0 = np.array([1.0, 2.0])
    minimize(lambda v: v @ v, x0, lr=0.25)
    assert x0.tolist() == [1.0, 2.0]


def test_the_result_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        minimize(lambda x: x * x, 1.0).point = 3.0


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((abs, 1.0), {"lr": 0.0}, ValueError, "`lr` is positive, got 0.0"),
        ((abs, 1.0), {"lr": math.nan}, ValueError, "`lr`"),
        ((abs, 1.0), {"lr": "1"}, TypeError, "`lr` is a number, got str '1'"),
        ((abs, 1.0), {"tol": -1.0}, ValueError, "`tol`"),
        ((abs, 1.0), {"max_steps": -1}, ValueError, "`max_steps` is at least 0, got -1"),
        ((abs, 1.0), {"max_steps": 1.5}, TypeError, "`max_steps` is an int"),
        ((abs, []), {}, ValueError, "`x0` is empty"),
        ((abs, np.zeros((2, 2))), {}, TypeError, r"got float64 of shape \(2, 2\)"),
        ((abs, "a"), {}, TypeError, "got str 'a'"),
        ((abs, [[1.0]]), {}, TypeError, r"got list \[1.0\]"),
        ((abs, Value(1.0)), {}, TypeError, "`x0` .* got Value"),
        ((3.0, 1.0), {}, TypeError, "takes a function"),
        ((lambda v: v, [1.0]), {}, TypeError, "one number"),
    ],
)
def test_an_error_says_what_was_wrong(arguments, options, error, message):
    with pytest.raises(error, match=message):
        minimize(*arguments, **options)

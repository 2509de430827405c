"""The transforms: their results, how they nest, and what they refuse."""

from __future__ import annotations

import math
from collections import Counter, OrderedDict, namedtuple

import numpy as np
import pytest
from scipy.optimize import minimize

import autodiff
from autodiff import Value, ValueArray, grad, hessian, hvp, jacobian, jvp, no_grad, value_and_grad, vjp
from autodiff.contexts import watch

Pair = namedtuple("Pair", "a b")


def cubic(x, y):
    return x * x * y + y


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def test_grad_by_one_argument_is_bare_and_by_a_tuple_is_a_tuple():
    assert grad(cubic)(2.0, 3.0) == 12.0
    assert grad(cubic, 1)(2.0, 3.0) == 5.0
    assert grad(cubic, (1, 0))(2.0, 3.0) == (5.0, 12.0)
    assert grad(cubic, (0,))(2.0, 3.0) == (12.0,)
    assert grad(cubic, -1)(2.0, 3.0) == 5.0


def test_value_and_grad_gives_floats_for_plain_arguments():
    value, gradient = value_and_grad(cubic)(2, 3)
    assert [(type(x), x) for x in (value, gradient)] == [(float, 15.0), (float, 12.0)]


def test_the_hessian_by_a_tuple_is_a_tuple_of_tuples():
    assert hessian(cubic)(2.0, 3.0) == 6.0
    assert hessian(cubic, (0, 1))(2.0, 3.0) == ((6.0, 4.0), (4.0, 0.0))


def test_jvp_and_vjp_span_all_primals():
    assert jvp(cubic, [2.0, 3.0], [1.0, 10.0]) == (15.0, 62.0)
    value, pullback = vjp(cubic, 2.0, 3.0)
    assert (value, pullback(2.0), pullback(1.0)) == (15.0, (24.0, 10.0), (12.0, 5.0))


def test_hvp_is_the_hessian_times_the_vector():
    x, v = np.array([1.2, -0.7, 0.4]), np.array([0.3, 1.0, -2.0])
    np.testing.assert_allclose(hvp(rosenbrock, [x], [v])[0], hessian(rosenbrock)(x) @ v, rtol=1e-12)


def test_jvp_and_vjp_are_adjoint():
    f = lambda x: np.stack([np.tanh(x[0] * x[1]), np.exp(x[2]), x[0] / x[2], x[1] + 0.0]).view(ValueArray)  # noqa: E731
    x, v, u = np.array([0.3, -1.2, 0.8]), np.array([1.0, 2.0, -0.5]), np.array([0.5, -1.0, 2.0, 3.0])
    assert u @ jvp(f, [x], [v])[1] == pytest.approx(vjp(f, x)[1](u)[0] @ v, rel=1e-13)


def test_the_jacobian_of_an_array_by_arrays_has_both_shapes():
    first, second = jacobian(lambda a, x: a @ x, (0, 1))(np.arange(6.0).reshape(2, 3), np.array([1.0, 2.0, 3.0]))
    np.testing.assert_array_equal(second, np.arange(6.0).reshape(2, 3))
    np.testing.assert_array_equal(first, np.einsum("ik,j->ikj", np.eye(2), np.array([1.0, 2.0, 3.0])))


def test_the_hessian_by_a_matrix_has_four_dimensions():
    second = hessian(lambda x: np.sum(x * x * x))(np.array([[1.0, 2.0], [3.0, 4.0]]))
    np.testing.assert_array_equal(second, np.diag([6.0, 12.0, 18.0, 24.0]).reshape(2, 2, 2, 2))


def test_empty_arrays_have_empty_derivatives():
    assert grad(np.sum)(np.zeros((0, 3))).shape == (0, 3)
    assert jacobian(lambda x: x * x)(np.zeros(0)).shape == (0, 0)
    assert jacobian(lambda x: x[:0])(np.ones(3)).shape == (0, 3)


@pytest.mark.parametrize("n", range(1, 9))
def test_sine_differentiated_many_times_is_right_to_1e_12(n):
    f = lambda x: x.sin() if isinstance(x, Value) else math.sin(x)  # noqa: E731
    for _ in range(n):
        f = grad(f)
    assert f(0.7) == pytest.approx(math.sin(0.7 + n * math.pi / 2.0), abs=1e-12)


def test_a_zero_cotangent_is_not_dropped_in_second_derivatives():
    assert hessian(lambda p: p[0] * p[1] * p[2])([2.0, 3.0, 0.0]) == [[0, 0, 3.0], [0, 0, 2.0], [3.0, 2.0, 0]]


def test_perturbations_are_not_confused():
    assert grad(lambda x: x * grad(lambda y: x + y)(2.0))(1.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(2.0))(3.0) == 6.0
    assert jvp(lambda x: x * jvp(lambda y: x + y, [1.0], [1.0])[1], [1.0], [1.0])[1] == 1.0
    assert grad(lambda x: grad(lambda y: x * x * y * y)(x))(3.0) == 6.0 * 9.0  # d/dx 2x³
    assert grad(lambda x: x * jvp(lambda y: x * y, [2.0], [x])[1])(2.0) == 12.0  # d/dx x³


def test_a_function_that_returns_functions_is_not_confused():
    # Manzyuk et al. (2019): a derivative taken after the call that captured the outer variable is over
    inner = lambda x: lambda g: lambda y: g(x + y)  # noqa: E731
    captured = grad(lambda x: inner(x)(lambda z: z * z)(1.0))
    assert captured(2.0) == 6.0
    assert grad(lambda x: grad(lambda y: inner(y)(lambda z: z * z * z)(x))(x))(1.0) == 24.0  # d/dx 3(2x)²


def test_reverse_over_forward_and_forward_over_reverse_agree():
    f = lambda x: (x * x).sin() * x.exp()  # noqa: E731
    one = grad(lambda x: jvp(f, [x], [1.0])[1])(0.6)
    assert one == pytest.approx(jvp(grad(f), [0.6], [1.0])[1], rel=1e-13)
    assert one == pytest.approx(vjp(grad(f), 0.6)[1](1.0)[0], rel=1e-13)


def test_a_gradient_by_a_value_is_a_value_through_which_backward_goes():
    x = Value(2.0)
    slope = grad(lambda y: y**3)(x)
    slope.backward()
    assert (slope.data, x.grad) == (12.0, 12.0)


def test_a_captured_value_makes_the_result_a_value():
    w = Value(3.0)
    value, slope = value_and_grad(lambda x: w * w * x)(2.0)
    slope.backward()
    assert (type(value), slope.data, w.grad) == (Value, 9.0, 6.0)


def test_a_pullback_is_that_of_the_forward_point():
    w = Value(3.0)
    pullback = vjp(lambda x: w * x, 2.0)[1]
    w.data = 100.0
    assert pullback(1.0)[0].data == 3.0


def test_values_made_inside_and_detached_ones_leave_the_result_plain():
    w = Value(3.0)
    assert type(grad(lambda x: Value(4.0) * x * x)(1.0)) is float
    assert type(grad(lambda x: autodiff.detach(w) * x)(1.0)) is float


def test_transforms_never_touch_grad():
    w, x = Value(3.0), Value(2.0)
    w.grad, x.grad = 0.25, 0.5
    f = lambda y: (w * y * y).tanh()  # noqa: E731
    grad(f)(x), hessian(f)(x), jvp(f, [x], [x]), vjp(f, x)[1](1.0), hvp(f, [x], [w])
    assert (w.grad, x.grad) == (0.25, 0.5)


def test_transforms_work_under_no_grad_and_their_results_have_no_graph():
    x = Value(2.0)
    with no_grad():
        value, slope = value_and_grad(grad(lambda y: y**4))(x)
    assert (value.data, slope.data, value.args, slope.args) == (32.0, 48.0, (), ())


def test_the_gradient_has_the_structure_of_the_argument():
    tree = {"w": [1.0, (2.0, 3)], "p": Pair(4.0, np.array([5.0, 6.0])), "flag": True, "name": "net", "none": None}
    f = lambda t: t["w"][0] * t["w"][1][0] * t["w"][1][1] * t["p"].a + np.sum(t["p"].b * t["p"].b)  # noqa: E731
    slope = grad(f)(tree)
    assert slope["w"] == [24.0, (12.0, 8.0)]
    assert (type(slope["p"]), slope["p"].a, slope["p"].b.tolist()) == (Pair, 6.0, [10.0, 12.0])
    assert (slope["flag"], slope["name"], slope["none"]) == (None, None, None)


@pytest.mark.parametrize("kind", [OrderedDict, Counter])
def test_a_kind_of_dict_keeps_its_type(kind):
    assert grad(lambda d: d["a"] * d["b"])(kind(a=2, b=3)) == kind(a=3.0, b=2.0)


def test_dicts_are_matched_by_key_not_by_order():
    assert jvp(lambda d: 10.0 * d["a"] + d["b"], [{"a": 1.0, "b": 2.0}], [{"b": 0.0, "a": 1.0}])[1] == 10.0
    pullback = vjp(lambda x: {"a": x, "b": 10.0 * x}, 1.0)[1]
    assert pullback({"b": 1.0, "a": 0.0}) == (10.0,)


def test_bool_arrays_pass_through_and_have_no_derivative():
    mask = np.array([True, False, True])
    slope, none = vjp(lambda x, m: np.sum(x[m] ** 2), np.array([1.0, 2.0, 3.0]), mask)[1](1.0)
    np.testing.assert_array_equal(slope, [2.0, 0.0, 6.0])
    assert none is None or not np.any(none)


def test_an_array_of_no_dimension_is_one_number():
    assert grad(lambda x: x * x)(np.array(3.0)) == grad(lambda x: x * x)(np.float32(3.0)) == 6.0
    assert grad(lambda x: np.sum(x @ x))(np.array([1.0, 2.0])).tolist() == [2.0, 4.0]


def test_kinks_in_second_derivatives_follow_the_table():
    assert hessian(lambda x: autodiff.maximum(x, 1.0) ** 2)(1.0) == 0.5  # partial ½ on both factors of 2·½·½
    assert hessian(lambda x: autodiff.where(x > 0.0, x**3, 0.0))(2.0) == 12.0
    assert hessian(lambda x: x**2)(0.0) == 2.0
    assert hessian(lambda x: x / 0.0)(1.0) == 0.0
    assert hessian(lambda p: p[0] ** p[1])([2.0, 3.0])[0] == [12.0, pytest.approx(4.0 + 12.0 * math.log(2.0))]


def test_the_hessian_of_logsumexp_is_diag_p_minus_p_p():
    p = np.array(autodiff.softmax([0.1, -0.4, 2.0]))
    second = hessian(autodiff.logsumexp)([0.1, -0.4, 2.0])
    np.testing.assert_allclose(second, np.diag(p) - np.outer(p, p), atol=1e-15)


def test_scipy_minimizes_with_our_gradient_and_hessian():
    found = minimize(
        value_and_grad(rosenbrock), np.array([-1.2, 1.0, 0.5]), jac=True, hess=hessian(rosenbrock), method="Newton-CG"
    )
    np.testing.assert_allclose(found.x, 1.0, atol=1e-5)


def test_an_exception_in_the_function_leaves_switches_and_gradients_alone():
    w = Value(1.0)
    w.grad = 0.5

    def fails(x):
        w * x
        raise KeyError("mine")

    for run in (
        grad(fails),
        hessian(fails),
        jacobian(fails),
        lambda x: jvp(fails, [x], [1.0]),
        lambda x: vjp(fails, x),
    ):
        with pytest.raises(KeyError, match="mine"):
            run(2.0)
    assert (watch.active, watch.traces, w.grad) == (0, 0, 0.5)


REFUSALS = [
    (lambda: grad(lambda x: [x, x])(1.0), TypeError, "`grad` .* one number, got list.*`jacobian`"),
    (lambda: hessian(lambda x: [x])(1.0), TypeError, "`hessian` .* one number"),
    (lambda: grad(lambda x: None)(1.0), TypeError, "`grad` .* one number, got NoneType"),
    (lambda: grad(cubic, 2)(1.0, 2.0), IndexError, "`argnums` has 2, but .* 2 positional"),
    (lambda: grad(cubic, (0, -2))(1.0, 2.0), ValueError, "`argnums` names an argument twice"),
    (lambda: grad(cubic, "x"), TypeError, "`argnums` is an int or a tuple of ints, got 'x'"),
    (lambda: grad(3.0), TypeError, "`grad` takes a function, got float"),
    (lambda: grad(lambda x: x)(1j), TypeError, "cannot differentiate complex"),
    (lambda: grad(lambda x: x)({1.0, 2.0}), TypeError, "cannot differentiate set"),
    (lambda: jvp(cubic, [1.0, 2.0], [1.0]), ValueError, "`jvp`: the tangents must be like"),
    (lambda: jvp(cubic, 1.0, 1.0), TypeError, "`jvp` takes a list"),
    (lambda: vjp(cubic, 1.0, 2.0)[1]([1.0]), ValueError, "the cotangent must be like one number"),
    (lambda: hvp(cubic, [1.0, 2.0], [1.0]), ValueError, "`hvp`.* must be like"),
    (lambda: jvp(np.sum, [np.ones(3)], [np.ones(2)]), ValueError, r"array\(3,\).*array\(2,\)"),
]


@pytest.mark.parametrize(("call", "kind", "message"), REFUSALS)
def test_a_wrong_call_is_refused_with_a_message(call, kind, message):
    with pytest.raises(kind, match=message):
        call()


def test_a_derivative_is_named_after_its_function():
    def square(x, y=2.0):
        """Return x²."""
        return x * x * y

    for name, transform in (("grad", grad), ("jacobian", jacobian), ("hessian", hessian)):
        for derivative in (transform(square), transform(square, (0, 1))):
            assert (derivative.__name__, derivative.__doc__) == (f"{name}(square)", "Return x².")


def test_directions_may_be_values_of_the_caller_where_nothing_else_is() -> None:
    """The function itself reads no Value from outside: what its derivative depends on is the direction alone."""
    found = {
        "jvp": lambda v: jvp(lambda y: 3.0 * y, [2.0], [v])[1],
        "jvp, curved": lambda v: jvp(lambda y: y * y, [2.0], [v])[1],
        "jvp of a list": lambda v: jvp(lambda y: [y * y, 5.0 * y], [2.0], [v])[1][1],
        "vjp": lambda v: vjp(lambda y: 3.0 * y, 2.0)[1](v)[0],
        "vjp of a list": lambda v: vjp(lambda y: [y, y * y], 2.0)[1]([v, 2.0 * v])[0],
        "hvp": lambda v: hvp(lambda y: y * y * y, [2.0], [v])[0],
    }
    slopes = [3.0, 4.0, 5.0, 3.0, 9.0, 12.0]
    for (name, f), slope in zip(found.items(), slopes, strict=True):
        v = Value(0.5)
        f(v).backward()
        assert (name, v.grad) == (name, slope)
        assert (name, grad(f)(0.5), jvp(f, [0.5], [1.0])[1]) == (name, slope, slope)

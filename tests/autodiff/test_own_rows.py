"""Rows and elementary functions of one's own: they work in every mode, and what is wrong in them is caught."""

from __future__ import annotations

import math
import sys

import mpmath
import numpy as np
import pytest

import autodiff
from autodiff import (
    GradientError,
    Value,
    check_grads,
    compile,
    elementary,
    grad,
    hessian,
    jvp,
    primitive,
    value_and_grad,
)
from autodiff.apply import call
from autodiff.arithmetic import FUNCTIONS
from autodiff.expressions import parse
from autodiff.row import PRIMITIVES, register
from autodiff.sums import fold

# named so that no other test meets them; rows stay for the life of the process
gauss = primitive("own_gauss", lambda m, x: m.exp(-(x * x)), lambda m, x, z: -2.0 * x * z)
norm = primitive(
    "own_norm",
    lambda m, x, y: m.sqrt(x * x + y * y),
    lambda m, x, y, z: x / z,
    lambda m, x, y, z: y / z,
)
blend = primitive(
    "own_blend",
    lambda m, t, x, y: t * x + (1.0 - t) * y,
    lambda m, t, x, y, z: x - y,
    lambda m, t, x, y, z: t,
    lambda m, t, x, y, z: 1.0 - t,
)


def test_a_row_of_one_s_own_gives_floats_for_floats():
    assert (type(gauss(1)), gauss(1), norm(3, 4), blend(0.25, 4.0, 8.0)) == (float, math.exp(-1.0), 5.0, 7.0)


def test_a_row_of_one_s_own_has_gradients_by_each_argument():
    x, y = Value(3.0), Value(4.0)
    norm(x, y).backward()
    assert (x.grad, y.grad) == (0.6, 0.8)


def test_a_row_of_one_s_own_takes_a_number_on_either_side():
    x = Value(3.0)
    assert norm(x, 4).args == (x, 4.0)
    assert norm(4, x).partials == (None, 0.6)
    assert blend(0.25, x, True).partials == (None, 0.25, None)


def test_slopes_that_are_ints_are_made_floats():
    steep = primitive("own_ints", lambda m, x, y: 2.0 * x - y, lambda m, x, y, z: 2, lambda m, x, y, z: -1)
    node = call("own_ints", Value(3.0), Value(1.0))
    assert (node.partials, [type(d) for d in node.partials]) == ((2.0, -1.0), [float, float])
    assert [type(d) for d in steep(3, Value(1.0)).partials] == [type(None), float]


def test_a_row_of_one_s_own_has_second_derivatives():
    assert grad(grad(gauss))(0.5) == pytest.approx((4 * 0.25 - 2) * math.exp(-0.25), rel=1e-14)
    assert hessian(norm, (0, 1))(3.0, 4.0)[0] == pytest.approx((16 / 125, -12 / 125), rel=1e-14)


def test_a_condition_of_a_rule_may_be_known_when_it_is_read():
    bent = primitive(
        "own_known",
        lambda m, x: m.where(1.0 > 2.0, x, m.where(1.0 < 2.0, 3.0 * x, x * x)),
        lambda m, x, z: m.where(0.0, 0.0 * x, 3.0 + 0.0 * x),
    )
    both = compile(value_and_grad(lambda x: bent(x) * x))
    assert [value_and_grad(lambda x: bent(x) * x)(2.0), both(2.0), compile(bent)(2.0)] == [(12.0, 12.0)] * 2 + [6.0]
    assert "t0 = (3.0 * x[0]);" in compile(bent).program(2.0).source("c")
    assert value_and_grad(grad(bent))(2.0) == compile(value_and_grad(grad(bent)))(2.0) == (3.0, 0.0)


def test_a_row_of_one_s_own_is_named_as_it_was():
    assert (gauss.__name__, gauss.__qualname__) == ("own_gauss", "own_gauss")


def test_a_row_of_one_s_own_works_on_arrays():
    x = np.array([0.0, 1.0, -2.0])
    np.testing.assert_allclose(gauss(x), np.exp(-x * x), rtol=1e-15)
    np.testing.assert_allclose(grad(lambda a: np.sum(gauss(a)))(x), -2 * x * np.exp(-x * x), rtol=1e-14)


def test_a_row_of_one_s_own_stands_in_expressions():
    e = parse("own_norm(x, 2*y) + 1")
    assert e({"x": 3.0, "y": 2.0}) == 6.0
    assert grad(e)({"x": 3.0, "y": 2.0}) == {"x": 0.6, "y": 1.6}


def test_a_row_of_one_s_own_passes_check_grads():
    check_grads(lambda x, y, t: norm(gauss(x), blend(t, x, y)), [0.3, -0.7, 0.4])


def test_a_row_of_one_s_own_has_ieee_results():
    steep = primitive("own_steep", lambda m, x: 1.0 / m.log(x), lambda m, x, z: -z * z / x)
    assert (steep(1.0), steep(Value(0.0)).data, math.isnan(steep(-1.0))) == (math.inf, 0.0, True)


def test_a_row_of_four_arguments_works():
    four = primitive(
        "own_four",
        lambda m, a, b, c, d: a * b + c * d,
        lambda m, a, b, c, d, z: b,
        lambda m, a, b, c, d, z: a,
        lambda m, a, b, c, d, z: d,
        lambda m, a, b, c, d, z: c,
    )
    assert four(Value(2.0), 3.0, Value(4.0), 5.0).partials == (3.0, None, 5.0, None)


def test_a_wrong_partial_is_caught_with_a_message_that_names_it():
    wrong = primitive("own_wrong", lambda m, x, y: x * y, lambda m, x, y, z: y, lambda m, x, y, z: 1.001 * x)
    with pytest.raises(GradientError, match=r"own_wrong.*\[2\.0, 3\.0\].*argument 1.* 2\.002\d* .*step.* (2\.0|1\.99)"):
        check_grads(wrong, [2.0, 3.0])


def test_a_wrong_partial_is_found_inside_a_larger_expression():
    # ∂/∂c of a·b + c is 1, here 1.125; the row is met at (2, 3, sin 0.5)
    wrong = primitive(
        "own_wrong_third",
        lambda m, a, b, c: a * b + c,
        lambda m, a, b, c, z: b,
        lambda m, a, b, c, z: a,
        lambda m, a, b, c, z: 1.125,
    )
    place = r"; in it, `own_wrong_third` at \[2\.0, 3\.0, 0\.479425\d*\]: .* argument 2 is 1\.125 .* give (1\.0|0\.9)"
    with pytest.raises(GradientError, match=place):
        check_grads(lambda x, y: (wrong(2.0, 3.0, x.sin()) * y).tanh() + gauss(x), [0.5, 0.1])


def test_a_wrong_partial_of_a_row_of_any_number_of_arguments_is_found():
    # the row is the sum of squares, with 2x + 1 for the last slope
    slopes = lambda m, xs, z: [*(2.0 * x for x in xs[:-1]), 2.0 * xs[-1] + 1.0]  # noqa: E731
    register("own_squares", lambda m, xs: fold(x * x for x in xs), slopes, variadic=True, domain=(autodiff.Interval(),))
    try:
        place = r"; in it, `own_squares` at \[1\.0, 2\.0, 0\.5\]: .* argument 2 is 2\.0 .* give (1\.0|0\.9)"
        with pytest.raises(GradientError, match=place):
            check_grads(lambda x, y: call("own_squares", x, y, 0.5 * x).log(), [1.0, 2.0])
    finally:
        del PRIMITIVES["own_squares"]


def test_a_wrong_second_derivative_inside_an_expression_is_found():
    flat = primitive("own_flat_inside", lambda m, x: m.sin(x), lambda m, x, z: m.detach(m.cos(x)))
    with pytest.raises(GradientError, match=r"order 1 .*; in it, `own_flat_inside` at \[0\.25\]: its derivative 0"):
        check_grads(lambda x: flat(x * x) * x, [0.5])


def test_check_grads_takes_functions_that_capture_values():
    w = Value(0.5)
    check_grads(lambda x: (w * x).tanh() * w, [0.3])
    assert w.grad == 0.0
    wrong = primitive("own_wrong_captured", lambda m, x: m.exp(x), lambda m, x, z: 1.01 * z)
    with pytest.raises(GradientError, match=r"in it, `own_wrong_captured` at \[0\.15\]"):
        check_grads(lambda x: wrong(w * x) + w, [0.3])


def test_a_wrong_second_derivative_is_caught():
    flat = primitive("own_flat", lambda m, x: m.sin(x), lambda m, x, z: m.detach(m.cos(x)))
    check_grads(flat, [0.3], order=1)
    with pytest.raises(GradientError, match="derivative 0 of order 1"):
        check_grads(flat, [0.3], order=2)


def one(m, x, z):
    return 1.0


REFUSED = {
    "a taken name": ("tanh", lambda m, x: x, one),
    "no identifier": ("own name", lambda m, x: x, one),
    "a keyword": ("lambda", lambda m, x: x, one),
    "no partial": ("own_r1", lambda m, x: x),
    "a partial that is no rule": ("own_r2", lambda m, x: x, 3.0),
    "too many arguments": ("own_r3", lambda m, x, y: x, one),
    "a partial without z": ("own_r4", lambda m, x: x, lambda m, x: 1.0),
    "an unknown function": ("own_r5", lambda m, x: m.own_unknown(x), one),
    "math of the module": ("own_r6", lambda m, x: math.exp(x), one),
    "an if over an argument": ("own_r7", lambda m, x: x if x else 0.0, one),
    "an if over a comparison": ("own_r8", lambda m, x: x if m.gt(x, 0.0) else 0.0, one),
    "an equality of Python": ("own_r9", lambda m, x: 1.0 if x == 0.0 else x, one),
    "an order of Python": ("own_r10", lambda m, x: 1.0 if x > 0.0 else x, one),
}


@pytest.mark.parametrize("arguments", REFUSED.values(), ids=REFUSED)
def test_a_row_that_does_not_fit_is_refused_and_the_table_unchanged(arguments):
    before = dict(PRIMITIVES)
    with pytest.raises(ValueError, match=f"`{arguments[0]}`"):
        primitive(*arguments)
    try:
        assert before == PRIMITIVES
    finally:
        for name in PRIMITIVES.keys() - before.keys():  # or every later test would meet it
            del PRIMITIVES[name]
            autodiff.apply.functions.pop(name, None)


def test_a_number_of_domains_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="1 partials but 2 domains"):
        primitive("own_r11", lambda m, x: x, one, domain=(autodiff.Interval(), autodiff.Interval()))


@pytest.mark.parametrize("name", ["float", "type", "isinstance", "call", "finish", "new", "math", "Value", "nan", "x"])
def test_a_row_may_have_a_name_that_the_generated_source_uses(name):
    try:
        row = primitive(name, lambda m, x, y: m.exp(x) * y, lambda m, x, y, z: z, lambda m, x, y, z: m.exp(x))
        x, y = Value(0.0), Value(3.0)
        assert (row(x, y).partials, row(2.0, y).op, row(x, 2).data, row(0, 2)) == ((3.0, 1.0), name, 2.0, 2.0)
    finally:
        PRIMITIVES.pop(name, None)
        autodiff.apply.functions.pop(name, None)


def test_an_elementary_function_of_one_s_own_stands_in_rules():
    elementary("own_lgamma", math.lgamma, limit=lambda x: math.inf)
    elementary("own_digamma", lambda x: float(mpmath.digamma(x)))
    lgamma = primitive(
        "own_log_gamma",
        lambda m, x: m.own_lgamma(x),
        lambda m, x, z: m.own_digamma(x),
        domain=(autodiff.Interval(0.0),),
    )
    x = Value(3.5)
    lgamma(x).backward()
    assert x.grad == pytest.approx(float(mpmath.digamma(3.5)), rel=1e-15)
    assert (lgamma(0.0), lgamma(np.array([1.0, 2.0])).tolist()) == (math.inf, [0.0, 0.0])
    assert jvp(lgamma, [3.5], [2.0])[1] == 2.0 * x.grad
    with pytest.raises(NotImplementedError, match=r"own_digamma.*`autodiff\.primitive`"):
        grad(grad(lgamma))(3.5)


def test_a_function_that_libm_lacks_is_warned_of_at_the_line_that_compiled_it():
    pytest.importorskip("llvmlite")
    elementary("own_unlinked", math.sinh)
    row = primitive("own_unlinked_sinh", lambda m, x: m.own_unlinked(x), lambda m, x, z: m.cosh(x))
    compiled = autodiff.compile(row, backend="native")
    with pytest.warns(UserWarning, match=r"m\.own_unlinked has no function in libm") as warned:
        line, found = sys._getframe().f_lineno, compiled(0.5)
    assert found == math.sinh(0.5)
    assert [(w.filename, w.lineno) for w in warned] == [(__file__, line)]


@pytest.mark.parametrize("name", ["exp", "no name", "lambda", "name", "lift", "lower", "implement"])
def test_a_name_that_m_cannot_carry_is_refused(name):
    before = dict(FUNCTIONS)
    try:
        with pytest.raises(ValueError, match=f"`{name}`"):
            elementary(name, math.exp)
    finally:
        for added in FUNCTIONS.keys() - before.keys():
            del FUNCTIONS[added]


def test_a_function_without_a_result_has_nothing_to_check():
    with pytest.raises(ValueError, match="this one has none"):
        check_grads(lambda x: [], [1.0])


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("language", ["python", "c"])
def test_a_source_of_a_function_that_has_no_text_is_refused(order, language):
    name = f"own_textless_{order}_{language}"
    elementary(name, math.exp)
    own = primitive(name, lambda m, x: getattr(m, name)(x), lambda m, x, z: z)
    f = primitive(f"of_{name}", lambda m, x: getattr(m, name)(x) * x, lambda m, x, z: getattr(m, name)(x) + z)
    assert own(0.0) == 1.0
    for _ in range(order):
        f = grad(f)
    with pytest.raises(ValueError, match=rf"m\.{name}.*autodiff\.elementary"):
        compile(f, backend="numpy").program(2.0).source(language)

"""Functions that users of `math`, NumPy and the libraries for nets look for: their bits, slopes and names."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff
from autodiff import Value, compile, grad, hessian
from autodiff.expressions import parse
from nn import MLP

from ..conftest import bits

UFUNCS = (np.isnan, np.isinf, np.isfinite, np.degrees, np.rad2deg, np.radians, np.deg2rad, np.ceil, np.trunc)
SPECIAL = (-math.inf, -2.5, -0.0, 0.0, 5e-324, 0.5, 1e308, math.inf, math.nan)
SELU, BELOW = 1.0507009873554805, 1.7580993408473769
SLOPES = [
    ("exp10", 2.0, 100.0, 100.0 * math.log(10.0)),
    ("logit", 0.25, -math.log(3.0), 16.0 / 3.0),
    ("degrees", math.pi, 180.0, 180.0 / math.pi),
    ("radians", 180.0, math.pi, math.pi / 180.0),
    ("log_sigmoid", 0.0, -math.log(2.0), 0.5),
    ("softsign", -3.0, -0.75, 0.0625),
    ("selu", 2.0, 2.0 * SELU, SELU),
    ("selu", -1.0, BELOW * (math.exp(-1.0) - 1.0), BELOW * math.exp(-1.0)),
    ("relu6", 7.0, 6.0, 0.0),
    ("relu6", 5.0, 5.0, 1.0),
    ("hard_tanh", 0.5, 0.5, 1.0),
    ("hard_tanh", -2.0, -1.0, 0.0),
    ("hard_sigmoid", 1.5, 0.75, 1.0 / 6.0),
    ("hard_swish", 1.5, 1.125, 1.0),
    ("hard_swish", -4.0, 0.0, 0.0),
]
ACTIVATIONS = ("selu", "relu6", "hard_tanh", "hard_sigmoid", "hard_swish", "softsign", "log_sigmoid")


@pytest.mark.parametrize(("name", "x", "value", "slope"), SLOPES)
def test_value_and_slope_are_those_of_the_closed_form(name: str, x: float, value: float, slope: float) -> None:
    function: Callable[..., Any] = getattr(autodiff, name)
    leaf = Value(x)
    z = function(leaf)
    z.backward()
    assert (z.data, leaf.grad) == pytest.approx((value, slope), rel=1e-15)
    assert compile(grad(function))(x) == leaf.grad


@pytest.mark.parametrize("ufunc", UFUNCS)
def test_a_ufunc_of_a_value_has_the_bits_of_numpy_s(ufunc: Any) -> None:
    for x in SPECIAL:
        with np.errstate(all="ignore"):
            assert bits(ufunc(Value(x)).data) == bits(float(ufunc(x))), x


def test_degrees_and_radians_have_the_bits_of_math_s() -> None:
    for x in (-720.0, -1.1, 0.3, 1e-300, 57.3, 12345.678):
        assert bits(autodiff.degrees(x)) == bits(math.degrees(x))
        assert bits(autodiff.radians(x)) == bits(math.radians(x))


def test_predicates_guard_a_branch_and_have_no_slope() -> None:
    guarded = lambda x: autodiff.where(autodiff.isfinite(x), x * x, 0.0)  # noqa: E731
    assert grad(guarded)(3.0) == 6.0
    assert grad(lambda x: autodiff.isnan(x) + x)(1.0) == 1.0


def test_the_logit_of_a_half_loses_no_digit_and_the_sigmoid_takes_it_back() -> None:
    assert autodiff.logit(0.5 + 2.0**-40) == 2.0**-38
    assert autodiff.sigmoid(autodiff.logit(0.3)) == pytest.approx(0.3, rel=1e-15)
    assert hessian(autodiff.logit)(0.5) == 0.0


def test_the_log_of_the_sigmoid_is_finite_where_the_sigmoid_is_0() -> None:
    assert (autodiff.sigmoid(-800.0), autodiff.log_sigmoid(-800.0)) == (0.0, -800.0)
    assert grad(autodiff.log_sigmoid)(-800.0) == 1.0


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_net_takes_the_activation_by_its_name(name: str) -> None:
    net = MLP(2, [3, 1], activation=name, rng=0)
    z = net([0.5, -1.0])
    z.backward()
    assert math.isfinite(z.data)
    assert any(p.grad for p in net.parameters())


def test_expressions_know_the_functions() -> None:
    for name, x, value, _ in SLOPES:
        assert parse(f"{name}(x)")({"x": x}) == pytest.approx(value, rel=1e-15)

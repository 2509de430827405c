"""Division with remainder: the bits of Python's operators, of `math` and of NumPy, and slopes that count periods."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff
from autodiff import Value, compile, grad

from ..conftest import bits

MAGNITUDES = (0.0, 5e-324, 0.1, 0.25, 1.0, 3.0, 7.5, 1e16, 1.6e308, 1.7e308)
GRID = [sign * x for x in MAGNITUDES for sign in (1.0, -1.0)]
FINITE = [(x, y) for x, y in itertools.product(GRID, repeat=2) if y]
PYTHON: dict[str, tuple[Callable[..., Any], Callable[..., float]]] = {
    "%": (lambda x, y: x % y, lambda x, y: x % y),
    "//": (lambda x, y: x // y, lambda x, y: x // y),
    "divmod 0": (lambda x, y: divmod(x, y)[0], lambda x, y: divmod(x, y)[0]),
    "divmod 1": (lambda x, y: divmod(x, y)[1], lambda x, y: divmod(x, y)[1]),
    "fmod": (autodiff.fmod, math.fmod),
    "ieee_remainder": (autodiff.ieee_remainder, math.remainder),
    "copysign": (autodiff.copysign, math.copysign),
}


def pairs() -> list[tuple[float, float]]:
    rng = random.Random("quotients")
    near = [(k * y, y) for k, y in ((rng.randint(-9, 9), rng.uniform(-3.0, 3.0)) for _ in range(300))]
    return FINITE + near + [(rng.uniform(-50.0, 50.0), rng.uniform(-3.0, 3.0)) for _ in range(300)]


@pytest.mark.parametrize("name", PYTHON)
def test_a_value_has_the_bits_of_python_s_floats(name: str) -> None:
    ours, python = PYTHON[name]
    for x, y in pairs():
        wanted = bits(python(x, y))
        assert [bits(ours(Value(x), y).data), bits(ours(Value(x), Value(y)).data)] == [wanted] * 2, (x, y)
        assert bits(ours(x, Value(y)).data) == wanted, (x, y)


@pytest.mark.parametrize("name", ["%", "//", "fmod", "copysign"])
def test_an_array_has_the_bits_of_numpy_s(name: str) -> None:
    ufunc = {"%": np.remainder, "//": np.floor_divide, "fmod": np.fmod, "copysign": np.copysign}[name]
    for x, y in itertools.product([*GRID, math.inf, -math.inf], repeat=2):
        with np.errstate(all="ignore"):
            wanted = bits(float(ufunc(x, y)))
        assert bits(ufunc(Value(x), y).data) == bits(PYTHON[name][0](Value(x), Value(y)).data) == wanted, (x, y)


@pytest.mark.parametrize("backend", ["eager", "numpy", "interpreter", "native"])
@pytest.mark.parametrize("name", PYTHON)
def test_compiled_rows_have_the_same_bits(name: str, backend: str) -> None:
    xs, ys = np.array(pairs()).T
    ours, python = PYTHON[name]
    found = compile(lambda x, y: ours(x, y) + 0.0 * x, backend=backend).map(xs, ys)
    assert [bits(float(z)) for z in found] == [bits(python(x, y) + 0.0 * x) for x, y in pairs()]


def test_the_slope_by_the_modulus_counts_its_periods() -> None:
    x, y = Value(7.5), Value(-2.0)
    (x % y).backward()
    assert (x.grad, y.grad) == (1.0, 4.0)
    assert grad(lambda y: 7.5 % y)(2.0) == -3.0
    assert grad(lambda y: autodiff.fmod(-7.5, y))(2.0) == 3.0
    assert grad(lambda y: autodiff.ieee_remainder(7.5, y))(2.0) == -4.0


def test_a_quotient_that_rounds_to_an_integer_is_not_taken_for_it() -> None:
    x, y = 0.3, 0.1  # 0.3/0.1 is 2.9999999999999996, which rounds to 3
    assert (x / y, x // y) == (2.9999999999999996, 2.0)
    x, y = 1.0, 0.1  # 1.0/0.1 is 9.999999999999999445, which rounds to 10
    assert x / y == 10.0
    assert ((Value(x) // y).data, (Value(x) % y).data) == (9.0, 0.09999999999999995)
    assert grad(lambda y: x % y)(y) == grad(lambda y: autodiff.fmod(x, y))(y) == -9.0
    assert grad(lambda y: autodiff.ieee_remainder(x, y))(y) == -10.0


def test_a_large_quotient_keeps_its_digits_in_the_slope() -> None:
    assert grad(lambda y: 1e308 % y)(3.0) == grad(lambda y: autodiff.fmod(1e308, y))(3.0) == -1e308 / 3.0
    assert grad(lambda y: 1.7e308 % y)(-1.6e308) == 2.0
    assert grad(lambda y: autodiff.ieee_remainder(1.7e308, y))(1.1e308) == -2.0


def test_division_by_zero_is_that_of_ieee_754_and_never_raises() -> None:
    v = Value(7.0)
    assert math.isnan((v % 0.0).data)
    assert [(v // y).data for y in (0.0, -0.0)] == [math.inf, -math.inf]
    assert math.isnan((Value(0.0) // 0.0).data)


def test_the_remainder_jumps_and_a_wave_of_period_1_is_differentiable_between() -> None:
    wave = lambda t: abs(t % 1.0 - 0.5)  # noqa: E731
    assert [grad(wave)(t) for t in (-0.75, 0.25, 1.75)] == [-1.0, -1.0, 1.0]
    assert grad(lambda t: t // 0.25)(0.3) == 0.0


def test_what_is_no_number_is_refused_by_name() -> None:
    for operation, name in ((lambda: Value(1.0) % "a", "mod"), (lambda: None // Value(1.0), "floordiv")):
        with pytest.raises(TypeError, match=f"`{name}` takes Values or numbers"):
            operation()
    with pytest.raises(TypeError, match="`floordiv` takes Values or numbers"):
        divmod(Value(1.0), 1j)


def test_python_s_rounding_up_and_towards_0_are_rows() -> None:
    for x in (-1.5, -0.5, -0.0, 0.0, 0.5, 1.5, 1e300, math.inf):
        assert bits(math.ceil(Value(x)).data) == bits(np.ceil(Value(x)).data) == bits(float(np.ceil(x)))
        assert bits(math.trunc(Value(x)).data) == bits(np.trunc(Value(x)).data) == bits(float(np.trunc(x)))


def test_the_sign_of_y_is_that_of_its_bit() -> None:
    x = Value(-3.0)
    autodiff.copysign(x, -0.0).backward()
    assert x.grad == 1.0
    assert bits(autodiff.copysign(Value(0.0), -1.0).data) == bits(-0.0)
    assert math.isnan(autodiff.copysign(Value(1.0), -math.nan).data)

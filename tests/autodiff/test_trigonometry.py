"""Sine, cosine and tangent of large numbers: within 4 ulp beside multiples of π/2, the same bits in every backend."""

from __future__ import annotations

import math
import random

import mpmath
import numpy as np
import pytest

import autodiff
from autodiff import Value, compile, grad
from autodiff.compiler.settings import BACKENDS
from autodiff.trigonometry import FAR

from ..conftest import bits, ulps
from ..support.sampling import near_multiples

NAMES = ("sin", "cos", "tan")
CHOSEN = [214112296674652.0, 1.2853022199154463e174, 563416747700.2246, 6381956970095103.0 * 2.0**797]


def points() -> list[float]:
    rng = random.Random(0)
    near = rng.sample(near_multiples(), 2_000)
    return [*CHOSEN, *near, *(rng.choice((1, -1)) * 10.0 ** rng.uniform(7.0, 308.0) for _ in range(1_000))]


def test_the_cosine_beside_a_multiple_of_half_pi_has_all_its_digits() -> None:
    assert autodiff.cos(214112296674652.0) == 2.593568520785501e-16
    assert autodiff.cos(Value(214112296674652.0)).data == 2.593568520785501e-16
    assert grad(autodiff.sin)(214112296674652.0) == 2.593568520785501e-16


@pytest.mark.parametrize("name", NAMES)
def test_large_numbers_are_within_4_ulp_of_the_truth(name: str) -> None:
    found = [(ulps(getattr(autodiff, name)(x), _truth(name, x)), x) for x in points()]
    assert max(found)[0] < 2.0, max(found)


@pytest.mark.parametrize("name", NAMES)
def test_slopes_at_large_numbers_are_within_4_ulp_of_the_truth(name: str) -> None:
    slope = {"sin": lambda x: _truth("cos", x), "cos": lambda x: -_truth("sin", x)}
    slope["tan"] = lambda x: 1 + _truth("tan", x) ** 2
    found = [(ulps(grad(getattr(autodiff, name))(x), slope[name](x)), x) for x in points() if name != "tan" or x > FAR]
    assert max(found)[0] < 4.0, max(found)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("backend", [name for name in BACKENDS if name != "rolled"])  # nothing repeats
def test_every_backend_gives_the_bits_of_eager_at_large_numbers(backend: str, name: str) -> None:
    xs = [x for x in points()[:1_500] if abs(x) > FAR]
    function = getattr(autodiff, name)
    found = compile(function, backend=backend).map(np.array(xs))
    assert list(map(bits, found)) == [bits(function(x)) for x in xs]
    assert bits(compile(grad(function), backend=backend)(xs[0])) == bits(grad(function)(xs[0]))


@pytest.mark.parametrize("name", NAMES)
def test_at_the_bound_the_library_and_the_reduction_agree_and_beyond_inf_is_nan(name: str) -> None:
    function = getattr(autodiff, name)
    for x in (FAR, -FAR, math.nextafter(FAR, math.inf), -math.nextafter(FAR, math.inf)):
        assert ulps(function(x), _truth(name, x)) < 2.0
    assert all(math.isnan(function(x)) for x in (math.inf, -math.inf, math.nan))


def test_the_python_source_of_a_program_reduces_as_exactly() -> None:
    f = compile(lambda x: autodiff.cos(x) - autodiff.sin(x) * autodiff.tan(-x))
    scope: dict[str, object] = {}
    exec(f.program(1.0).source("python"), scope)
    assert scope["program"]([], [214112296674652.0]) == (f(214112296674652.0),)  # type: ignore[operator]


def _truth(name: str, x: float) -> mpmath.mpf:
    with mpmath.workprec(1_400):
        return getattr(mpmath, name)(mpmath.mpf(x))

"""Exported Python: eager's bits at every point, and no error where eager gives inf or nan."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff import Value, compile, elementary, grad, hessian, primitive, value_and_grad
from autodiff.apply import call
from autodiff.arithmetic import FUNCTIONS
from autodiff.row import PRIMITIVES, Primitive, functions

from ...conftest import SMOOTH, bits
from ...support.edges import SPECIAL, grid
from ...support.reading import active

POINTS = (*SPECIAL, 3.0, -3.0, 0.5, 2.0**-1040, 1.7976931348623157e308)


def exported(f: Callable[..., Any], *point: Any) -> Callable[..., tuple[float, ...]]:
    """Return the function that the source of f in Python defines."""
    scope: dict[str, Any] = {}
    exec(compile(f, backend="numpy").program(*point).source("python"), scope)
    found: Callable[..., tuple[float, ...]] = scope["program"]
    return found


def flat(result: Any) -> list[int]:
    """Return the bits of the numbers of nested tuples and lists, any nan as one."""
    if isinstance(result, (tuple, list)):
        return [number for part in result for number in flat(part)]
    return [bits(float(result))]


@pytest.mark.parametrize("row", SMOOTH)
def test_values_and_slopes_of_every_row_are_eager_s_at_its_edges(row: Primitive) -> None:
    points = grid(row) if len(row.domain) > 1 else [(x,) for x in POINTS]
    which = tuple(active(row))
    f = value_and_grad(lambda *xs: call(row.name, *xs), which)
    written = exported(f, *points[0])
    for point in points:
        assert flat(written([], point)) == flat(f(*point)), point


POWERS: dict[str, Callable[[Any], Any]] = {
    "cube": lambda x: x**3,
    "fifth": lambda x: x**5,
    "x√x": lambda x: x**1.5,
    "relu³": lambda x: ad.relu(x) ** 3,
    "1/x²": lambda x: x**-2,
    "entropy": lambda x: ad.xlogy(x, x) + x * ad.log(x),
    "quotients": lambda x: (x % 0.0) / x + x // x + ad.fmod(1.0, x) + ad.ieee_remainder(x, x - 1.0),
    "waves": lambda x: ad.sin(x) / x + ad.tan(1.0 / x) - ad.cos(x * 1e300),
    "steps": lambda x: ad.floor(x) * ad.round(x) * ad.trunc(1.0 / x) + abs(ad.ceil(x)),
    "overflow": lambda x: ad.exp(ad.exp(x)) - ad.sinh(x) * ad.cosh(x) + ad.expm1(x * x) + ad.exp2(x),
    "domains": lambda x: ad.sqrt(x) + ad.log1p(x) + ad.asin(x) * ad.acosh(x) - ad.atanh(x) + ad.log2(x) - ad.log10(x),
    "bells": lambda x: ad.erf(x) * ad.gelu(x) + ad.silu(x) / ad.sigmoid(x) + ad.softplus(x) ** 0.5,
}


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("name", POWERS)
def test_functions_and_their_derivatives_are_eager_s_at_every_point(name: str, order: int) -> None:
    f = POWERS[name]
    for _ in range(order):
        f = grad(f)
    written, eager = exported(f, 1.25), compile(f, backend="eager")
    for x in POINTS:
        assert flat(written([], [x])) == flat(eager(x)), x


def test_a_hessian_of_two_numbers_is_eager_s() -> None:
    f = hessian(lambda xs: xs[0] ** xs[1] / ad.hypot(xs[0], xs[1]) + ad.logsumexp(xs) - ad.atan2(xs[0], xs[1]))
    written = exported(f, [1.5, 2.0])
    for point in itertools.product(SPECIAL, repeat=2):
        assert flat(written([], point)) == flat(f([*point])), point


def test_parameters_and_inputs_of_any_kind_are_read_as_floats() -> None:
    w = Value(2.0)
    written = exported(lambda x, y: w / x - 1.0 / y, 1.0, 1.0)
    assert written([1], [2, 4])[0] == 0.25
    assert written(np.array([3.0]), (np.float64(-0.0), 1))[0] == -math.inf


@pytest.mark.parametrize("name", ["divide", "power", "x", "t0", "own_exported"])
def test_own_functions_under_any_name_are_nan_where_their_text_raises(name: str) -> None:
    elementary(name, lambda x, y: math.sqrt(x) / y, text="(math.sqrt({0}) / {1})")
    try:
        own = primitive(f"row_{name}", lambda m, x, y: getattr(m, name)(x, y), lambda m, x, y, z: z / x, None)
        f = value_and_grad(lambda x: own(x, x + 1.0) ** x / x)
        written, eager = exported(f, 1.0), compile(f, backend="eager")
        for x in POINTS:
            assert flat(written([], [x])) == flat(eager(x)), x
    finally:
        del FUNCTIONS[name], PRIMITIVES[f"row_{name}"], functions[f"row_{name}"]


def test_branches_that_do_not_hold_raise_and_others_give_what_ieee_754_has() -> None:
    written = exported(lambda x: ad.log(x) if x < 1.0 else 1.0 / x, 0.5)
    assert written([], [0.0]) == (-math.inf,)
    assert math.isnan(written([], [-1.0])[0])
    with pytest.raises(ValueError, match="another branch is taken here"):
        written([], [1.0])

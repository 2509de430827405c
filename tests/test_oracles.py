"""Differential tests: PyTorch, JAX and SymPy agree with every row and with random programs, but where it is known."""

from __future__ import annotations

import random
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from autodiff import grad, hessian
from autodiff.apply import call
from autodiff.row import Primitive

from .conftest import BUILT_IN, ROWS, SMOOTH
from .support.disagreements import DISAGREEMENTS, Known
from .support.programs import MOST, Program, decode, point
from .support.programs import SMOOTH as SMOOTH_NAMES
from .support.programs import call as apply
from .support.reading import points

WITHOUT = {"torch": {"cbrt", "exp10", "ieee_remainder"}, "jax": {"exp10", "ieee_remainder"}}  # no counterpart
MISSING = [name for name in WITHOUT if find_spec(name) is None]
with_both = pytest.mark.skipif(bool(MISSING), reason=f"no {', '.join(MISSING)}: install `autodiff-scalar[oracles]`")
oracles = None if MISSING else import_module("tests.support.oracles")
# fmt: off
FORMULAS = {  # SymPy's text, for the rows that have no function of their name there
    "add": "x + y", "sub": "x - y", "mul": "x*y", "div": "x/y", "neg": "-x", "square": "x**2", "reciprocal": "1/x",
    "pow": "x**y", "exp2": "2**x", "expm1": "exp(x) - 1", "log2": "log(x)/log(2)", "log10": "log(x)/log(10)",
    "log1p": "log(1 + x)", "cbrt": "sign(x)*Abs(x)**Rational(1, 3)", "sigmoid": "1/(1 + exp(-x))",
    "softplus": "log(1 + exp(x))", "silu": "x/(1 + exp(-x))", "gelu": "x*(1 + erf(x/sqrt(2)))/2",
    "hypot": "sqrt(x**2 + y**2)", "norm": "sqrt(x**2 + y**2)", "xlogy": "x*log(y)", "logsumexp": "log(exp(x) + exp(y))",
    "exp10": "10**x", "logit": "log(x/(1 - x))", "degrees": "180*x/pi", "radians": "pi*x/180",
    "log_sigmoid": "-log(1 + exp(-x))",
}
# fmt: on
SYMBOLIC = {*SMOOTH_NAMES, "xlogy"} - {"sum", "dot"}
every_library = pytest.mark.parametrize("who", WITHOUT)
ENTRIES = [
    pytest.param(entry, *names, id=f"{'-'.join(names)}-{entry.point}")
    for entry in DISAGREEMENTS
    for names in entry.instances()
]


@with_both
@every_library
def test_every_row_has_its_counterpart(who: str) -> None:
    assert BUILT_IN.keys() - oracles.LIBRARIES[who].keys() == WITHOUT[who]


@with_both
@every_library
@pytest.mark.parametrize("row", ROWS)
def test_what_differs_is_known(who: str, row: Primitive) -> None:
    if row.name in WITHOUT[who]:
        pytest.skip(f"{who} has no {row.name}")
    assert oracles.unknown(who, row.name) == []


@with_both
@pytest.mark.parametrize(("entry", "who", "row", "column"), ENTRIES)
def test_what_is_known_still_differs(entry: Known, who: str, row: str, column: str) -> None:
    places, ours, theirs, agree = oracles.reading(who, row)
    k = list(map(repr, places)).index(repr(entry.point))
    i = next(i for i in range(len(ours)) if oracles.column(row, i) == column)
    assert [theirs[i, k], ours[i, k]] == pytest.approx([entry.theirs, entry.ours], rel=1e-12, abs=0.0, nan_ok=True)
    assert not agree[i, k]
    assert entry.covers(who, row, column, ours[i, k], entry.point)


@with_both
def test_a_difference_that_is_not_in_the_table_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    others = [entry for entry in DISAGREEMENTS if "tanh" not in entry.rows.split()]
    monkeypatch.setattr(oracles, "DISAGREEMENTS", others)
    assert any("∂0 of tanh(40.0,): 0.0 in torch" in line for line in oracles.unknown("torch", "tanh"))


@with_both
@every_library
@pytest.mark.parametrize("row", SMOOTH)
def test_second_partials_agree_where_first_do(who: str, row: Primitive) -> None:
    if row.name in WITHOUT[who]:
        pytest.skip(f"{who} has no {row.name}")
    places = points(row, 30)
    operands = np.array(places).T
    ours, theirs = oracles.second_by_us(row.name, operands), oracles.SECOND[who](row.name, operands)
    for i, j, k in np.argwhere(~oracles.agreeing(ours, theirs, 1e-9, 1e-14)).tolist():
        known = any(oracles.covering(who, row.name, 1 + a, np.nan, places[k]) for a in (i, j))
        assert known, f"∂²/∂{i}∂{j} at {places[k]}: {theirs[i, j, k]} in {who}, {ours[i, j, k]} here"


@with_both
@pytest.mark.parametrize(("who", "count"), [("torch", 200), ("jax", 60)])
def test_gradients_of_random_programs_agree(who: str, count: int) -> None:
    names = [name for name in SMOOTH_NAMES if name not in WITHOUT[who]]
    programs = random_programs(names, count)
    for start in range(0, count, 20):
        batch = programs[start : start + 20]
        for program, theirs in zip(batch, oracles.GRADIENTS[who](batch), strict=True):
            ours, nudged = (np.array(grad(f)(list(program.inputs))) for f in (program, nudging(program)))
            slack = 1e-11 + 1e-9 * abs(ours) + 2.0**-8 * abs(nudged - ours)  # what 16 ulp of every node change
            np.testing.assert_array_less(abs(ours - theirs), slack, err_msg=str(program))


def nudging(program: Program) -> Callable[..., Any]:
    """Return the function in which every node is 2⁻⁴⁰ of itself smaller: a gradient as far off is badly conditioned."""
    return lambda xs: program.nodes(xs, lambda name, operands: apply(name, operands) * (1.0 - 2.0**-40))[-1]


def random_programs(names: list[str], count: int, seed: int = 1) -> list[Program]:
    rng = random.Random(seed)
    return [decode(point(rng.randbytes(9)), rng.randbytes(4 * rng.randint(1, MOST)), names) for _ in range(count)]


@pytest.mark.parametrize("row", [row for row in SMOOTH if row.values[0].name in SYMBOLIC])
def test_second_partials_are_those_of_sympy(row: Primitive) -> None:
    sympy = pytest.importorskip("sympy", reason="no sympy: install `autodiff-scalar[oracles]`")
    xs = sympy.symbols("x y", real=True)[: len(row.domain)]
    arguments = ", ".join(map(str, xs))
    formula = sympy.sympify(FORMULAS.get(row.name, f"{row.name}({arguments})"), locals={str(x): x for x in xs})
    for place in points(row, 3):
        exact = dict(zip(xs, map(sympy.Rational, place), strict=True))
        second = hessian(lambda *xs: call(row.name, *xs), argnums=tuple(range(len(xs))))(*place)
        truth = [[float(sympy.diff(formula, x, y).subs(exact).evalf(30)) for y in xs] for x in xs]
        np.testing.assert_allclose(second, truth, rtol=1e-11, atol=1e-14, err_msg=str(place))

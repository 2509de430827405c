"""Laws that hold for every graph: random ones over the table's own rows, drawn by hypothesis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autodiff
from autodiff import Value, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autodiff.row import PRIMITIVES
from tests.conftest import bits, multiprecision

SMOOTH = ["add", "sub", "mul", "square", "exp", "sin", "cos", "tanh", "sigmoid", "softplus", "neg", "expm1"]
GUARDED = ["div", "log", "sqrt", "log1p", "pow", "reciprocal", "logsumexp", "dot", "sum"]  # on safe operands
KINKED = ["relu", "abs", "maximum", "minimum", "where"]
FEW = settings(max_examples=60, deadline=None, print_blob=True)


class Step(NamedTuple):
    row: str
    operands: tuple[int, ...]  # counted back from the newest node
    constant: float | None  # in place of the second operand


class Dag(NamedTuple):
    """A random function of n inputs: it runs on floats, Values, or mpmath's numbers by reading rows."""

    inputs: int
    steps: tuple[Step, ...]

    def __call__(self, xs: Sequence[Any], apply: Any = lambda name, *operands: call(name, *operands)) -> Any:
        nodes = list(xs)
        for step in self.steps:
            operands = [nodes[-1 - i % len(nodes)] for i in step.operands]
            if step.constant is not None:
                operands[1] = step.constant
            nodes.append(run(step.row, operands, apply))
        return apply("add", nodes[-1], nodes[len(nodes) // 2])


def call(name: str, *operands: Any) -> Any:
    function = getattr(autodiff, name)
    if name == "dot":
        return function(operands[:2], operands[2:])
    return function(list(operands)) if PRIMITIVES[name].variadic else function(*operands)


def by_mpmath(name: str, *operands: Any) -> Any:
    return PRIMITIVES[name].evaluate(multiprecision, [mpmath.mpf(x) for x in operands])


def run(name: str, operands: Sequence[Any], apply: Any) -> Any:
    """Apply a row where its derivatives are of moderate size: what could be large or outside is squashed first."""
    tame = [apply("tanh", x) for x in operands]
    positive = [apply("add", apply("mul", x, 0.5), 1.0) for x in tame]  # in ½ … 1½
    if name in ("log", "sqrt", "log1p", "reciprocal"):
        return apply(name, positive[0])
    if name == "div":
        return apply("div", tame[0], positive[1])
    if name == "pow":
        return apply("pow", positive[0], tame[1])
    if name == "where":
        return apply("where", apply("gt", tame[0], 0.1), tame[1], tame[2])
    if name in ("sum", "logsumexp"):
        return apply(name, *tame[:3])
    if name == "dot":
        return apply(name, *tame)
    return apply(name, *tame[: PRIMITIVES[name].arity])


def dags(names: list[str]) -> st.SearchStrategy[Dag]:
    constants = st.none() | st.none() | st.sampled_from([0.0, 1.0, -2.0, 0.5, 3.0])
    steps = st.builds(Step, st.sampled_from(names), st.tuples(*[st.integers(0, 9)] * 4), constants)
    return st.builds(Dag, st.integers(1, 4), st.lists(steps, min_size=1, max_size=30).map(tuple))


def numbers(seed: int, n: int) -> list[float]:
    return np.random.default_rng(seed).uniform(-1.5, 1.5, n).tolist()


SEEDS = st.integers(0, 10_000)


@FEW
@given(dags(SMOOTH + GUARDED + KINKED), SEEDS)
def test_the_value_is_what_mpmath_finds_by_reading_the_rows(dag, seed):
    xs = numbers(seed, dag.inputs)
    found, truth = dag([Value(x) for x in xs]).data, dag([mpmath.mpf(x) for x in xs], by_mpmath)
    assert abs(found - truth) <= 1e-11 * max(1.0, abs(truth))


@FEW
@given(dags(SMOOTH + GUARDED), SEEDS)
def test_the_gradient_is_the_difference_quotient_at_high_precision(dag, seed):
    xs = numbers(seed, dag.inputs)
    step = mpmath.mpf(10) ** -25
    for i, found in enumerate(grad(dag)(xs)):
        high, low = ([x + sign * step * (k == i) for k, x in enumerate(map(mpmath.mpf, xs))] for sign in (1, -1))
        truth = (dag(high, by_mpmath) - dag(low, by_mpmath)) / (2 * step)
        assert abs(found - truth) <= 1e-9 * max(1.0, abs(truth))


@FEW
@given(dags(SMOOTH + GUARDED + KINKED), SEEDS)
def test_backward_and_grad_give_the_same_bits(dag, seed):
    leaves = [Value(x) for x in numbers(seed, dag.inputs)]
    dag(leaves).backward()
    assert [bits(g) for g in grad(dag)([v.data for v in leaves])] == [bits(v.grad) for v in leaves]


@FEW
@given(dags(SMOOTH + GUARDED + KINKED), SEEDS)
def test_a_gradient_that_is_a_graph_has_the_same_bits_as_a_plain_one(dag, seed):
    xs = numbers(seed, dag.inputs)
    value, slopes = value_and_grad(dag)([Value(x) for x in xs])
    plain, numbers_ = value_and_grad(dag)(xs)
    assert bits(value.data) == bits(plain)
    assert [bits(s.data if isinstance(s, Value) else s) for s in slopes] == [bits(x) for x in numbers_]


@FEW
@given(dags(SMOOTH + GUARDED), dags(SMOOTH + GUARDED), SEEDS, st.floats(-3, 3))
def test_the_gradient_is_linear_in_the_function(f, g, seed, c):
    xs = numbers(seed, max(f.inputs, g.inputs))
    both = grad(lambda x: c * f(x[: f.inputs]) + g(x[: g.inputs]))(xs)
    pad = [0.0] * len(xs)
    one = np.add(pad, grad(lambda x: f(x[: f.inputs]))(xs))
    np.testing.assert_allclose(both, c * one + grad(lambda x: g(x[: g.inputs]))(xs), rtol=1e-9, atol=1e-9)


@FEW
@given(dags(SMOOTH + GUARDED + KINKED), SEEDS, st.randoms(use_true_random=False))
def test_permuted_inputs_permute_the_gradient_bit_for_bit(dag, seed, rng):
    xs = numbers(seed, dag.inputs)
    places = list(range(len(xs)))
    rng.shuffle(places)
    permuted = grad(lambda ys: dag([ys[p] for p in places]))([xs[places.index(i)] for i in range(len(xs))])
    assert [bits(permuted[p]) for p in places] == [bits(d) for d in grad(dag)(xs)]


@FEW
@given(st.lists(dags(SMOOTH + GUARDED + KINKED), min_size=1, max_size=3), SEEDS)
def test_u_times_jv_is_ju_times_v(fs, seed):
    n = max(f.inputs for f in fs)
    xs, v, u = numbers(seed, n), numbers(seed + 1, n), numbers(seed + 2, len(fs))
    f = lambda x: [g(x[: g.inputs]) for g in fs]  # noqa: E731
    forward, reverse = np.dot(u, jvp(f, [xs], [v])[1]), np.dot(vjp(f, xs)[1](u)[0], v)
    assert forward == pytest.approx(reverse, rel=1e-9, abs=1e-9)
    assert forward == pytest.approx(np.dot(u, np.array(jacobian(f)(xs)) @ v), rel=1e-9, abs=1e-9)


@settings(FEW, max_examples=30)
@given(dags(SMOOTH + GUARDED), SEEDS)
def test_the_hessian_is_symmetric_and_hvp_multiplies_by_it(dag, seed):
    xs, v = numbers(seed, dag.inputs), numbers(seed + 1, dag.inputs)
    second = np.array(hessian(dag)(xs))
    scale = max(1.0, np.abs(second).max())
    np.testing.assert_allclose(second, second.T, atol=1e-9 * scale)
    np.testing.assert_allclose(hvp(dag, [xs], [v])[0], second @ v, atol=1e-9 * scale)


@FEW
@given(dags(SMOOTH + GUARDED), st.lists(dags(SMOOTH + GUARDED), min_size=4, max_size=4), SEEDS)
def test_the_chain_rule_multiplies_jacobians(outer, inner, seed):
    n = max(f.inputs for f in inner)
    xs = numbers(seed, n)
    g = lambda x: [f(x[: f.inputs]) for f in inner[: outer.inputs]]  # noqa: E731
    whole = grad(lambda x: outer(g(x)))(xs)
    parts = np.array(grad(outer)(g(xs))) @ np.array(jacobian(g)(xs))
    np.testing.assert_allclose(whole, parts, rtol=1e-8, atol=1e-9)


HOMOGENEOUS = {"add": 1, "sub": 1, "maximum": 1, "minimum": 1, "neg": 1, "abs": 1, "relu": 1}


@FEW
@given(st.lists(st.tuples(st.sampled_from(list(HOMOGENEOUS)), *[st.integers(0, 9)] * 2), max_size=20), SEEDS)
def test_euler_holds_on_graphs_that_are_homogeneous(steps, seed):
    def f(xs: Sequence[Any]) -> Any:
        nodes = list(xs)
        for name, i, j in steps:
            operands = [nodes[-1 - i % len(nodes)], nodes[-1 - j % len(nodes)]]
            nodes.append(call(name, *operands[: PRIMITIVES[name].arity]) * 0.7)
        return nodes[-1]

    xs = numbers(seed, 3)
    value, slope = value_and_grad(f)(xs)
    assert np.dot(xs, slope) == pytest.approx(value, rel=1e-12, abs=1e-12)

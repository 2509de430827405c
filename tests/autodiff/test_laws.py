"""Laws that hold for every graph, on random programs: linearity, transposition, symmetry, Euler, order of making."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import autodiff as ad
from autodiff import Value, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autodiff.graph import postorder

from ..conftest import bits
from ..support.programs import EVERY, SMOOTH, Program, Step, call, codes, decode, point, programs

FEW = settings(max_examples=60, deadline=None, print_blob=True)
WEIGHTS = st.floats(-3.0, 3.0)
VECTOR = (0.7, -1.3, 0.4, 1.1)


def together(count: int) -> st.SearchStrategy[list[Program]]:
    """Return the strategy of `count` programs made for one point."""
    drawn = st.lists(codes(), min_size=count, max_size=count)
    return drawn.map(lambda several: [decode(point(several[0][:9]), code[9:]) for code in several])


def magnitude(*roots: Any) -> float:
    """Return what the derivatives of `roots` would be if every partial were positive: the scale of what cancels."""
    nodes = postorder(y for y in roots if isinstance(y, Value))
    sizes = {id(v): 0.0 for v in nodes} | {id(y): 1.0 for y in roots}
    for node in reversed(nodes):
        for operand, partial in zip(node.args, node.partials, strict=True):
            if partial is not None:
                sizes[id(operand)] += abs(partial) * sizes[id(node)]
    return sum(sizes.values(), 1.0)


def scale(f: Callable[..., Any], xs: Sequence[float]) -> float:
    """Return the magnitude of the first derivatives of f; nothing can be said where it is not finite."""
    y = f([Value(x) for x in xs])
    size = magnitude(*(y if isinstance(y, list) else [y]))
    assume(size < 1e100)
    return size


def second_scale(f: Callable[..., Any], xs: Sequence[float]) -> float:
    size = magnitude(*grad(f)([Value(x) for x in xs]))
    assume(size < 1e100)
    return size


def close(found: Any, truth: Any, size: float) -> None:
    np.testing.assert_allclose(found, truth, rtol=0.0, atol=1e-11 * size)


@FEW
@given(programs())
def test_a_gradient_that_is_a_graph_has_the_same_bits_as_a_plain_one(f: Program) -> None:
    value, slopes = value_and_grad(f)([Value(x) for x in f.inputs])
    plain, numbers = value_and_grad(f)(list(f.inputs))
    graphic = [x.data if isinstance(x, Value) else x for x in (value, *slopes)]
    assert [bits(x) for x in graphic] == [bits(x) for x in (plain, *numbers)]


@FEW
@given(together(2), WEIGHTS, WEIGHTS)
def test_the_gradient_is_linear_in_the_function(fs: list[Program], a: float, b: float) -> None:
    f, g = fs
    xs = list(f.inputs)
    both = lambda x: a * f(x) + b * g(x)  # noqa: E731
    one, other = np.array(grad(f)(xs)), np.array(grad(g)(xs))
    close(grad(both)(xs), a * one + b * other, scale(both, xs))


@FEW
@given(programs(), st.permutations(range(4)))
def test_permuted_inputs_permute_the_gradient_bit_for_bit(f: Program, order: list[int]) -> None:
    places = [i for i in order if i < len(f.inputs)]
    shuffled = [f.inputs[places.index(i)] for i in range(len(places))]
    permuted = grad(lambda ys: f([ys[p] for p in places]))(shuffled)
    assert [bits(permuted[p]) for p in places] == [bits(d) for d in grad(f)(list(f.inputs))]


@FEW
@given(together(3), st.integers(1, 3))
def test_u_times_jv_is_ju_times_v(fs: list[Program], outputs: int) -> None:
    xs = list(fs[0].inputs)
    f = lambda x: [g(x) for g in fs[:outputs]]  # noqa: E731
    u, v = VECTOR[1 : 1 + outputs], list(VECTOR[: len(xs)])
    forward, reverse = np.dot(u, jvp(f, [xs], [v])[1]), np.dot(vjp(f, xs)[1](list(u))[0], v)
    size = scale(f, xs)
    close(forward, reverse, size)
    close(forward, np.dot(u, np.array(jacobian(f)(xs)) @ v), size)


@settings(FEW, max_examples=200)
@given(programs(EVERY))
def test_the_hessian_is_symmetric_and_hvp_multiplies_by_it(f: Program) -> None:
    xs, v = list(f.inputs), list(VECTOR[: len(f.inputs)])
    second, size = np.array(hessian(f)(xs)), second_scale(f, xs)
    close(second, second.T, size)
    close(hvp(f, [xs], [v])[0], second @ v, size)


@FEW
@given(together(4), codes())
def test_the_chain_rule_multiplies_jacobians(inner: list[Program], code: bytes) -> None:
    xs = list(inner[0].inputs)
    g = lambda x: [f(x) for f in inner]  # noqa: E731
    outer = decode([f(xs) for f in inner], code[9:], SMOOTH)
    parts = np.array(grad(outer)(g(xs))) @ np.array(jacobian(g)(xs))
    close(grad(lambda x: outer(g(x)))(xs), parts, scale(lambda x: outer(g(x)), xs))


DEGREES: dict[str, Callable[..., int]] = {  # of a result, from those of its operands
    **dict.fromkeys(("add", "sub", "maximum", "minimum", "hypot", "neg", "abs", "relu"), lambda d, *_: d),
    "mul": lambda d, e: d + e,
    "div": lambda d, e: d - e,
    "square": lambda d: 2 * d,
    "reciprocal": lambda d: -d,
}
ALIKE = ("add", "sub", "maximum", "minimum", "hypot")  # need operands of one degree


def homogeneous(xs: Sequence[Any], steps: Sequence[tuple[str, int, int]]) -> tuple[Any, int]:
    """Return a function of xs and its degree; steps that would be of large degree or not finite are left out."""
    nodes, degrees = list(xs), [1] * len(xs)
    for name, i, j in steps:
        places = [-1 - i % len(nodes), -1 - j % len(nodes)][: ad.PRIMITIVES[name].arity]
        kinds = [degrees[p] for p in places]
        node = call(name, [nodes[p] for p in places])
        if abs(DEGREES[name](*kinds)) <= 6 and abs(node.data) < 1e3 and (name not in ALIKE or len(set(kinds)) == 1):
            nodes.append(node * 0.7)
            degrees.append(DEGREES[name](*kinds))
    return nodes[-1], degrees[-1]


@settings(FEW, max_examples=200)
@given(
    st.lists(st.tuples(st.sampled_from(list(DEGREES)), st.integers(0, 9), st.integers(0, 9)), max_size=20),
    st.tuples(*[st.floats(0.5, 2.0)] * 3),
)
def test_euler_holds_on_graphs_that_are_homogeneous(steps: list[Any], sizes: tuple[float, ...]) -> None:
    xs = [sizes[0], -sizes[1], sizes[2]]
    degree = homogeneous([Value(x) for x in xs], steps)[1]
    f = lambda x: homogeneous(x, steps)[0]  # noqa: E731
    value, slope = value_and_grad(f)(xs)
    close(np.dot(xs, slope), degree * value, scale(f, xs))


@pytest.mark.parametrize(("name", "degree"), [("square", 2), ("reciprocal", -1), ("mul", 2), ("div", 0), ("add", 1)])
def test_the_degrees_of_homogeneous_graphs_are_those_that_a_stretch_shows(name: str, degree: int) -> None:
    once, known = homogeneous([Value(1.5)], [(name, 0, 0)])
    assert (known, homogeneous([Value(3.0)], [(name, 0, 0)])[0].data) == (degree, 2.0**degree * once.data)


def renumbered(f: Program, rng: random.Random) -> Program:
    """Return f with its steps in another order that is possible, and with steps between that nothing uses."""
    place = {i: i for i in range(len(f.inputs))}
    waiting = dict(enumerate(f.steps, len(f.inputs)))
    steps: list[Step] = []
    while waiting:
        if rng.random() < 0.3:
            steps.append(Step("mul", (rng.randrange(len(f.inputs) + len(steps)), 3.0)))
            continue
        ready = [i for i, s in waiting.items() if all(type(o) is float or o in place for o in s.operands)]
        i = rng.choice([k for k in ready if len(waiting) == 1 or k != len(f.inputs) + len(f.steps) - 1])
        name, operands = waiting.pop(i)
        steps.append(Step(name, tuple(place[o] if type(o) is int else o for o in operands)))
        place[i] = len(f.inputs) + len(steps) - 1
    return Program(f.inputs, tuple(steps))


@FEW
@given(programs(), st.integers(0, 10_000))
def test_the_order_of_making_and_nodes_that_nothing_uses_change_no_bit(f: Program, seed: int) -> None:
    other = renumbered(f, random.Random(seed))
    found = []
    for g in (f, other):
        leaves = [Value(x) for x in g.inputs]
        y = g(leaves)
        y.backward()
        value, gradient = value_and_grad(g)(list(g.inputs))
        along = jvp(g, [list(g.inputs)], [list(VECTOR[: len(g.inputs)])])[1]
        found.append([bits(x) for x in (y.data, *(v.grad for v in leaves), value, *gradient, along)])
    assert found[0] == found[1]


REPEATED: dict[str, tuple[Callable[[Any], Any], float]] = {  # what it is, and its derivative at 3
    "maximum of x and x": (lambda x: ad.maximum(x, x), 1.0),
    "minimum of x and x": (lambda x: ad.minimum(x, x), 1.0),
    "maximum of x and a copy": (lambda x: ad.maximum(x, x * 1.0), 1.0),
    "clamp of x between x and x": (lambda x: ad.clamp(x, x, x), 1.0),
    "clamp between bounds that cross is the lower one": (lambda x: ad.clamp(x, x + 3.0, x - 3.0), 1.0),
    "where of x and x": (lambda x: ad.where(x > 1.0, x, x), 1.0),
    "abs of x - x": (lambda x: abs(x - x), 0.0),
    "relu of x - x": (lambda x: ad.relu(x - x), 0.0),
    "relu of 2x - 3x + x": (lambda x: ad.relu(2.0 * x - 3.0 * x + x), 0.0),
    "hypot of x - x and x - x": (lambda x: ad.hypot(x - x, x - x), 0.0),
    "atan2 of x and x": (lambda x: ad.atan2(x, x), 0.0),
    "x - x": (lambda x: x - x, 0.0),
    "x / x": (lambda x: x / x, 0.0),
    "x * x": (lambda x: x * x, 6.0),
    "sum of x, x and x": (lambda x: ad.sum([x, x, x]), 3.0),
    "dot of (x, x) and (x, x)": (lambda x: ad.dot([x, x], [x, x]), 12.0),
    "logsumexp of x and x": (lambda x: ad.logsumexp([x, x]), 1.0),
    "take of x and x": (lambda x: ad.take([x, x], 1.0), 1.0),
}


@pytest.mark.parametrize("name", REPEATED)
def test_a_row_with_repeated_operands_has_the_derivative_of_the_whole(name: str) -> None:
    f, slope = REPEATED[name]
    x = Value(3.0)
    f(x).backward()
    assert (x.grad, grad(f)(3.0), jvp(f, [3.0], [1.0])[1]) == (slope, slope, slope)

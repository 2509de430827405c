"""`repeat`: the bits of the plain loop at every order and in every backend."""

from __future__ import annotations

import math
from collections import namedtuple
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from autodiff import (
    Value,
    ValueArray,
    compile,
    exp,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    maximum,
    no_grad,
    repeat,
    sin,
    tanh,
    value_and_grad,
    vjp,
    where,
)
from autodiff.compiler.program.program import Program

from ..conftest import bits

BACKENDS = ("eager", "interpreter", "native", "rolled", "auto")
Pair = namedtuple("Pair", "angle speed")


def plainly(step: Callable[..., Any], state: Any, n: int | None = None, *, xs: Any = None) -> Any:
    """Return what `repeat` of these arguments means."""
    for arguments in [()] * n if n is not None else [(x,) for x in xs]:
        state = step(state, *arguments)
    return state


def alike(x: Any, y: Any) -> bool:
    """Return whether two trees of lists, tuples and numbers have the same bits."""
    if isinstance(x, list | tuple | np.ndarray):
        return len(x) == len(y) and all(map(alike, x, y))
    a, b = (v.data if isinstance(v, Value) else v for v in (x, y))
    return bits(a) == bits(b)


def test_a_count_takes_so_many_steps() -> None:
    assert [repeat(lambda x: 2.0 * x, 3.0, n) for n in (0, 1, 5)] == [3.0, 6.0, 96.0]
    assert repeat(lambda x: 2.0 * x, 3.0, np.int64(2)) == 12.0


def test_a_sequence_takes_a_step_for_each_entry() -> None:
    for xs in ([1.0, 2.0, 3.0], (1.0, 2.0, 3.0), np.array([1.0, 2.0, 3.0]), range(1, 4)):
        assert repeat(lambda s, x: 10.0 * s + x, 0.0, xs=xs) == 123.0
    assert repeat(lambda s, x: s + x, 7.0, xs=[]) == 7.0
    assert repeat(lambda s, x: s + x[0] * x[1], 0.0, xs=np.array([[1.0, 2.0], [3.0, 4.0]])) == 14.0
    assert repeat(lambda s, x: s + x["a"], 0.0, xs=[{"a": 1.0}, {"a": 2.0}]) == 3.0


def test_a_condition_is_asked_before_each_step_and_ends_the_loop() -> None:
    asked = []

    def large(x: float) -> bool:
        asked.append(x)
        return x > 20.0

    assert repeat(lambda x: 3.0 * x, 1.0, until=large, most=10) == 27.0
    assert asked == [1.0, 3.0, 9.0, 27.0]
    assert repeat(lambda x: 3.0 * x, 30.0, until=large, most=0) == 30.0
    assert repeat(lambda x: 3.0 * x, 1.0, until=large, most=3) == 27.0


@pytest.mark.parametrize("met", [np.bool_(True), 1.0, Value(1.0), np.asarray(1.0), 2])
def test_a_condition_is_whatever_has_a_truth(met: Any) -> None:
    assert repeat(lambda x: x + 1.0, 0.0, until=lambda x: met, most=5) == 0.0


def test_containers_stay_what_they_are() -> None:
    def step(s: Any) -> Any:
        return {"p": Pair(s["p"].speed, s["p"].angle), "x": [s["x"][0] + 1.0], "a": s["a"] * 2.0, "name": "b"}

    found = repeat(step, {"p": Pair(1.0, 2.0), "x": [0.0], "a": np.array([1.0, 2.0]), "name": "b"}, 3)
    assert found["p"] == Pair(2.0, 1.0)
    assert (found["x"], found["a"].tolist(), found["name"]) == ([3.0], [8.0, 16.0], "b")


def test_a_trajectory_has_the_states_after_each_step() -> None:
    state, states = repeat(lambda s: [s[1], s[0] + s[1]], [1.0, 1.0], 4, trajectory=True)
    assert state == [5.0, 8.0]
    assert [x.tolist() for x in states] == [[1.0, 2.0, 3.0, 5.0], [2.0, 3.0, 5.0, 8.0]]
    array, arrays = repeat(lambda s: s + 1.0, np.array([[0.0, 1.0]]), 2, trajectory=True)
    assert array.tolist() == [[2.0, 3.0]]
    assert arrays.tolist() == [[[1.0, 2.0]], [[2.0, 3.0]]]
    last, none = repeat(lambda s: s, {"a": 1.0, "b": (2.0,)}, 0, trajectory=True)
    assert last == {"a": 1.0, "b": (2.0,)}
    assert (none["a"].shape, none["b"][0].shape) == ((0,), (0,))


def test_a_trajectory_of_values_is_an_array_of_values() -> None:
    x = Value(2.0)
    last, states = repeat(lambda s: s * x, 1.0, 3, trajectory=True)
    assert isinstance(states, ValueArray)
    assert [v.data for v in states] == [2.0, 4.0, 8.0]
    assert states[-1] is last
    np.sum(states).backward()
    assert x.grad == 1.0 + 2.0 * 2.0 + 3.0 * 4.0


def test_a_trajectory_keeps_the_numbers_of_a_state_that_is_changed_in_place() -> None:
    def listed(s: list[float]) -> list[float]:
        s[0] += 1.0
        return s

    def added(s: Any) -> Any:
        s += 1.0
        return s

    assert repeat(listed, [0.0], 3, trajectory=True)[1][0].tolist() == [1.0, 2.0, 3.0]
    assert repeat(added, np.zeros(1), 3, trajectory=True)[1].tolist() == [[1.0], [2.0], [3.0]]


def test_a_trajectory_goes_by_the_keys_and_not_by_their_order() -> None:
    states = repeat(lambda s: {"b": s["b"] + 1.0, "a": s["a"] * 2.0}, {"a": 1.0, "b": 0.0}, 2, trajectory=True)[1]
    assert {key: x.tolist() for key, x in states.items()} == {"a": [2.0, 4.0], "b": [1.0, 2.0]}


def test_derivatives_of_a_power_are_right_to_the_third_order() -> None:
    def power(x: Any) -> Any:
        return repeat(lambda s: s * x, 1.0, 5)

    assert power(2.0) == 32.0
    assert grad(power)(2.0) == 80.0
    assert grad(grad(power))(2.0) == 160.0
    assert grad(grad(grad(power)))(2.0) == 240.0
    assert hessian(power)(2.0) == 160.0
    assert jvp(power, [2.0], [1.0]) == (32.0, 80.0)
    assert jvp(grad(power), [2.0], [1.0]) == (80.0, 160.0)
    assert hvp(power, [2.0], [3.0]) == [480.0]
    value, pullback = vjp(power, 2.0)
    assert (value, pullback(2.0)) == (32.0, (160.0,))


def test_a_repetition_in_a_repetition_is_differentiated_through_both() -> None:
    def nested(x: Any) -> Any:
        return repeat(lambda s: repeat(lambda t: t * x, s, 2), x, 3)

    assert (nested(2.0), grad(nested)(2.0), hessian(nested)(2.0)) == (128.0, 448.0, 1344.0)


def test_a_gradient_inside_a_step_is_one_of_the_step() -> None:
    def energy(x: Any) -> Any:
        return x**4 / 4.0

    def descended(x: Any) -> Any:
        return repeat(lambda s: s - 0.1 * grad(energy)(s), x, 2)

    x0 = 1.5
    x1 = x0 - 0.1 * x0**3
    assert descended(x0) == pytest.approx(x1 - 0.1 * x1**3, rel=1e-15)
    assert grad(descended)(x0) == pytest.approx((1.0 - 0.3 * x0**2) * (1.0 - 0.3 * x1**2), rel=1e-14)


def test_perturbations_inside_a_step_are_not_confused() -> None:
    assert grad(lambda x: repeat(lambda s: s * grad(lambda y: x + y)(1.0), x, 3))(5.0) == 1.0


def test_the_derivative_of_a_condition_loop_is_that_of_the_steps_taken() -> None:
    def root(a: Any) -> Any:
        return repeat(lambda x: 0.5 * (x + a / x), a, until=lambda x: abs(x * x - a) < 1e-13, most=50)

    assert grad(root)(3.0) == pytest.approx(0.5 / math.sqrt(3.0), rel=1e-12)
    assert hessian(root)(3.0) == pytest.approx(-0.25 * 3.0**-1.5, rel=1e-8)


def test_derivatives_go_through_sequences_and_trajectories() -> None:
    xs = [0.3, -0.7, 1.1]
    columns = np.transpose(jacobian(lambda ys: repeat(lambda s, y: s * y, 2.0, xs=ys, trajectory=True)[1])(xs))
    assert columns == pytest.approx(
        np.array([[2.0, 0.0, 0.0], [-1.4, 0.6, 0.0], [2.0 * -0.77, 2.0 * 0.33, 2.0 * -0.21]]), rel=1e-14
    )


def test_backward_reaches_what_a_step_captures_and_no_grad_keeps_no_graph() -> None:
    w, b = Value(0.5), Value(1.0)
    repeat(lambda s: w * s + b, 2.0, 2).backward()
    assert (w.grad, b.grad) == (2.0 * 0.5 * 2.0 + 1.0, 1.5)
    with no_grad():
        assert repeat(lambda s: w * s + b, 2.0, 2).args == ()


def test_a_hundred_thousand_steps_do_not_recurse() -> None:
    x = Value(1.0)
    repeat(lambda s: s + x, 0.0, 100_000).backward()
    assert x.grad == 100_000.0


OPERATIONS = (
    lambda s, x, w: s[0] * w[0] + x,
    lambda s, x, w: s[-1] - s[0] * 0.5,
    lambda s, x, w: sin(s[1 % len(s)]) * w[1],
    lambda s, x, w: tanh(s[0] + w[0] * s[-1]),
    lambda s, x, w: maximum(s[0], s[-1] * x),
    lambda s, x, w: where(s[-1] > 0.2, s[0] * x, s[-1]),
    lambda s, x, w: s[0] / (1.0 + s[-1] * s[-1]),
    lambda s, x, w: repeat(lambda t: t * 0.5 + s[-1] * w[0], s[0], 3),
    lambda s, x, w: 0.0 * exp(-s[0] * s[0]) + s[-1],
)


def maker(made: list[Any], n: int, *, each: bool, branches: bool) -> Callable[..., Any]:
    """Return a function that makes another, of two numbers, from a loop and the weights that its steps capture."""

    def of(loop: Callable[..., Any], weights: list[Value]) -> Callable[..., Any]:
        def step(state: Any, x: Any = 0.75) -> Any:
            after = [*state[len(made) :], *(operation(state, x, weights) for operation in made)]
            if branches and after[-1] > 1.0:
                after[-1] = after[-1] * 0.25
            return after

        def f(x: Any, y: Any) -> Any:
            start = [x] * (len(made) + 1)
            if each:
                return x * sum(loop(step, start, xs=[x * (0.1 * k) + y for k in range(n)]))
            return sum(loop(step, start, n)) + y

        return f

    return of


def identical(a: Program, b: Program) -> bool:
    """Return whether two programs have the same instructions on the same operands, to the last bit of a constant."""
    plain = [(p.parameters, p.inputs, p.operations, p.arities, p.outputs, p.guards) for p in (a, b)]
    columns = [(p.codes, p.operands, np.array(p.constants).view(np.int64)) for p in (a, b)]
    return plain[0] == plain[1] and all(map(np.array_equal, *columns))


STEPS = st.lists(st.sampled_from(OPERATIONS), min_size=1, max_size=4)


@pytest.mark.parametrize("number", range(2))
def test_random_steps_have_the_bits_and_the_programs_of_the_plain_loop(number: int) -> None:
    @seed(number)
    @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(STEPS, st.integers(0, 60), st.booleans(), st.booleans(), st.floats(-1.5, 1.5))
    def check(made: list[Any], n: int, each: bool, branches: bool, x: float) -> None:
        of, found, programs = maker(made, n, each=each, branches=branches), [], []
        for loop in (repeat, plainly):
            weights, inputs = [Value(0.7), Value(-0.4)], [Value(x), Value(0.3)]
            f = of(loop, weights)
            z = f(*inputs)
            z.backward()
            first = value_and_grad(f, (0, 1))(x, 0.3)
            found.append([z.data, *(v.grad for v in (*inputs, *weights)), first[0], *first[1]])
            programs.append([compile(f).program(x, 0.3), compile(value_and_grad(f, (0, 1))).program(x, 0.3)])
        assert alike(*found)
        assert all(map(identical, *programs))

    check()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("each", [False, True])
def test_every_backend_has_the_bits_of_eager(backend: str, each: bool) -> None:
    if backend not in ("eager", "numpy"):
        pytest.importorskip("llvmlite")
    made, x = [OPERATIONS[2], OPERATIONS[4], OPERATIONS[6]], [0.3, -0.0, 1.2, math.nan, math.inf]
    of = maker(made, 70, each=each, branches=False)
    found = []
    for loop in (repeat, plainly):
        weights = [Value(0.7), Value(-0.4)]
        f = compile(of(loop, weights), backend=backend if loop is repeat else "eager")
        total = f.sum(np.array(x), np.full(len(x), 0.3))
        total.backward()
        found.append([total.data, *(w.grad for w in weights), *f.map(np.array(x), np.full(len(x), 0.3))])
    assert alike(*found)


@pytest.mark.parametrize("backend", BACKENDS[:3])
def test_a_condition_loop_over_rows_takes_the_steps_of_each_row(backend: str) -> None:
    if backend != "eager":
        pytest.importorskip("llvmlite")

    def settled(x: Any) -> Any:
        return repeat(lambda s: s * 0.5, x, until=lambda s: s < 1.0, most=60)

    rows = np.array([0.5, 3.0, 100.0, 1e3, 7.0])
    found = compile(settled, backend=backend).map(rows)
    assert alike(found, [settled(x) for x in rows.tolist()])
    slopes = compile(grad(settled), backend=backend).map(rows)
    assert alike(slopes, [grad(settled)(x) for x in rows.tolist()])
    with pytest.raises(RuntimeError, match="does not hold after `most` = 60 steps"):
        compile(settled, backend=backend).map(np.array([1.0, math.inf]))


def test_a_compiled_trajectory_is_that_of_eager() -> None:
    def states(x: Any, y: Any) -> Any:
        return repeat(
            lambda s: {"a": [s["b"], s["a"][0] * y], "b": s["b"] * 0.5}, {"a": [x, y], "b": x}, 6, trajectory=True
        )

    last, eager = states(1.5, 0.3)
    compiled = compile(states).map(np.array([1.5]), np.array([0.3]))
    assert compiled[0]["b"][0] == last["b"]
    assert [x[0].tolist() for x in compiled[1]["a"]] == [x.tolist() for x in eager["a"]]
    assert compiled[1]["b"][0].tolist() == eager["b"].tolist()

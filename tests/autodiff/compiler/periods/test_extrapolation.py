"""Long repetitions: a few steps are traced, and the program is that of the whole, or the whole is traced."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

import autodiff.compiler.periods.tracing as tracing
from autodiff import (
    TraceError,
    Value,
    cos,
    exp,
    grad,
    hessian,
    hvp,
    jvp,
    maximum,
    repeat,
    sin,
    tanh,
    value_and_grad,
    where,
)
from autodiff.compiler import compile
from autodiff.compiler.periods.extrapolation import extrapolated, identical, merged
from autodiff.compiler.program.program import Program
from autodiff.compiler.trace.lengths import FIRST, GROWTH, LONG, steps

from ..nets import same as equal
from .recurrences import ALL, rk4

GROWING = (
    "pendulum",
    "lorenz",
    "logistic",
    "pid",
    "descent",
    "newton",
    "fibonacci",
    "two_loops",
    "leapfrog",
    "gradient",
)
N = LONG + 7
DATA = np.random.default_rng(5).normal(size=2 * N).tolist()


@pytest.fixture
def wholes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of functions that were traced as a whole, as they come."""
    found = []
    real = tracing.traced

    def noted(f: Any, arguments: Any, options: Any, active: Any, operations: int, lengths: Any = None) -> Any:
        if lengths is None:
            found.append(f.__name__)
        return real(f, arguments, options, active, operations, lengths)

    monkeypatch.setattr(tracing, "traced", noted)
    return found


def plainly(step: Callable[..., Any], state: Any, n: int = 0, *, xs: Any = None) -> Any:
    for arguments in [()] * n if xs is None else [(x,) for x in xs]:
        state = step(state, *arguments)
    return state


def same(f: Callable[..., Any], *row: Any, of: Callable[..., Any] = lambda f: f) -> bool:
    """Return whether f, a function of the loop and a row, has the program that it has with the plain loop."""

    def program(loop: Any) -> Program:
        return merged(compile(of(lambda *xs: f(loop, *xs))).program(*row))

    return identical(program(repeat), program(plainly))


def programs(name: str, *counts: int) -> list[Program]:
    found = [ALL[name](count) for count in counts]
    return [compile(one.f).program(*one.row) for one in found]


@pytest.mark.parametrize("name", GROWING)
def test_the_program_of_any_length_follows_from_those_of_three(name: str) -> None:
    a, b, third, whole = programs(name, 36, 48, 60, 120)
    found = extrapolated([a, b, third], [36, 48, 60], 120)
    assert found is not None
    assert identical(found, merged(whole))


@pytest.mark.parametrize("name", sorted({*ALL} - {*GROWING}))
def test_programs_that_do_not_grow_evenly_are_not_extrapolated(name: str) -> None:
    assert extrapolated(programs(name, 36, 48, 60), [36, 48, 60], 120) is None


def test_a_third_program_that_is_not_what_follows_is_seen() -> None:
    def of(count: int, other: int) -> Program:
        def f(x: Any, y: Any) -> Any:
            for _ in range(count):
                x = tanh(x * 0.5 + y)
            for _ in range(other):
                x = x * y
            return x

        return compile(f).program(1.0, 2.0)

    a, b = of(36, 36), of(48, 48)
    assert extrapolated([a, b, of(60, 60)], [36, 48, 60], 84) is not None
    for third in (of(60, 48), of(72, 72), of(48, 60)):
        assert extrapolated([a, b, third], [36, 48, 60], 84) is None


def test_constants_are_one_slot_for_each_number_to_the_last_bit() -> None:
    program = compile(lambda x: [x * 0.0, x + -0.0, x - 0.0, x * 3.0, x + 3.0, x * float("nan")]).program(1.0)
    found = merged(program)
    assert [repr(x) for x in found.constants] == ["0.0", "-0.0", "3.0", "nan"]
    assert [found.instructions[i][1] for i in (0, 2, 1, 3, 4)] == [(0, 1), (0, 1), (0, 2), (0, 3), (0, 3)]


def test_a_cut_repetition_is_as_long_modulo_the_growth() -> None:
    for n in range(LONG, LONG + 2 * GROWTH):
        assert FIRST <= steps(n, 0) < FIRST + GROWTH
        assert (n - steps(n, 0)) % GROWTH == 0
        assert steps(n, 2) == steps(n, 0) + 2 * GROWTH < LONG


A, B = Value(0.9), Value(0.2)


def oscillator(loop: Any, x: Any, y: Any) -> Any:
    state = loop(lambda s: rk4(lambda u: [u[1], -A * sin(u[0]) - B * u[1]], s, 0.01), [x, y], N)
    return state[0] * state[1]


def mixed(loop: Any, x: Any, y: Any) -> Any:
    before = exp(x * y)
    state = loop(
        lambda s: {"a": s["b"] * A + before, "b": where(s["a"] > 0.5, s["a"], cos(s["b"]))}, {"a": x, "b": y}, N
    )
    return [state["a"] + before, state["b"] * x]


def nested(loop: Any, x: Any, y: Any) -> Any:
    return loop(lambda s: loop(lambda t: tanh(t * A + x), s * y, 3), x, N)


def twice(loop: Any, x: Any, y: Any) -> Any:
    x = loop(lambda s: s * A + 0.1, x, N)
    return loop(lambda s: sin(s) + y, x * B, N)


def often(loop: Any, x: Any, y: Any) -> Any:
    return sum(loop(lambda s, k=k: sin(s * A) + k, x * k, N) for k in (1.0, 2.0, 3.0)) * y


def unequal(loop: Any, x: Any, y: Any) -> Any:
    x = loop(lambda s: s * A + 0.1, x, LONG)
    return loop(lambda s: sin(s) + y, x * B, 2 * LONG)


def swapped(loop: Any, x: Any, y: Any) -> Any:
    return sum(loop(lambda s: [s[1], s[0] * A], [x, y], N))


def turned(loop: Any, x: Any, y: Any) -> Any:
    return sum(loop(lambda s: [*s[1:], sin(s[0]) * A], [x, y, x * y], N))


def drift(loop: Any, x: Any, y: Any) -> Any:
    state = loop(lambda s: [s[0] + 0.01 * s[1], s[1] - 0.01 * A * sin(s[0])], [x, y], N)
    return state[0] * state[1]


def four(loop: Any, x: Any, y: Any) -> Any:
    return sum(loop(lambda s: [*s[1:], s[0] * A], [x, y, x * y, x + y], 1_007))


def delayed(loop: Any, x: Any, y: Any) -> Any:
    return loop(lambda s: [*s[1:], A * s[-1] - B * tanh(s[0])], [x] * 15, 1_200)[-1] * y


def constant(loop: Any, x: Any, y: Any) -> Any:
    return loop(lambda s, u: s * u["rate"] + u["to"][0], x, xs=[{"rate": 0.9, "to": [y], "name": "n"}] * N)


def inner_gradient(loop: Any, x: Any, y: Any) -> Any:
    return loop(lambda s: s - 0.1 * grad(lambda t: sin(t * A) * y)(s), x, N)


EVEN = (oscillator, drift, mixed, nested, twice, often, unequal, swapped, turned, constant, inner_gradient)


@pytest.mark.parametrize("f", EVEN)
def test_even_steps_are_traced_a_few_times_and_have_the_program_of_the_whole(f: Any, wholes: list[str]) -> None:
    assert same(f, 0.7, 0.3)
    assert wholes == []


@pytest.mark.parametrize("f", [four, delayed])
def test_steps_that_are_even_late_are_seen_in_longer_traces(f: Any, wholes: list[str]) -> None:
    assert same(f, 0.7, 0.3)
    assert wholes == []


COMPOSED: dict[str, Callable[..., Any]] = {
    "value_and_grad": lambda f: value_and_grad(f, (0, 1)),
    "hessian": lambda f: hessian(f),
    "hvp": lambda f: lambda x, y: hvp(f, [x, y], [1.0, 2.0]),
    "jvp": lambda f: lambda x, y: jvp(f, [x, y], [1.0, 2.0]),
    "third": lambda f: grad(grad(grad(f))),
}


@pytest.mark.parametrize("transform", COMPOSED)
@pytest.mark.parametrize("f", [drift, twice])
def test_transforms_of_even_steps_have_the_program_of_the_whole(f: Any, transform: str, wholes: list[str]) -> None:
    assert same(f, 0.7, 0.3, of=COMPOSED[transform])
    assert wholes == []


OPERATIONS = (
    lambda s: s[0] * A + s[-1],
    lambda s: s[-1] - s[0] * 0.5,
    lambda s: sin(s[1 % len(s)]) * B,
    lambda s: tanh(s[0] + A * s[-1]),
    lambda s: maximum(s[0], s[-1] * B),
    lambda s: where(s[-1] > 0.2, s[0] * A, s[-1]),
    lambda s: s[0] / (1.0 + s[-1] * s[-1]),
    lambda s: s[0] + 0.0,
    lambda s: s[0],
    lambda s: B * 1.0,
)


@pytest.mark.parametrize("number", range(2))
def test_random_steps_have_the_program_of_the_whole(number: int, wholes: list[str]) -> None:
    cut = []

    @seed(number)
    @settings(max_examples=20, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(
        st.lists(st.sampled_from(OPERATIONS), min_size=1, max_size=5),
        st.integers(0, 3),
        st.integers(0, 40),
        st.booleans(),
    )
    def check(made: list[Any], extra: int, more: int, slopes: bool) -> None:
        def f(loop: Any, x: Any, y: Any) -> Any:
            state = [x, *[y] * (len(made) + extra - 1)]
            return sum(loop(lambda s: [*s[len(made) :], *(one(s) for one in made)], state, N + more))

        wholes.clear()
        assert same(f, 0.7, 0.3, of=(lambda f: value_and_grad(f, (0, 1))) if slopes else lambda f: f)
        cut.append(not wholes)

    check()
    assert sum(cut) > len(cut) // 2


def over_arguments(loop: Any, x: Any, *data: Any) -> Any:
    return loop(lambda s, u: tanh(s * A + u), x, xs=list(data))


def backward(loop: Any, x: Any, *data: Any) -> Any:
    return loop(lambda s, u: tanh(s * A + u), x, xs=data[::-1])


def pairs(loop: Any, x: Any, *data: Any) -> Any:
    return loop(lambda s, u: sin(s * u[0] * A) + u[1], x, xs=list(zip(data[::2], data[1::2], strict=True)))


def both(loop: Any, x: Any, *data: Any) -> Any:
    forward = loop(lambda s, u: [tanh(s[0] * A + u), s[1] + s[0]], [x, x], xs=data[:N])
    return loop(lambda s, u: s * B + u * u, sum(forward), xs=data[N - 1 :: -1])


@pytest.mark.parametrize("f", [over_arguments, backward, pairs, both])
def test_entries_that_are_arguments_are_read_by_a_stride(f: Any, wholes: list[str]) -> None:
    assert same(f, 0.7, *DATA)
    assert wholes == []


def test_entries_in_arrays_are_read_by_a_stride(wholes: list[str]) -> None:
    def filtered(loop: Any, x: Any, data: Any) -> Any:
        return loop(lambda s, u: s * A + u[0] * u[1], x, xs=data)

    assert same(filtered, 0.7, np.array(DATA).reshape(-1, 2))
    assert same(filtered, 0.7, np.array(DATA).reshape(-1, 2), of=lambda f: value_and_grad(f))
    assert wholes == []


def controlled(loop: Any, x: Any, *data: Any) -> Any:
    return sum(loop(lambda s, u: [s[0] + 0.1 * s[1], s[1] + 0.1 * (u - sin(s[0]))], [x, x], xs=list(data)))


def with_a_cost(loop: Any, x: Any, *data: Any) -> Any:
    def step(s: Any, u: Any) -> Any:
        return {"x": s["x"] + 0.1 * s["v"], "v": s["v"] + 0.1 * (u - sin(s["x"])), "cost": s["cost"] + u * u}

    last = loop(step, {"x": x, "v": x, "cost": 0.0}, xs=list(data))
    return last["x"] * last["v"] + last["cost"]


def of_halves(loop: Any, x: Any, *data: Any) -> Any:
    return loop(lambda s, u: sin(s * u[0]) + u[1], x, xs=list(zip(data[:N], data[N:], strict=True)))


def of_pairs(loop: Any, x: Any, *data: Any) -> Any:
    return loop(lambda s, u: sin(s * u[0]) + u[1], x, xs=list(zip(data[::2], data[1::2], strict=True)))


def with_a_penalty(loop: Any, x: Any, *data: Any) -> Any:
    return controlled(loop, x, *data) + 0.1 * sum(u * u for u in data)


def of_some(loop: Any, x: Any, *data: Any) -> Any:
    return loop(lambda s, u: tanh(s * 0.9 + u), x, xs=data[:N]) + data[-1]


def of_all_twice(loop: Any, x: Any, *data: Any) -> Any:
    forward = loop(lambda s, u: tanh(s * 0.9 + u), x, xs=data)
    return loop(lambda s, u: s * 0.2 + u * u, forward, xs=data[::-1])


def hvp_by_entries(f: Any) -> Any:
    return lambda x, data: hvp(lambda data: f(x, *data), [data], [[1.0] * len(data)])


BY_ENTRIES: dict[str, Callable[..., Any]] = {
    "entries": lambda f: value_and_grad(lambda x, data: f(x, *data), 1),
    "both": lambda f: grad(lambda x, data: f(x, *data), (0, 1)),
}


@pytest.mark.parametrize("which", BY_ENTRIES)
@pytest.mark.parametrize("f", [controlled, with_a_cost, of_halves, of_pairs])
def test_a_slope_by_each_entry_follows_from_those_of_a_few(f: Any, which: str, wholes: list[str]) -> None:
    assert same(f, 0.7, DATA, of=BY_ENTRIES[which])
    assert wholes == []


@pytest.mark.parametrize("f", [with_a_penalty, of_some, of_all_twice])
def test_slopes_by_entries_that_are_read_elsewhere_are_those_of_the_whole(f: Any) -> None:
    assert same(f, 0.7, DATA, of=BY_ENTRIES["both"])
    assert same(f, 0.7, DATA, of=hvp_by_entries)


READ: dict[str, Callable[..., Any]] = {
    "one": lambda f: lambda x, data: grad(lambda data: f(x, *data))(data)[150],
    "the last": lambda f: lambda x, data: 3.0 * grad(lambda data: f(x, *data))(data)[-1] + x,
    "squares": lambda f: lambda x, data: sum(d * d for d in grad(lambda data: f(x, *data))(data)),
    "weights": lambda f: lambda x, data: [d * (k > 100) for k, d in enumerate(grad(lambda data: f(x, *data))(data))],
    "of one": lambda f: grad(lambda x, data: grad(lambda data: f(x, *data))(data)[150]),
    "by one of one": lambda f: grad(lambda x, data: grad(lambda data: f(x, *data))(data)[150], 1),
}


@pytest.mark.parametrize("reads", READ)
def test_slopes_by_entries_that_the_function_reads_are_those_of_the_whole(reads: str) -> None:
    assert same(controlled, 0.7, DATA[:N], of=READ[reads])


class Counter:
    count = 0.0


COUNTER = Counter()


def counted_in_a_variable(loop: Any, x: Any, y: Any) -> Any:
    k = 0

    def step(s: Any) -> Any:
        nonlocal k
        k += 1
        return s * A if k < 150 else s + y

    return loop(step, x, N)


def counted_in_a_list(loop: Any, x: Any, y: Any) -> Any:
    seen: list[Any] = []

    def step(s: Any) -> Any:
        seen.append(s)
        return s * A + y

    return loop(step, x, N) + sum(seen)


def counted_in_an_object(loop: Any, x: Any, y: Any) -> Any:
    COUNTER.count = 0.0

    def step(s: Any) -> Any:
        COUNTER.count += 1.0
        return s * A if COUNTER.count < 150.0 else s + y

    return loop(step, x, N)


def counted_by_an_iterator(loop: Any, x: Any, y: Any) -> Any:
    entries: Iterator[float] = iter(DATA)
    return loop(lambda s: s * A + y * next(entries), x, N)


def counted_by_the_name(loop: Any, x: Any, y: Any) -> Any:
    def step(s: Any) -> Any:
        vars(step)["count"] = vars(step).get("count", 0) + 1
        return s * A if vars(step)["count"] < 150 else s + y

    return loop(step, x, N)


def numbers(loop: Any, x: Any, y: Any) -> Any:
    return loop(lambda s, u: s * A + u, x, xs=DATA[:N])


def signed_zeros(loop: Any, x: Any, y: Any) -> Any:
    return loop(lambda s, u: s * A + u, x, xs=[0.0] * (N - 1) + [-0.0])


def of_two_structures(loop: Any, x: Any, y: Any) -> Any:
    return loop(lambda s, u: sum(u, s * A), x, xs=[[y]] * (N - 1) + [[y, y]])


def of_two_names(loop: Any, x: Any, y: Any) -> Any:
    return loop(
        lambda s, u: s * A + y if u["name"] == "a" else s,
        x,
        xs=[{"x": y, "name": "a"}] * 150 + [{"x": y, "name": "b"}] * 57,
    )


def of_unequal_places(loop: Any, x: Any, y: Any) -> Any:
    return loop(lambda s, u: s * A + u, x, xs=[x] * 150 + [y] * 57)


def of_values_of_its_own(loop: Any, x: Any, y: Any) -> Any:
    return loop(lambda s, u: s * A + u, x, xs=[y * k for k in DATA[:N]])


def counted_in_the_state(loop: Any, x: Any, y: Any) -> Any:
    return loop(lambda s: [s[0] * A if s[1] < 150 else s[0] + y, s[1] + 1], [x, 0], N)[0]


def counted_in_a_number(loop: Any, x: Any, y: Any) -> Any:
    return loop(lambda s: {"x": s["x"] * A + s["t"], "t": s["t"] + 0.01}, {"x": x, "t": 0.0}, N)["x"]


def counted_modulo(loop: Any, x: Any, y: Any) -> Any:
    return loop(lambda s: [s[0] * A + (y if s[1] == 0 else x), (s[1] + 1) % 100], [x, 0], N)[0]


def delayed_for_long(loop: Any, x: Any, y: Any) -> Any:
    return loop(lambda s: [*s[1:], A * s[-1] - B * tanh(s[0])], [x] * 150, N)[-1] * y


def delayed_in_place(loop: Any, x: Any, y: Any) -> Any:
    def step(s: list[Any]) -> list[Any]:
        s.append(A * s[-1] - B * tanh(s.pop(0)))
        return s

    return loop(step, [x] * 150, N)[-1] * y


def delayed_twice(loop: Any, x: Any, y: Any) -> Any:
    return loop(lambda s: [*s[1:], A * s[0] + B * s[1]], [x] * 34, N)[-1] * y


def turned_in_seven(loop: Any, x: Any, y: Any) -> Any:
    return loop(lambda s: [*s[1:], s[0] * A], [x, y, x + y, x * y, x, y, x], N)[0]


def chained(loop: Any, x: Any, y: Any) -> Any:
    return loop(lambda s: [y, *(sin(u) for u in s[:-1])], [x] * 80, N)[-1]


UNEVEN = (
    counted_in_the_state, counted_in_a_number, counted_modulo, delayed_for_long, delayed_in_place, delayed_twice,
    turned_in_seven, chained, counted_in_a_variable, counted_in_a_list, counted_in_an_object, counted_by_an_iterator,
    counted_by_the_name, numbers, signed_zeros, of_two_structures, of_two_names, of_unequal_places,
    of_values_of_its_own,
)  # fmt: skip


@pytest.mark.parametrize("f", UNEVEN)
def test_steps_that_are_not_alike_are_all_traced(f: Any) -> None:
    assert same(f, 0.7, 0.3)


def branch_in_a_step(loop: Any, x: Any, y: Any) -> Any:
    return loop(lambda s: s * A if s > 0.1 else s + y, x, N)


def branch_after(loop: Any, x: Any, y: Any) -> Any:
    z = loop(lambda s: s * A, x, N)
    return z * y if z > 1e-3 else z - y


def condition_after(loop: Any, x: Any, y: Any) -> Any:
    z = loop(lambda s: s * A, x, N)
    if z > 1e-3:
        raise AssertionError("it has not converged")
    return z + y


def branch_before(loop: Any, x: Any, y: Any) -> Any:
    return loop(lambda s: s * A if x > y else s, sin(x) if x > 0.0 else x, N)


@pytest.mark.parametrize("f", [branch_in_a_step, branch_after, branch_before])
def test_branches_are_those_of_the_whole(f: Any) -> None:
    assert same(f, 0.7, 0.3)
    rows = np.array([0.7, 0.3, -0.2, 5.0]), np.array([0.3, 0.7, 0.1, 0.4])
    assert equal(compile(lambda x, y: f(repeat, x, y)).map(*rows), compile(lambda x, y: f(plainly, x, y)).map(*rows))


def test_a_condition_that_the_whole_meets_is_no_error() -> None:
    assert same(condition_after, 0.7, 0.3)


def test_branches_before_a_repetition_do_not_stand_in_its_way(wholes: list[str]) -> None:
    def before(x: Any) -> Any:
        y = sin(x) if x > 0.0 else x
        return repeat(lambda s: s * A, y, N)

    assert compile(before).map(np.array([0.5, -0.5])).tolist() == [before(0.5).data, before(-0.5).data]
    assert wholes == []


def test_a_trajectory_is_traced_as_a_whole() -> None:
    def states(x: Any) -> Any:
        return repeat(lambda s: s * A, x, N, trajectory=True)[1]

    assert [v.data for v in compile(states)(0.5)] == [v.data for v in states(0.5)]


def test_a_slope_by_each_entry_is_found_in_the_whole() -> None:
    def last(*data: Any) -> Any:
        return repeat(lambda s, u: s * A + u, 0.0, xs=data)

    compiled, eager = [Value(x) for x in DATA[:N]], [Value(x) for x in DATA[:N]]
    compile(last)(*compiled).backward()
    last(*eager).backward()
    assert [v.grad for v in compiled] == [v.grad for v in eager]


def test_steps_that_differ_from_run_to_run_are_refused() -> None:
    seen: list[int] = []

    def f(x: Any) -> Any:
        seen.append(0)
        return repeat(lambda s: s * (A * len(seen)), x, N)

    with pytest.raises(TraceError):
        compile(f)(0.5)


def test_an_error_in_a_step_is_the_user_s_and_the_bound_on_operations_holds() -> None:
    def wrong(s: Any) -> Any:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        compile(lambda x: repeat(wrong, x, N))(0.5)
    with pytest.raises(TraceError, match="operations"):
        compile(lambda x: repeat(lambda s: s * A, x, 10_000), instructions=5_000)(0.5)
    with pytest.raises(TraceError, match="operations"):
        compile(lambda x: repeat(lambda s: s * A, x, 10**12), instructions=5_000)(0.5)


@pytest.mark.parametrize("backend", ["numpy", "interpreter", "native", "rolled", "auto"])
@pytest.mark.parametrize("f", [oscillator, twice, over_arguments])
def test_every_backend_has_the_bits_of_eager(f: Any, backend: str) -> None:
    if backend != "numpy":
        pytest.importorskip("llvmlite")
    data = np.array(DATA[:N])[:, None] * np.ones(9) if f is over_arguments else np.full((1, 9), 0.3)
    rows = [np.array([0.3, -0.0, 0.0, 1.2, np.nan, np.inf, -np.inf, 1e300, -0.7]), *data]
    found = []
    for used in (backend, "eager"):
        A.grad = B.grad = 0.0
        compiled = compile(lambda *xs: f(repeat, *xs), backend=used)
        total = compiled.sum(*(row[[0, 1, 3, 8]] for row in rows))
        total.backward()
        found.append([np.array([total.data, A.grad, B.grad]), compiled.map(*rows)])
    if backend == "numpy":
        np.testing.assert_allclose(found[0][0], found[1][0], rtol=1e-12)
    else:
        assert all(map(equal, *found))


def test_a_step_that_is_compiled_itself_or_a_method_is_cut_too(wholes: list[str]) -> None:
    class Decay:
        def __init__(self) -> None:
            self.rate = Value(0.9)

        def step(self, s: Any) -> Any:
            return s * self.rate

    decay = Decay()
    assert compile(lambda x: repeat(decay.step, x, N))(0.5).data == repeat(decay.step, 0.5, N).data
    assert compile(lambda x: repeat(compile(lambda s: s * A), x, N))(0.5).data == repeat(lambda s: s * A, 0.5, N).data
    assert wholes == []


def test_ten_thousand_steps_are_found_as_loops_in_time(wholes: list[str]) -> None:
    program = compile(lambda x: repeat(lambda s: sin(s) * A + B, x, 10_000)).program(0.5)
    assert "9,999 × 3, 9,997 × 6 in loops in time" in program.explain()
    assert wholes == []

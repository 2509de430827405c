"""Long repetitions: a few steps are traced, and the program is that of the whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from autodiff import (
    Value,
    cos,
    detach,
    exp,
    grad,
    hessian,
    hvp,
    jvp,
    logsumexp,
    maximum,
    no_grad,
    repeat,
    sin,
    take,
    tanh,
    value_and_grad,
    where,
)
from autodiff.compiler import compile
from autodiff.compiler.periods.extrapolation import extrapolated, identical, merged
from autodiff.compiler.program.program import Program
from autodiff.compiler.trace.lengths import FIRST, GROWTH, LONG, steps

from ..nets import same as equal
from .recurrences import ALL
from .steps import DATA, A, B, N, drift, oscillator, over_arguments, same, twice

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


def mixed(loop: Any, x: Any, y: Any) -> Any:
    before = exp(x * y)
    state = loop(
        lambda s: {"a": s["b"] * A + before, "b": where(s["a"] > 0.5, s["a"], cos(s["b"]))}, {"a": x, "b": y}, N
    )
    return [state["a"] + before, state["b"] * x]


def nested(loop: Any, x: Any, y: Any) -> Any:
    return loop(lambda s: loop(lambda t: tanh(t * A + x), s * y, 3), x, N)


def often(loop: Any, x: Any, y: Any) -> Any:
    return sum(loop(lambda s, k=k: sin(s * A) + k, x * k, N) for k in (1.0, 2.0, 3.0)) * y


def unequal(loop: Any, x: Any, y: Any) -> Any:
    x = loop(lambda s: s * A + 0.1, x, LONG)
    return loop(lambda s: sin(s) + y, x * B, 2 * LONG)


def swapped(loop: Any, x: Any, y: Any) -> Any:
    return sum(loop(lambda s: [s[1], s[0] * A], [x, y], N))


def turned(loop: Any, x: Any, y: Any) -> Any:
    return sum(loop(lambda s: [*s[1:], sin(s[0]) * A], [x, y, x * y], N))


def four(loop: Any, x: Any, y: Any) -> Any:
    return sum(loop(lambda s: [*s[1:], s[0] * A], [x, y, x * y, x + y], 1_007))


def delayed(loop: Any, x: Any, y: Any) -> Any:
    return loop(lambda s: [*s[1:], A * s[-1] - B * tanh(s[0])], [x] * 15, 1_200)[-1] * y


def constant(loop: Any, x: Any, y: Any) -> Any:
    return loop(lambda s, u: s * u["rate"] + u["to"][0], x, xs=[{"rate": 0.9, "to": [y], "name": "n"}] * N)


def inner_gradient(loop: Any, x: Any, y: Any) -> Any:
    return loop(lambda s: s - 0.1 * grad(lambda t: sin(t * A) * y)(s), x, N)


def arrays(loop: Any, x: Any, y: Any) -> Any:
    return np.sum(loop(lambda s: s + 0.1 * np.sin(s * y), np.array([x, y, x * y]), N))


def detached(loop: Any, x: Any, y: Any) -> Any:
    return loop(lambda s: s * A + detach(s) * y, x, N)


def without_slope(loop: Any, x: Any, y: Any) -> Any:
    def step(s: Any) -> Any:
        with no_grad():
            k = s * 2.0
        return s * A + k

    return loop(step, x, N)


def of_sequences(loop: Any, x: Any, y: Any) -> Any:
    return loop(lambda s: logsumexp([s, y, x]) * 0.5 + take([s, y], s * 0.0), x, N)


def fixed(loop: Any, x: Any, y: Any) -> Any:
    return sum(loop(lambda s: (s[0] + s[1] * 0.01 * s[2], s[1], 1.5), (x, y, 1.5), N))


def forgotten(loop: Any, x: Any, y: Any) -> Any:
    return loop(lambda s: x, y, N) * y


def ring(loop: Any, x: Any, y: Any) -> Any:
    state = [x, y, x, y, x * y, x + y]
    return sum(loop(lambda s: [0.5 * (s[k - 1] + s[(k + 1) % 6]) + 0.0 * s[k] for k in range(6)], state, N))


def diffusion(loop: Any, x: Any, y: Any) -> Any:
    def step(s: Any) -> Any:
        return [s[0], *(s[k] + 0.1 * (s[k - 1] - 2.0 * s[k] + s[k + 1]) for k in range(1, 19)), s[-1]]

    return sum(loop(step, [x] * 10 + [y] * 10, 1_100))


EVEN = (
    oscillator, drift, mixed, nested, twice, often, unequal, swapped, turned, constant, inner_gradient, arrays,
    detached, without_slope, of_sequences, fixed, forgotten, ring,
)  # fmt: skip


@pytest.mark.parametrize("f", EVEN)
def test_even_steps_are_traced_a_few_times_and_have_the_program_of_the_whole(f: Any, wholes: list[str]) -> None:
    assert same(f, 0.7, 0.3)
    assert wholes == []


@pytest.mark.parametrize("f", [four, delayed, diffusion])
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
    pytest.importorskip("llvmlite")
    program = compile(lambda x: repeat(lambda s: sin(s) * A + B, x, 10_000)).program(0.5)
    assert "9,999 × 3, 9,997 × 6 in loops in time" in program.explain()
    assert wholes == []

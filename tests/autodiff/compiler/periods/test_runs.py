"""Runs of sequential programs: what is found, and that rolled code gives the bits of eager and of the interpreter."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from autodiff import Value, compile, maximum, sin, tanh
from autodiff.compiler.backends.interpreter import Interpreter
from autodiff.compiler.backends.rolled import Rolled
from autodiff.compiler.batch.inputs import Inputs
from autodiff.compiler.periods import search
from autodiff.compiler.periods.dependences import Dependences
from autodiff.compiler.periods.search import LEAST, Periodic, probable, runs
from autodiff.compiler.program.program import Program

from ..nets import alike
from .recurrences import ALL, Recurrence

pytest.importorskip("llvmlite")
STEPS = 110


def program_of(recurrence: Recurrence) -> tuple[Program, Any]:
    program = compile(recurrence.f).program(*recurrence.row)
    return program, np.array([v.data for v in recurrence.parameters])


def columns(recurrence: Recurrence, rows: int) -> list[Any]:
    """Return the data of rows around that of the recurrence; of many rows some are not finite, and some leave."""
    factors = 1.0 + 0.1 * np.random.default_rng(rows).normal(size=(len(recurrence.row), rows))
    found = np.array(recurrence.row)[:, None] * factors
    if rows > 7:
        found[0, :4], found[0, 5:7] = [np.nan, np.inf, -0.0, -np.inf], 1e3
    return list(found)


def test_the_period_of_a_map_and_of_its_reverse_sweep_are_found() -> None:
    program, _ = program_of(ALL["logistic"](100))
    forward, reverse = runs(program)
    assert forward == Periodic(2, 3, 99)  # the first step reads the input
    assert reverse[1:] == (7, 97)
    assert probable(program, 0.5)


@pytest.mark.parametrize("name", ALL)
def test_nearly_all_of_a_sequential_program_is_in_runs_whatever_its_length(name: str) -> None:
    sizes = []
    for steps in (300, 400):
        program, _ = program_of(ALL[name](steps))
        found = runs(program)
        inside = sum(run.period * run.times for run in found)
        assert inside > 0.85 * len(program.codes)
        assert probable(program, 0.5)
        sizes.append(len(program.codes) - inside + sum(run.period for run in found))
    assert sizes[1] <= sizes[0] + LEAST


@pytest.mark.parametrize("name", ALL)
def test_rolled_code_has_the_bits_of_the_interpreter(name: str) -> None:
    recurrence = ALL[name](STEPS)
    program, theta = program_of(recurrence)
    plan = Dependences(program, runs(program))
    assert plan.runs
    rolled, plain = Rolled(program, plan), Interpreter(program)
    for rows in (1, 7, 8, 9, 100):
        table = Inputs(columns(recurrence, rows), rows)
        for _ in range(2):
            assert alike(rolled.rows(theta, table), plain.rows(theta, table))
            assert alike(rolled.sums(theta, table, rows), plain.sums(theta, table, rows))


OPERATIONS = (
    lambda s, x, w: s[0] * w[0] + x,
    lambda s, x, w: s[-1] - s[0] * 0.5,
    lambda s, x, w: sin(s[1 % len(s)]) * w[1],
    lambda s, x, w: tanh(s[0] + w[0] * s[-1]),
    lambda s, x, w: maximum(s[0], s[-1] * x),
    lambda s, x, w: s[0] / (1.0 + s[-1] * s[-1]),
    lambda s, x, w: s[0],
    lambda s, x, w: x * w[1] - s[0],
)


@pytest.mark.parametrize("number", range(2))
def test_random_recurrences_have_the_bits_of_the_interpreter(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "LEAST", 20)
    kept = []

    @seed(number)
    @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(
        st.lists(st.sampled_from(OPERATIONS), min_size=1, max_size=5),
        st.integers(25, 70),
        st.integers(0, 3),
        st.booleans(),
        st.booleans(),
    )
    def check(step: list[Any], steps: int, extra: int, branches: bool, each: bool) -> None:
        weights = [Value(0.7), Value(-0.4)]

        def f(*xs: Any) -> Any:
            state, total = [xs[0]] * (len(step) + extra), 0.0
            for i in range(steps):
                x = xs[i] if each else xs[-1]
                made = [operation(state, x, weights) for operation in step]
                state = [*state[len(made) :], *made]
                if branches and state[-1] > 3.0:
                    state[-1] = state[-1] * 0.25
                total = total + state[0] if i % 2 else total
            return total + state[-1]

        row = np.random.default_rng(steps).normal(size=steps).tolist()
        program = compile(f).program(*row)
        plan = Dependences(program, runs(program))
        kept.append(bool(plan.runs))
        data = columns(Recurrence(f, weights, row), 9)
        theta, table = np.array([0.7, -0.4])[: program.parameters], Inputs(data, 9)
        rolled, plain = Rolled(program, plan), Interpreter(program)
        assert alike(rolled.rows(theta, table), plain.rows(theta, table))
        assert alike(rolled.sums(theta, table), plain.sums(theta, table))

    check()
    assert sum(kept) > len(kept) / 2


@pytest.mark.parametrize("backward", [False, True])
def test_results_that_are_inputs_in_order_are_no_results_of_a_loop(backward: bool) -> None:
    def f(x: Any, *others: Any) -> Any:
        for _ in range(1_200):
            x = tanh(x * 0.5 + others[0])
        return [x, *(others[::-1] if backward else others)]

    others = [0.1 * k for k in range(20)]
    for backend in ("auto", "rolled"):
        assert compile(f, backend=backend)(0.3, *others) == f(0.3, *others)

"""Where loops in time are taken, and that compiled functions have the bits of eager with them."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from autodiff import Value, compile, exp, tanh
from autodiff.compiler import tuning
from autodiff.compiler.backends.choice import Adaptive, engine
from autodiff.compiler.backends.interpreter import Interpreter
from autodiff.compiler.backends.rolled import Rolled
from autodiff.compiler.batch.inputs import Inputs
from autodiff.compiler.loops.backend import Looped
from autodiff.compiler.periods.gate import periodic, sequential
from autodiff.compiler.periods.search import depth
from autodiff.compiler.settings import Settings

from ....conftest import bits
from ..nets import net, program, same
from .recurrences import ALL, Recurrence, recurrent

pytest.importorskip("llvmlite")
TWO = Inputs([np.array([0.5, 0.25])], 2)


def chosen(recurrence: Recurrence, settings: Settings) -> Any:
    found = engine(compile(recurrence.f).program(*recurrence.row), settings)
    return found._chosen(TWO.rows) if isinstance(found, Adaptive) else found


def gradients(f: Any, recurrence: Recurrence, data: list[Any], way: str) -> list[str]:
    for v in recurrence.parameters:
        v.grad = 0.0
    total = f(*[x[0] for x in data]) if way == "call" else f.mean(*data)
    total.backward()
    return [bits(total.data), *(bits(v.grad) for v in recurrence.parameters)]


@pytest.mark.parametrize("name", ALL)
def test_a_compiled_function_in_loops_in_time_has_the_bits_of_eager(name: str) -> None:
    recurrence = ALL[name](120)
    factors = 1.0 + 0.05 * np.random.default_rng(3).normal(size=(len(recurrence.row), 9))
    data = list(np.array(recurrence.row)[:, None] * factors)
    eager, rolled = (compile(recurrence.f, backend=backend) for backend in ("eager", "rolled"))
    assert same(rolled.map(*data), eager.map(*data))
    for way in ("call", "mean", "mean"):
        assert gradients(rolled, recurrence, data, way) == gradients(eager, recurrence, data, way)


@pytest.mark.parametrize("backend", ["auto", "native"])
def test_sequential_programs_run_in_loops_in_time(backend: str) -> None:
    for name in ("pendulum", "kalman", "newton", "delay"):
        assert isinstance(chosen(ALL[name](400), Settings(backend)), Rolled)


def test_loops_in_space_are_not_looked_for_in_a_sequential_program(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise AssertionError

    monkeypatch.setattr("autodiff.compiler.backends.choice.looped", refused)
    assert isinstance(chosen(ALL["lorenz"](200), Settings()), Rolled)
    assert isinstance(chosen(ALL["lorenz"](200), Settings("native")), Rolled)


def test_programs_that_repeat_in_space_stay_in_loops_in_space() -> None:
    p = program("digits")[0]
    assert periodic(p) is None
    wide = compile(recurrent(30, 8).f).program(*recurrent(30, 8).row)
    found = periodic(wide)
    assert found is None or not sequential(found)
    assert isinstance(Adaptive(p, Settings())._chosen(TWO.rows), Looped)


def test_the_depth_of_a_program_leaves_out_the_steps_of_folds() -> None:
    steps = 500

    def f(x: Any, *us: Any) -> Any:
        total = sum(us)
        for u in us:
            x = tanh(x * u)
        return total + x

    p = compile(f).program(0.5, *np.linspace(0.1, 1.0, steps).tolist())
    assert depth(p) == 2 * steps
    assert depth(compile(lambda *us: exp(sum(us))).program(*[0.1] * steps)) == 1


def test_a_shallow_program_is_told_by_its_depth(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> None:
        raise AssertionError

    monkeypatch.setattr("autodiff.compiler.periods.gate.probable", refused)
    assert periodic(program("digits")[0]) is None
    with pytest.raises(AssertionError):
        periodic(compile(ALL["lorenz"](200).f).program(*ALL["lorenz"](200).row))


def test_a_loop_over_rows_in_python_carries_only_a_sum() -> None:
    mlp = net([2, 8, 1])
    X = np.random.default_rng(3).normal(size=(60, 2)).tolist()
    p = compile(lambda: sum(exp(mlp(x)) for x in X)).program()
    found = periodic(p)
    assert found is None or not sequential(found)


def test_small_programs_and_those_of_much_code_are_left_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    recurrence = ALL["pendulum"](200)
    p = compile(recurrence.f).program(*recurrence.row)
    assert periodic(p) is not None
    for name, value in (("PERIODS", len(p.codes) + 1), ("PERIODIC", 50), ("INSIDE", 1.0)):
        with monkeypatch.context() as patched:
            patched.setattr(tuning, name, value)
            assert periodic(p) is None


def test_the_backend_refuses_programs_that_do_not_repeat() -> None:
    def tangled(x: Any) -> Any:
        return exp(x) * tanh(x)

    with pytest.raises(ValueError, match='backend="rolled" runs what repeats in time, and of the 3 instructions'):
        compile(tangled, backend="rolled")(0.5)


def test_explain_names_the_periods() -> None:
    recurrence = ALL["pendulum"](400)
    text = compile(recurrence.f).program(*recurrence.row).explain()
    assert text == ("46,379 instructions: 398 × 46, 398 × 70 in loops in time, 100%\nrows run in loops in time")


def test_rows_that_leave_by_a_branch_are_run_on_their_own_paths() -> None:
    a = Value(1.02)

    def f(x: Any) -> Any:
        for _ in range(200):
            x = a * x + 0.01
            if x > 40.0:
                x = x * 0.001
        return x

    rows = np.array([0.1, 1.0, 30.0, np.nan, -0.0, np.inf, 0.3, 2.0, 5.0])
    eager, rolled = (compile(f, backend=name, paths=40) for name in ("eager", "rolled"))
    assert same(rolled.map(rows), eager.map(rows))


def test_outputs_of_each_step_are_written_by_a_loop() -> None:
    def f(x: Any, *us: Any) -> Any:
        path = []
        for u in us:
            x = x * 0.9 + u * tanh(x)
            path.append(x)
        return path

    us = np.random.default_rng(5).normal(size=(150, 11))
    eager, rolled = (compile(f, backend=name) for name in ("eager", "rolled"))
    x = np.linspace(-1.0, 1.0, 11)
    assert same(np.array(rolled.map(x, *us)), np.array(eager.map(x, *us)))
    p = compile(f).program(0.5, *us[:, 0])
    found = engine(p, Settings("rolled"))
    assert isinstance(found, Rolled)
    assert [(one.times, one.moving.stride) for one in found.plan.listed] == [(150, 4)]


def test_threads_and_pickles_of_a_compiled_function_give_the_same() -> None:
    recurrence = ALL["pid"](200)
    rows = np.linspace(0.5, 2.0, 5_000)
    one, four = (compile(recurrence.f, backend="rolled", threads=n) for n in (1, 4))
    wanted = gradients(one, recurrence, [rows], "mean")
    assert gradients(four, recurrence, [rows], "mean") == wanted
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: one.map(rows).tobytes(), range(8)))
    assert set(found) == {Interpreter(one.program(1.0)).rows(*call(recurrence, rows))[0][0].tobytes()}
    copied = pickle.loads(pickle.dumps(compile(steps, backend="rolled")))
    assert copied.settings.backend == "rolled"
    assert bits(copied(0.3)) == bits(steps(0.3))


def call(recurrence: Recurrence, rows: Any) -> tuple[Any, Inputs]:
    return np.array([v.data for v in recurrence.parameters]), Inputs([rows], len(rows))


def steps(x: Any) -> Any:
    for _ in range(150):
        x = x + 0.1 * tanh(x) - 0.05 * x
    return x

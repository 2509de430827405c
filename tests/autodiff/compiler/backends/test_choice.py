"""The choice of an engine, and the memory of the two that run blocks of rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autodiff import Value, compile
from autodiff.compiler import tuning
from autodiff.compiler.backends import blocks
from autodiff.compiler.backends.choice import Adaptive
from autodiff.compiler.backends.interpreter import Interpreter
from autodiff.compiler.backends.straight import Straight
from autodiff.compiler.batch.inputs import Inputs
from autodiff.compiler.loops.backend import Looped
from autodiff.compiler.settings import Settings
from nn import MLP

pytest.importorskip("llvmlite")
THETA = np.array([2.0])


def program() -> Any:
    w = Value(2.0)
    return compile(lambda x: w * x + 1.0).program(1.0)


def test_a_program_is_compiled_once_it_has_run_often_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "HOT", 3)
    engine, row = Adaptive(program(), Settings()), Inputs([np.array(1.0)], 1)
    chosen = []
    for _ in range(5):
        chosen.append(type(engine._chosen(1)))
        assert engine.rows(THETA, row)[0].ravel()[0] == 3.0
    assert chosen == [Interpreter, Interpreter, Straight, Straight, Straight]


def test_single_rows_make_a_program_hot_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "HOT", 3)
    engine = Adaptive(program(), Settings())
    found = [engine.row(THETA, np.array([x])) for x in (1.0, 2.0, 3.0, 4.0)]
    assert [None if outputs is None else outputs.tolist()[0] for outputs in found] == [3.0, 5.0, 7.0, 9.0]
    assert type(engine._chosen(1)) is Straight


def test_a_program_that_is_too_long_is_never_compiled_straight(monkeypatch: pytest.MonkeyPatch) -> None:
    traced = program()
    monkeypatch.setattr(tuning, "HOT", 0)
    monkeypatch.setattr(tuning, "STRAIGHT", len(traced.codes))
    assert type(Adaptive(traced, Settings())._chosen(1)) is Straight
    monkeypatch.setattr(tuning, "STRAIGHT", len(traced.codes) - 1)
    assert type(Adaptive(traced, Settings())._chosen(1)) is Interpreter


def test_loops_run_several_rows_and_a_single_row_of_a_long_program(monkeypatch: pytest.MonkeyPatch) -> None:
    net = MLP(16, [16, 1], rng=0)
    traced = compile(net).program([0.5] * 16)
    engine = Adaptive(traced, Settings())
    assert [type(engine._chosen(rows)) for rows in (1, 2)] == [Interpreter, Looped]
    monkeypatch.setattr(tuning, "LOOPS_ALONE", len(traced.codes))
    assert type(engine._chosen(1)) is Looped
    monkeypatch.setattr(tuning, "LOOPS_ALONE", len(traced.codes) + 1)
    assert type(engine._chosen(1)) is Interpreter


@pytest.mark.parametrize("engine", [Interpreter, Straight])
def test_later_calls_use_the_memory_of_earlier_ones(engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    traced, rows, made = program(), Inputs([np.arange(20.0)], 20), []

    class Counted(blocks.BlockFrame):
        def __init__(self, *args: Any) -> None:
            made.append(args)
            super().__init__(*args)

    monkeypatch.setattr(blocks, "BlockFrame", Counted)
    runs = engine(traced)
    for _ in range(3):
        runs.rows(THETA, rows)
        runs.sums(THETA, rows)
    assert len(made) == 2  # one for rows, one for their sums

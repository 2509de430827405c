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
from autodiff.compiler.settings import Settings

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

"""Loops that do not end, and graphs that do not fit: an error that names the line, before memory is gone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autodiff import Value, compile, grad, memory, where
from autodiff.contexts import TraceError

FILE = Path(__file__).name


def halved(x: Any) -> Any:
    while x > 0.0:  # endless
        x = x * 1.0  # endless
    return x


def counted(x: Any) -> Any:
    for _ in range(10**12):
        x = where(x > 1.0, x / 2.0, x * 3.0)  # endless
    return x


def untested(x: Any) -> Any:
    while True:
        x = x + 1.0  # endless


def slope(x: Any) -> Any:
    return grad(untested)(x)


def collected(x: Any) -> Any:
    found = [x]
    for y in found:
        found += [y.tanh()]  # endless
    return sum(found)


ENDLESS = [halved, counted, untested, slope, collected]
LINES = [i for i, line in enumerate(Path(__file__).read_text(encoding="utf-8").splitlines(), 1) if "# endless" in line]


@pytest.mark.parametrize("f", ENDLESS)
@pytest.mark.parametrize("backend", ["auto", "eager", "numpy"])
def test_a_loop_that_does_not_end_is_an_error_with_its_line(f: Any, backend: str) -> None:
    with pytest.raises(TraceError, match=rf"{FILE}:({'|'.join(map(str, LINES))}): .* `instructions` .* never end"):
        compile(f, instructions=1_000, backend=backend)(2.0)


@pytest.mark.parametrize("call", ["map", "sum", "mean", "kernel"])
def test_rows_and_kernels_keep_the_bound(call: str) -> None:
    w = Value(2.0)
    with pytest.raises(TraceError, match="never end"):
        getattr(compile(lambda x: halved(w * x), instructions=1_000), call)(np.ones(3))


def test_the_bound_is_the_number_of_operations_that_one_run_may_record() -> None:
    def power(x: Any) -> Any:
        for _ in range(10):
            x = x * 2.0
        return x

    assert compile(power, instructions=10)(1.0) == 1024.0
    with pytest.raises(TraceError, match=r"compile\(f, instructions=…\)"):
        compile(power, instructions=9)(1.0)


def test_a_function_compiles_after_one_that_did_not_end() -> None:
    f = compile(lambda x: halved(x) if x > 0.0 else -x, instructions=1_000)
    with pytest.raises(TraceError):
        f(1.0)
    assert f(-3.0) == 3.0


@pytest.mark.parametrize("last", [0, 2**29, 2**29 + 2**26], ids=["none", "little", "too little for the stages"])
def test_a_graph_that_leaves_no_memory_is_an_error_with_its_line(last: int, monkeypatch: pytest.MonkeyPatch) -> None:
    left = iter([2**40, 2**40, last])
    monkeypatch.setattr(memory, "available", lambda: next(left))
    with pytest.raises(TraceError, match=rf"{FILE}:{LINES[3]}: .* memory runs short"):
        compile(untested)(1.0)


@pytest.mark.parametrize("bad", [0, -1, True, 2.5, "many"])
def test_the_bound_is_a_positive_int(bad: Any) -> None:
    with pytest.raises(ValueError, match="`instructions` is an int of at least 1"):
        compile(halved, instructions=bad)

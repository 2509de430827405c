"""Callbacks from native code: an interrupt in one makes no number wrong, and is raised when the native code is done."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from autodiff import compile, cos, elementary, primitive, sin, tan
from autodiff.arithmetic import FUNCTIONS
from autodiff.row import PRIMITIVES, functions

pytest.importorskip("llvmlite")
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
FAR = np.linspace(1e15, 3e15, 40)


@contextmanager
def interrupted_in_callback(number: int, event: str) -> Iterator[list[int]]:
    """Raise KeyboardInterrupt in callback `number` of those made inside: where it begins, or where a call returns."""
    seen = [0]

    def profile(frame: Any, what: str, called: Any) -> None:
        if what == "call" and frame.f_code.co_name == "write":
            seen[0] += 1
        if what == event and seen[0] == number:
            seen[0] += 1000  # once
            raise KeyboardInterrupt

    sys.setprofile(profile)
    try:
        yield seen
    finally:
        sys.setprofile(None)


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Collect what is printed of exceptions that nobody gets."""
    found: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: found.append(unraisable.exc_type))
    return found


@pytest.mark.parametrize("f", [sin, cos, tan])
@pytest.mark.parametrize("backend", ["interpreter", "native"])
@pytest.mark.parametrize(("number", "event"), [(1, "call"), (7, "call"), (40, "call"), (3, "c_return")])
def test_an_interrupt_in_a_callback_costs_no_number_and_is_raised_later(
    f: Callable[[Any], Any], backend: str, number: int, event: str, quiet: list[Any]
) -> None:
    compiled = compile(lambda x: f(x), backend=backend)
    expected = [float(f(x)) for x in FAR.tolist()]
    assert compiled.map(FAR).tolist() == expected
    found: list[float] = []

    def interrupted() -> None:
        with interrupted_in_callback(number, event):
            found.extend(compiled.map(FAR).tolist())
        for _ in range(500):
            time.sleep(0.01)

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert found in ([], expected)
    assert quiet[0] is KeyboardInterrupt
    assert compiled.map(FAR).tolist() == expected


@pytest.fixture
def row() -> Iterator[Callable[[Callable[[float], float]], Any]]:
    """Return a function that makes a row of a Python function without machine code; it is gone afterwards."""
    made: list[str] = []

    def make(scalar: Callable[[float], float]) -> Any:
        name = f"callback_{len(FUNCTIONS)}"
        made.append(name)
        elementary(name, scalar)
        return primitive(f"row_{name}", lambda m, x: getattr(m, name)(x), lambda m, x, z: 0.0)

    yield make
    for name in made:
        del FUNCTIONS[name], PRIMITIVES[f"row_{name}"], functions[f"row_{name}"]


@pytest.mark.filterwarnings("ignore:m.callback")
def test_an_elementary_function_that_raises_gives_nan_and_is_asked_once(row: Any, quiet: list[Any]) -> None:
    asked = []

    def broken(x: float) -> float:
        asked.append(x)
        if x == 2.0:
            raise LookupError("no such number")
        return x

    f = compile(row(broken), backend="interpreter")
    assert f(1.0) == 1.0
    asked.clear()
    assert math.isnan(f(2.0))
    assert asked == [2.0]
    assert quiet == [LookupError]
    assert f(3.0) == 3.0

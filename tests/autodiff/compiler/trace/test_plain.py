"""What tells a traced number from a float (`type`, `dtype`, `str`, `is True`): as the plain call, or refused."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autodiff import TraceError, Value, compile, exp, relu, where

TRACED = ["numpy", "interpreter", "native", "auto"]
numeric = (int, float)
w = Value(2.0)


def helper(x: Any) -> Any:
    return x if type(x) is float else 100.0 * x


class Model:
    """A model whose method asks for the type."""

    rate = 2.0

    def loss(self, x: Any) -> Any:
        return self.rate * self.scaled(x)

    def scaled(self, x: Any) -> Any:
        return x if type(x) in numeric else 100.0 * x


def on_two_lines(x: Any) -> Any:
    kind = type(x)
    return x if kind is float else 100.0 * x


def of_a_named_class(x: Any) -> Any:
    return {"float": x}.get(type(x).__name__, 100.0 * x)


TELLING: dict[str, Callable[[Any], Any]] = {
    "type is": lambda x: x if type(x) is float else 100.0 * x,
    "type is not": lambda x: 100.0 * x if type(x) is not float else x,
    "type ==": lambda x: x if type(x) == float else 100.0 * x,  # noqa: E721
    "type in": lambda x: x if type(x) in (int, float) else 100.0 * x,
    "of a result": lambda x: x if type(x * 2.0) is float else 100.0 * x,
    "in two lines": on_two_lines,
    "by name": of_a_named_class,
    "by a table": lambda x: {float: 1.0}.get(type(x), 100.0) * x,
    "issubclass": lambda x: x if issubclass(type(x), float) else 100.0 * x,
    "in a helper": lambda x: helper(x) + 1.0,
    "in an inner function": lambda x: (lambda y: y if type(y) is float else 100.0 * y)(x),
    "in a method": Model().loss,
    "str": lambda x: x * float(len(str(x))),
    "repr": lambda x: x * float(len(repr(x))),
    "is True": lambda x: x if (x > 1.0) is True else 100.0 * x,
    "is not False": lambda x: x if (x < 1.0) is False else 100.0 * x,
    "in a list": lambda x: [x if type(x) is float else 100.0 * x, 1.0],
}
OF_ARRAYS: dict[str, Callable[[Any], Any]] = {
    "dtype": lambda x: np.sum(x) if x.dtype == float else 100.0 * x[0],
    "kind": lambda x: np.sum(x) if x.dtype.kind == "f" else 100.0 * x[0],
    "subdtype": lambda x: np.sum(x) if np.issubdtype(x.dtype, np.floating) else 100.0 * x[0],
    "type of an array": lambda x: np.sum(x) if type(x) is np.ndarray else 100.0 * x[0],
}


@pytest.mark.parametrize("backend", TRACED)
@pytest.mark.parametrize("name", [*TELLING, *OF_ARRAYS])
def test_what_would_be_another_branch_than_that_of_the_plain_call_is_refused(name: str, backend: str) -> None:
    f, x = (TELLING[name], 2.0) if name in TELLING else (OF_ARRAYS[name], np.array([1.0, 2.0]))
    compiled = compile(f, backend=backend)
    for call in (lambda: compiled(x), lambda: compiled.map(np.array([x, x]))):
        with pytest.raises(TraceError, match=r"a plain call on the same numbers gives .*, and not .*isinstance\(x, fl"):
            call()


AGREEING: dict[str, Callable[[Any], Any]] = {
    "another way to one result": lambda x: x * 2.0 if type(x) is float else x + x,
    "of something else": lambda x: x if type(Model) is type else 100.0 * x,
    "of a Value": lambda x: w * x if type(w) is Value else x,
    "a method that floats have not": lambda x: x.relu() if type(x) is not int else x,
    "a comparison": lambda x: x > 1.0 if type(x) is not str else x,
    "in an error": lambda x: relu(x) if x > -1e9 else int(str(x)),
    "nan": lambda x: (x - x) / (x - x) if str(1) == "1" else x,
    "a sum in another order": lambda x: np.sum(x * np.array([0.1 * i for i in range(99)]).astype(np.dtype(float))),
    "containers": lambda x: {"a": [x, (x, type(x) is None)], "b": np.array([x, x])},
    "a branch of its own": lambda x: where(x > 1.0, x, exp(x)) if type(x) is not None else 0.0,
}


@pytest.mark.parametrize("backend", TRACED)
@pytest.mark.parametrize("name", AGREEING)
def test_what_agrees_with_the_plain_call_compiles(name: str, backend: str) -> None:
    f = AGREEING[name]
    compiled = compile(f, backend=backend)
    reference = compile(f, backend="eager")
    for x in (0.0, 0.5, 2.0):
        assert repr(compiled(x)) == repr(reference(x))


def test_the_plain_call_is_made_only_where_it_may_differ_and_once_a_path(capsys: pytest.CaptureFixture[str]) -> None:
    def note(x: Any) -> Any:
        print("run")
        return x if x > 0.0 else -x

    def tells(x: Any) -> Any:
        return note(x) if type(x) is not str else x

    def count(f: Any, xs: list[float]) -> int:
        for x in xs:
            f(x)
        return len(capsys.readouterr().out.split())

    assert count(compile(note), [1.0, 2.0, 3.0]) == 2
    assert count(compile(tells), [1.0, 2.0, 3.0, -1.0, -2.0]) == 6


def test_values_and_numbers_of_every_structure_reach_the_plain_call() -> None:
    def f(p: Any, q: Any, v: Any, *, scale: Any) -> Any:
        seen = [type(p["a"]), type(q[0][1]), type(v), type(scale), type(q[1])]
        return p["a"] * q[0][1] + v * scale + q[1][1] if str in seen else sum([p["a"] * q[0][1], v * scale, q[1][1]])

    assert compile(f)({"a": 2.0}, [(1.0, 3.0), np.array([4.0, 5.0])], w, scale=3).data == 17.0
    with pytest.raises(TraceError, match=r"gives 0\.0, and not 2\.0"):
        compile(lambda p: 0.0 * p["a"] if type(p["a"]) is float else p["a"])({"a": 2})


def test_the_number_of_results_is_compared() -> None:
    shape = itertools.cycle([1.0])
    f = compile(lambda x: [x, next(shape)] if type(x) is float else [x])
    with pytest.raises(TraceError, match="captures a cycle"):
        f(1.0)
    with pytest.raises(TraceError, match=r"gives 1\.0, 2\.0, 3\.0, 4\.0, …, and not 1\.0\."):
        compile(lambda x: [x, 2.0, 3.0, 4.0, 5.0] if type(x) is float else [x])(1.0)

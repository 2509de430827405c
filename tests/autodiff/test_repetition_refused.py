"""What `repeat` refuses: states of another structure, and what says no number of steps."""

from __future__ import annotations

from collections import OrderedDict
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from autodiff import (
    Value,
    compile,
    repeat,
)

DIFFERENT: list[tuple[Any, Any, str]] = [
    (1.0, [1.0], r"the state is a list of 1 in place of a number"),
    (1.0, None, r"the state is NoneType None in place of a number"),
    (1.0, True, r"the state is bool True in place of a number"),
    (1.0, np.ones(2), r"the state is an array \(2,\) in place of a number"),
    (1.0, 1j, r"the state is complex 1j in place of a number"),
    (1.0, Decimal(1), r"the state is Decimal .* in place of a number"),
    ([1.0, 2.0], [1.0], r"the state has 1 entries in place of 2"),
    ([1.0, 2.0], (1.0, 2.0), r"the state is a tuple of 2 in place of a list of 2"),
    ([1.0, 2.0], [1.0, "a"], r"the state\[1\] is str 'a' in place of a number"),
    ([1.0, [2.0]], [1.0, [2.0, 3.0]], r"the state\[1\] has 2 entries in place of 1"),
    ([[1.0, 2.0], None], [1.0, 2.0], r"the state\[0\] is a number in place of a list of 2"),
    ({"a": 1.0, "b": "c"}, {"a": 1.0, "b": 2.0}, r"the state\['b'\] is a number in place of str 'c'"),
    ({"a": 1.0}, {"b": 1.0}, r"the state has the keys \['b'\] in place of \['a'\]"),
    ({"a": [1.0, 2.0]}, {"a": [1.0, (2.0,)]}, r"the state\['a'\]\[1\] is a tuple of 1 in place of a number"),
    (np.ones((2, 3)), np.ones((3, 2)), r"an array \(3, 2\) in place of an array \(2, 3\)"),
    (np.ones(2), [1.0, 1.0], r"the state is a list of 2 in place of an array \(2,\)"),
    ([1.0, True], [1.0, False], r"the state\[1\] is bool False in place of bool True"),
    ([1.0, np.array([True])], [1.0, np.array([False])], r"the state\[1\] is ndarray .* in place of ndarray"),
]


@pytest.mark.parametrize(("before", "after", "message"), DIFFERENT)
def test_another_structure_is_an_error_that_names_the_difference(before: Any, after: Any, message: str) -> None:
    with pytest.raises(TypeError, match=f"step 0 returned a state of another structure: .*{message}"):
        repeat(lambda s: after, before, 3)
    if not isinstance(after, np.ndarray | Decimal | complex):
        with pytest.raises(TypeError, match="step 1 returned a state of another structure"):
            repeat(lambda s, x: after if x else before, before, xs=[0, 1])


def test_a_state_changed_in_place_is_compared_with_what_it_was() -> None:
    def grown(s: list[float]) -> list[float]:
        s.append(1.0)
        return s

    with pytest.raises(TypeError, match=r"step 0 .* 2 entries in place of 1"):
        repeat(grown, [1.0], 3)


def test_structures_that_differ_in_nothing_that_counts_are_accepted() -> None:
    assert repeat(lambda s: {"b": s["b"], "a": 2.0}, OrderedDict(a=1, b=np.float64(1.0)), 2)["a"] == 2.0
    assert repeat(lambda s: [Value(1.0), 2], [1, 2.0], 2)[1] == 2
    assert repeat(lambda s: np.where(s > 0.0, s * 2.0, 0.0), Value(1.0), 3).data == 8.0
    kept = repeat(lambda s: [s[0] + 1.0, True, np.array([True])], [1.0, True, np.array([True])], 2)
    assert kept[0] == 3.0


REFUSED: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({}, TypeError, "exactly one of `n`, `xs` and `until`, got none"),
    ({"n": 3, "xs": [1.0]}, TypeError, "got `n` and `xs`"),
    ({"n": 3, "until": bool, "most": 3}, TypeError, "got `n` and `until`"),
    ({"n": True}, TypeError, "an int, got bool True"),
    ({"n": np.bool_(True)}, TypeError, "an int, got bool"),
    ({"n": 3.0}, TypeError, "an int, got float 3.0"),
    ({"n": np.float64(3.0)}, TypeError, "an int, got float64"),
    ({"n": np.array([3])}, TypeError, "an int, got ndarray"),
    ({"n": "3"}, TypeError, "an int, got str '3'"),
    ({"n": Value(3.0)}, TypeError, "no slope, got Value.* by `until`"),
    ({"n": -1}, ValueError, "0 or more, got -1"),
    ({"until": bool}, TypeError, "takes a bound on the steps: most="),
    ({"until": bool, "most": -1}, ValueError, "`most` of `repeat` is a number of steps, 0 or more"),
    ({"until": bool, "most": 2.5}, TypeError, "`most` of `repeat` is a number of steps, an int"),
    ({"until": bool, "most": True}, TypeError, "an int, got bool"),
    ({"n": 3, "most": 3}, TypeError, "a bound for `until`, which is not given"),
    ({"until": 3.0, "most": 3}, TypeError, "`until` of `repeat` is a function of the state, got float"),
    ({"until": lambda s: "yes", "most": 3}, TypeError, "gives a truth value, .* got str 'yes'"),
    ({"until": lambda s: None, "most": 3}, TypeError, "got NoneType None"),
    ({"until": lambda s: np.array([True, False]), "most": 3}, TypeError, "gives a truth value, .* got ndarray"),
    ({"until": lambda s: s > 9.0, "most": 3}, RuntimeError, "after `most` = 3 steps, the state is float 4.0"),
    ({"xs": 3.0}, TypeError, "`xs` of `repeat` is a list, tuple or array .* got float 3.0"),
    ({"xs": "abc"}, TypeError, "got str 'abc'"),
    ({"xs": {"a": 1.0}}, TypeError, "got dict"),
    ({"xs": Value(1.0)}, TypeError, "got Value"),
    ({"xs": iter([1.0])}, TypeError, "got list_iterator"),
    ({"xs": {1.0, 2.0}}, TypeError, "got set"),
    ({"xs": np.asarray(1.0)}, TypeError, "got ndarray"),
]


@pytest.mark.parametrize(("ways", "error", "message"), REFUSED)
def test_what_says_no_number_of_steps_is_refused(ways: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        repeat(lambda s, x=1.0: s + x, 1.0, **ways)


@pytest.mark.parametrize("state", [None, True, "a", b"a", [], {}, [None], np.array([True]), 1j, {1.0}, np.zeros(0)])
def test_a_state_without_numbers_is_refused(state: Any) -> None:
    with pytest.raises(TypeError, match="takes a number, or a container of numbers, as its state"):
        repeat(lambda s: s, state, 1)


def test_an_array_with_something_else_than_numbers_is_refused() -> None:
    with pytest.raises(TypeError, match="an array of the state holds something else than numbers"):
        repeat(lambda s: s, np.array([1.0, None]), 1)


def test_a_step_is_a_function() -> None:
    for step in (None, 3.0, "a"):
        with pytest.raises(TypeError, match="`step` of `repeat` is a function of the state"):
            repeat(step, 1.0, 3)  # type: ignore[arg-type]


def test_an_error_in_a_step_is_the_user_s() -> None:
    def step(s: float) -> float:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        repeat(step, 1.0, 3)


def test_the_number_of_steps_is_structure_of_a_compiled_function() -> None:
    f = compile(lambda x, n: repeat(lambda s: s * x, 1.0, n), static=["n"])
    assert [f(3.0, n) for n in (2, 3)] == [9.0, 27.0]
    with pytest.raises(TypeError, match="no slope"):
        compile(lambda x, n: repeat(lambda s: s * x, 1.0, n))(3.0, 2)

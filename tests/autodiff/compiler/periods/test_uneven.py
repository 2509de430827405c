"""Steps that are not alike: they count, take branches or remember for long, and so the whole is traced."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from autodiff import (
    TraceError,
    repeat,
    sin,
    tanh,
)
from autodiff.compiler import compile

from ..nets import same as equal
from .steps import DATA, A, B, N, plainly, same


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


def of_masks(loop: Any, x: Any, y: Any) -> Any:
    masks = [np.array([k % 50 == 0, True]) for k in range(N)]
    return loop(lambda s, u: s * A + y if u[1][0] else s * B, x, xs=[(y, mask) for mask in masks])


def of_objects(loop: Any, x: Any, y: Any) -> Any:
    return loop(lambda s, u: s * A + y * u.real, x, xs=[complex(k) for k in range(N)])


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
    counted_by_the_name, numbers, signed_zeros, of_two_structures, of_two_names, of_masks, of_objects,
    of_unequal_places, of_values_of_its_own,
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

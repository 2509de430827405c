"""Repetitions over entries that are arguments: read by a stride, and differentiated by each of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autodiff import (
    Value,
    grad,
    hvp,
    repeat,
    sin,
    tanh,
    value_and_grad,
)
from autodiff.compiler import compile

from .steps import DATA, A, B, N, over_arguments, same


def backward(loop: Any, x: Any, *data: Any) -> Any:
    return loop(lambda s, u: tanh(s * A + u), x, xs=data[::-1])


def pairs(loop: Any, x: Any, *data: Any) -> Any:
    return loop(lambda s, u: sin(s * u[0] * A) + u[1], x, xs=list(zip(data[::2], data[1::2], strict=True)))


def both(loop: Any, x: Any, *data: Any) -> Any:
    forward = loop(lambda s, u: [tanh(s[0] * A + u), s[1] + s[0]], [x, x], xs=data[:N])
    return loop(lambda s, u: s * B + u * u, sum(forward), xs=data[N - 1 :: -1])


@pytest.mark.parametrize("f", [over_arguments, backward, pairs, both])
def test_entries_that_are_arguments_are_read_by_a_stride(f: Any, wholes: list[str]) -> None:
    assert same(f, 0.7, *DATA)
    assert wholes == []


def test_entries_in_arrays_are_read_by_a_stride(wholes: list[str]) -> None:
    def filtered(loop: Any, x: Any, data: Any) -> Any:
        return loop(lambda s, u: s * A + u[0] * u[1], x, xs=data)

    assert same(filtered, 0.7, np.array(DATA).reshape(-1, 2))
    assert same(filtered, 0.7, np.array(DATA).reshape(-1, 2), of=lambda f: value_and_grad(f))
    assert wholes == []


def controlled(loop: Any, x: Any, *data: Any) -> Any:
    return sum(loop(lambda s, u: [s[0] + 0.1 * s[1], s[1] + 0.1 * (u - sin(s[0]))], [x, x], xs=list(data)))


def with_a_cost(loop: Any, x: Any, *data: Any) -> Any:
    def step(s: Any, u: Any) -> Any:
        return {"x": s["x"] + 0.1 * s["v"], "v": s["v"] + 0.1 * (u - sin(s["x"])), "cost": s["cost"] + u * u}

    last = loop(step, {"x": x, "v": x, "cost": 0.0}, xs=list(data))
    return last["x"] * last["v"] + last["cost"]


def of_halves(loop: Any, x: Any, *data: Any) -> Any:
    return loop(lambda s, u: sin(s * u[0]) + u[1], x, xs=list(zip(data[:N], data[N:], strict=True)))


def of_pairs(loop: Any, x: Any, *data: Any) -> Any:
    return loop(lambda s, u: sin(s * u[0]) + u[1], x, xs=list(zip(data[::2], data[1::2], strict=True)))


def with_a_penalty(loop: Any, x: Any, *data: Any) -> Any:
    return controlled(loop, x, *data) + 0.1 * sum(u * u for u in data)


def of_some(loop: Any, x: Any, *data: Any) -> Any:
    return loop(lambda s, u: tanh(s * 0.9 + u), x, xs=data[:N]) + data[-1]


def of_all_twice(loop: Any, x: Any, *data: Any) -> Any:
    forward = loop(lambda s, u: tanh(s * 0.9 + u), x, xs=data)
    return loop(lambda s, u: s * 0.2 + u * u, forward, xs=data[::-1])


def hvp_by_entries(f: Any) -> Any:
    return lambda x, data: hvp(lambda data: f(x, *data), [data], [[1.0] * len(data)])


BY_ENTRIES: dict[str, Callable[..., Any]] = {
    "entries": lambda f: value_and_grad(lambda x, data: f(x, *data), 1),
    "both": lambda f: grad(lambda x, data: f(x, *data), (0, 1)),
}


@pytest.mark.parametrize("which", BY_ENTRIES)
@pytest.mark.parametrize("f", [controlled, with_a_cost, of_halves, of_pairs])
def test_a_slope_by_each_entry_follows_from_those_of_a_few(f: Any, which: str, wholes: list[str]) -> None:
    assert same(f, 0.7, DATA, of=BY_ENTRIES[which])
    assert wholes == []


@pytest.mark.parametrize("f", [with_a_penalty, of_some, of_all_twice])
def test_slopes_by_entries_that_are_read_elsewhere_are_those_of_the_whole(f: Any) -> None:
    assert same(f, 0.7, DATA, of=BY_ENTRIES["both"])
    assert same(f, 0.7, DATA, of=hvp_by_entries)


READ: dict[str, Callable[..., Any]] = {
    "one": lambda f: lambda x, data: grad(lambda data: f(x, *data))(data)[150],
    "the last": lambda f: lambda x, data: 3.0 * grad(lambda data: f(x, *data))(data)[-1] + x,
    "squares": lambda f: lambda x, data: sum(d * d for d in grad(lambda data: f(x, *data))(data)),
    "weights": lambda f: lambda x, data: [d * (k > 100) for k, d in enumerate(grad(lambda data: f(x, *data))(data))],
    "of one": lambda f: grad(lambda x, data: grad(lambda data: f(x, *data))(data)[150]),
    "by one of one": lambda f: grad(lambda x, data: grad(lambda data: f(x, *data))(data)[150], 1),
}


@pytest.mark.parametrize("reads", READ)
def test_slopes_by_entries_that_the_function_reads_are_those_of_the_whole(reads: str) -> None:
    assert same(controlled, 0.7, DATA[:N], of=READ[reads])


def test_a_slope_by_each_entry_is_found_in_the_whole() -> None:
    def last(*data: Any) -> Any:
        return repeat(lambda s, u: s * A + u, 0.0, xs=data)

    compiled, eager = [Value(x) for x in DATA[:N]], [Value(x) for x in DATA[:N]]
    compile(last)(*compiled).backward()
    last(*eager).backward()
    assert [v.grad for v in compiled] == [v.grad for v in eager]

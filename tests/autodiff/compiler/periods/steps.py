"""Functions of a loop and of numbers, and whether `repeat` has the program of the plain loop in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff import (
    Value,
    repeat,
    sin,
    tanh,
)
from autodiff.compiler import compile
from autodiff.compiler.periods.extrapolation import identical, merged
from autodiff.compiler.program.program import Program
from autodiff.compiler.trace.lengths import LONG

from .recurrences import rk4

N = LONG + 7
DATA = np.random.default_rng(5).normal(size=2 * N).tolist()


def plainly(step: Callable[..., Any], state: Any, n: int = 0, *, xs: Any = None) -> Any:
    for arguments in [()] * n if xs is None else [(x,) for x in xs]:
        state = step(state, *arguments)
    return state


def same(f: Callable[..., Any], *row: Any, of: Callable[..., Any] = lambda f: f) -> bool:
    """Return whether f, a function of the loop and a row, has the program that it has with the plain loop."""

    def program(loop: Any) -> Program:
        return merged(compile(of(lambda *xs: f(loop, *xs))).program(*row))

    return identical(program(repeat), program(plainly))


A, B = Value(0.9), Value(0.2)


def oscillator(loop: Any, x: Any, y: Any) -> Any:
    state = loop(lambda s: rk4(lambda u: [u[1], -A * sin(u[0]) - B * u[1]], s, 0.01), [x, y], N)
    return state[0] * state[1]


def drift(loop: Any, x: Any, y: Any) -> Any:
    state = loop(lambda s: [s[0] + 0.01 * s[1], s[1] - 0.01 * A * sin(s[0])], [x, y], N)
    return state[0] * state[1]


def twice(loop: Any, x: Any, y: Any) -> Any:
    x = loop(lambda s: s * A + 0.1, x, N)
    return loop(lambda s: sin(s) + y, x * B, N)


def over_arguments(loop: Any, x: Any, *data: Any) -> Any:
    return loop(lambda s, u: tanh(s * A + u), x, xs=list(data))

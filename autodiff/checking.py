"""check_grads: the derivatives of the table against central differences, forward and reverse."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from . import trees
from .transforms import jacobian, jvp
from .value import Value

STEP = 6e-6  # ∛ε: where the error of the difference and that of rounding meet


class GradientError(AssertionError):
    """A derivative disagrees with finite differences."""


class _Partial(NamedTuple):
    output: int
    argument: int
    mode: str
    found: float
    difference: float
    step: float
    excess: float


def check_grads(f: Callable[..., Any], args: Sequence[Any], *, order: int = 2, tolerance: float = 1e-5) -> None:
    """Compare the derivatives of f at `args`, to `order`, forward and reverse, with central differences.

    `args` has an entry for each argument of f, all of them differentiated. Two numbers agree within `tolerance` times
    the larger of 1, themselves, and what rounding does to the difference. Raises GradientError that names the worst
    partial, both numbers and the step. At a kink the difference is not the convention of the table: check beside it.

    >>> check_grads(lambda x, y: x * y.tanh(), [0.3, 0.7])
    """
    if not isinstance(args, list | tuple):
        raise TypeError(f"`check_grads` takes a list with an entry for each argument of f, got {type(args).__name__}")
    flat = [x.data if isinstance(x, Value) else float(x) for x in trees.leaves(list(args))]

    def flattened(xs: list[Any]) -> list[Any]:
        return trees.leaves(f(*trees.rebuild(list(args), xs, number=lambda x: x, array=trees.value_array)))

    function: Callable[[list[Any]], list[Any]] = flattened
    for n in range(1, order + 1):
        worst = max(_compare(function, flat, tolerance), key=lambda partial: partial.excess, default=None)
        if worst is not None and worst.excess > 1.0:
            raise GradientError(_message(getattr(f, "__name__", repr(f)), n, flat, worst))
        function = _derivatives_of(function)


def _derivatives_of(f: Callable[[list[Any]], list[Any]]) -> Callable[[list[Any]], list[Any]]:
    return lambda xs: trees.leaves(jacobian(f)(xs))


def _compare(f: Callable[[list[Any]], list[Any]], xs: list[float], tolerance: float) -> Iterator[_Partial]:
    reverse = jacobian(f)(xs)
    for i, x in enumerate(xs):
        step = STEP * max(1.0, abs(x))
        above, below, high, low = _beside(f, xs, i, step)
        if x and not all(map(math.isfinite, (*high, *low))):  # the step has left the domain
            step = STEP * abs(x)
            above, below, high, low = _beside(f, xs, i, step)
        forward = jvp(f, [xs], [[float(k == i) for k in range(len(xs))]])[1]
        for j, (up, down) in enumerate(zip(high, low, strict=True)):
            difference = (up - down) / (above - below)
            rounding = 4.0 * sys.float_info.epsilon * max(abs(up), abs(down)) / step
            for mode, found in (("reverse", reverse[j][i]), ("forward", forward[j])):
                allowed = tolerance * max(1.0, abs(found), abs(difference)) + rounding
                yield _Partial(j, i, mode, found, difference, step, _excess(found, difference, allowed))


def _beside(
    f: Callable[[list[Any]], list[Any]], xs: list[float], i: int, step: float
) -> tuple[float, float, list[float], list[float]]:
    """Return xs[i] moved by `step` up and down, and the outputs of f there."""
    above, below = xs[i] + step, xs[i] - step
    high, low = (_floats(f(list(map(Value, [*xs[:i], moved, *xs[i + 1 :]])))) for moved in (above, below))
    return above, below, high, low


def _floats(numbers: list[Any]) -> list[float]:
    return [x.data if isinstance(x, Value) else float(x) for x in numbers]


def _excess(found: float, difference: float, allowed: float) -> float:
    if found == difference:
        return 0.0
    excess = abs(found - difference) / allowed
    return math.inf if math.isnan(excess) else excess


def _message(name: str, order: int, xs: list[float], worst: _Partial) -> str:
    of = f"output {worst.output}" if order == 1 else f"derivative {worst.output} of order {order - 1}"
    return (
        f"`{name}` at {xs}: its {of} by argument {worst.argument} is {worst.found!r} in {worst.mode} mode, "
        f"but central differences with step {worst.step:.3g} give {worst.difference!r}"
    )

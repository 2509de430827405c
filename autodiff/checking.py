"""check_grads: compare derivatives, forward and reverse, with central differences."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from . import trees
from .apply import call
from .graph import postorder
from .transforms import jacobian, jvp
from .value import Value

Flat = Callable[[list[Any]], list[Any]]
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


class _Difference(NamedTuple):
    """Central differences of all outputs by one argument, with an error bound for each."""

    step: float
    slopes: list[float]
    sizes: list[float]
    errors: list[float]


def check_grads(f: Callable[..., Any], args: Sequence[Any], *, order: int = 2, tolerance: float = 1e-5) -> None:
    """Compare the derivatives of f at `args`, to `order`, forward and reverse, with central differences.

    `args` has an entry for each argument of f, all of them differentiated. Two numbers agree within `tolerance` times
    the largest of them and of f, and the error of the difference. Raises GradientError that names the worst partial,
    both numbers, the step, and the row of the table that is itself wrong where f uses it; ValueError for an order
    below 1 and for f without a number as result. At a kink the difference is not the convention of the table: check
    beside it.

    >>> check_grads(lambda x, y: x * y.tanh(), [0.3, 0.7])
    """
    if not isinstance(args, list | tuple):
        raise TypeError(f"`check_grads` takes a list with an entry for each argument of f, got {type(args).__name__}")
    if order < 1:
        raise ValueError(f"`check_grads` checks derivatives of order 1 and up, got order {order}")
    flat = [x.data if isinstance(x, Value) else float(x) for x in trees.leaves(list(args))]

    def flattened(xs: list[Any]) -> list[Any]:
        return trees.leaves(f(*trees.rebuild(list(args), xs, number=lambda x: x, array=trees.value_array)))

    if not flattened(list(map(Value, flat))):
        raise ValueError("`check_grads` takes a function with a number as result, or with several: this one has none")
    name = getattr(f, "__name__", repr(f))
    if message := _disagreement(name, flattened, flat, order, tolerance):
        culprit = _culprit(flattened, flat, order, tolerance)
        raise GradientError(message if culprit in ("", message) else f"{message}; in it, {culprit}")


def _disagreement(name: str, f: Flat, xs: list[float], order: int, tolerance: float) -> str:
    """Return a message about the worst partial of the lowest order that is wrong, empty if none is."""
    function = f
    for n in range(1, order + 1):
        worst = max(_compare(function, xs, tolerance), key=lambda partial: partial.excess, default=None)
        if worst is not None and worst.excess > 1.0:
            return _message(name, n, xs, worst)
        function = _derivatives_of(function)
    return ""


def _culprit(f: Flat, xs: list[float], order: int, tolerance: float) -> str:
    """Return a message about the first row in the graph of f at xs that is itself wrong there, empty if none is."""
    for node in postorder(y for y in f(list(map(Value, xs))) if isinstance(y, Value)):
        if node.op and (message := _disagreement(node.op, _alone(node), _floats(node.args), order, tolerance)):
            return message
    return ""


def _alone(node: Any) -> Flat:
    """Return the row of `node` as a function of its operands; an operand without an edge stays at its number."""
    fixed = zip(_floats(node.args), node.partials, strict=True)
    constants = [x if d is None else None for x, d in fixed]
    return lambda xs: [call(node.op, *(x if c is None else c for x, c in zip(xs, constants, strict=True)))]


def _derivatives_of(f: Flat) -> Flat:
    return lambda xs: trees.leaves(jacobian(f)(xs))


def _compare(f: Flat, xs: list[float], tolerance: float) -> list[_Partial]:
    judged = []
    reverse = [_floats(slopes) for slopes in jacobian(f)(xs)]
    for i, x in enumerate(xs):
        forward = _floats(jvp(f, [xs], [[float(k == i) for k in range(len(xs))]])[1])
        steps = [h for h in (STEP, STEP * max(1.0, abs(x))) if x - h < x + h] or [math.ulp(x)]  # not rounded away
        differences = [_difference(f, xs, i, step) for step in dict.fromkeys(steps)]
        if x and not any(all(map(math.isfinite, d.slopes)) for d in differences):  # the step has left the domain
            differences = [_difference(f, xs, i, max(STEP * abs(x), math.ulp(x)))]
        for j in range(len(reverse)):
            for mode, found in (("reverse", reverse[j][i]), ("forward", forward[j])):
                judgements = (_judge(d, i, j, mode, found, tolerance) for d in differences)
                judged.append(min(judgements, key=lambda p: p.excess))
    return judged


def _difference(f: Flat, xs: list[float], i: int, step: float) -> _Difference:
    """Return the central differences at `step`, and their error: the change at twice the step, and rounding."""

    def at(moved: float) -> list[float]:
        return _floats(f(list(map(Value, [*xs[:i], moved, *xs[i + 1 :]]))))

    def slopes(h: float) -> tuple[list[float], list[float], list[float]]:
        above, below = xs[i] + h, xs[i] - h
        high, low = at(above), at(below)
        return [(up - down) / (above - below) for up, down in zip(high, low, strict=True)], high, low

    near, high, low = slopes(step)
    far = slopes(2.0 * step)[0]
    sizes = [max(abs(up), abs(down)) for up, down in zip(high, low, strict=True)]
    rounding = 4.0 * sys.float_info.epsilon / step
    errors = [abs(a - b) + rounding * size for a, b, size in zip(near, far, sizes, strict=True)]
    return _Difference(step, near, sizes, errors)


def _judge(d: _Difference, i: int, j: int, mode: str, found: float, tolerance: float) -> _Partial:
    error = d.errors[j] if math.isfinite(d.errors[j]) else 0.0
    allowed = tolerance * max(abs(found), abs(d.slopes[j]), d.sizes[j]) + error
    return _Partial(j, i, mode, found, d.slopes[j], d.step, _excess(found, d.slopes[j], allowed))


def _floats(numbers: Sequence[Any]) -> list[float]:
    return [x.data if isinstance(x, Value) else float(x) for x in numbers]


def _excess(found: float, difference: float, allowed: float) -> float:
    if found == difference:
        return 0.0
    excess = abs(found - difference) / allowed if allowed else math.inf
    return math.inf if math.isnan(excess) else excess


def _message(name: str, order: int, xs: list[float], worst: _Partial) -> str:
    of = f"output {worst.output}" if order == 1 else f"derivative {worst.output} of order {order - 1}"
    return (
        f"`{name}` at {xs}: its {of} by argument {worst.argument} is {worst.found!r} in {worst.mode} mode, "
        f"but central differences with step {worst.step:.3g} give {worst.difference!r}"
    )

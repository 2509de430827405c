"""minimize: gradient descent with a fixed learning rate on any differentiable function."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import autodiff

from .checks.numbers import is_plain, positive, size
from .checks.vector import plain, vector

RUNAWAY = 1e12  # how many times farther out than the start a point counts as growing without bound
REMEDY = "take a smaller `lr`, unless the function has no minimum"


@dataclass(frozen=True)
class Descent:
    """A finished gradient descent: the last `point` and its `value`, the `path` of all points, the reason to stop.

    `converged` is True only if the norm of the gradient at `point` is below the tolerance.
    """

    point: Any
    value: float
    steps: int
    path: tuple[Any, ...]
    converged: bool
    message: str


def minimize(
    f: Callable[[Any], Any], x0: Any, *, lr: float = 0.1, tol: float = 1e-8, max_steps: int = 10_000
) -> Descent:
    """Return the descent v ← v − lr·∇f(v) from x0: a number, a list of numbers or a NumPy vector, as f takes it.

    It stops when the norm of the gradient is below `tol`, after `max_steps`, when a step no longer changes the point,
    or when it diverges: a value or gradient is not finite, or the point is 10¹² times farther out than the start.
    Raises ValueError for an empty x0 and for `lr` and `tol` that are not positive and finite, TypeError for another x0.

    >>> descent = minimize(lambda v: (v[0] - 1.0) ** 2 + v[1] ** 2, [0.0, 4.0], lr=0.5)
    >>> descent.point, descent.steps, descent.message
    ([1.0, 0.0], 1, 'converged: after 1 step the norm of the gradient is 0')
    >>> minimize(lambda x: x * x, 1.0, lr=2.0).converged
    False
    """
    lr, tol, max_steps = positive(lr, "lr"), positive(tol, "tol"), size(max_steps, "max_steps", least=0)
    v, form = _taken_apart(x0)
    value_and_grad = autodiff.value_and_grad(f)
    path, values = [v], []
    while True:
        value, slope = value_and_grad(form(path[-1]))
        values.append(plain(value))
        slope = [plain(g) for g in vector(slope, "minimize")]
        reason = _verdict(path, values, math.hypot(*slope), tol, max_steps)
        if reason:
            points = tuple(form(v) for v in path)
            return Descent(points[-1], values[-1], len(path) - 1, points, reason.startswith("converged"), reason)
        path.append([x - lr * g for x, g in zip(path[-1], slope, strict=True)])


def _verdict(path: list[list[float]], values: list[float], norm: float, tol: float, max_steps: int) -> str:
    """Return why the descent ends here, in words that begin with converged, diverged or not converged; "" to go on."""
    steps, out = len(path) - 1, math.hypot(*path[-1])
    after = f"after {steps} step{'s' * (steps != 1)}"
    if not (math.isfinite(values[-1]) and math.isfinite(norm)):
        return f"diverged: {after} the value is {values[-1]}, the norm of the gradient {norm}; {REMEDY}"
    if norm < tol:
        return f"converged: {after} the norm of the gradient is {norm:.3g}"
    if out > RUNAWAY * (1.0 + math.hypot(*path[0])):
        return f"diverged: {after} the point is {out:.3g} away from 0; {REMEDY}"
    if steps and path[-1] == path[-2]:
        return f"not converged: {after} the norm of the gradient is {norm:.3g}, but a step no longer moves the point"
    if steps >= max_steps:
        hint = f", the value no lower than at the start; {REMEDY}" if steps and values[-1] >= values[0] else ""
        return f"not converged: {after} the norm of the gradient is {norm:.3g}{hint}"
    return ""


def _taken_apart(x0: Any) -> tuple[list[float], Callable[[list[float]], Any]]:
    """Return x0 as a list of floats, and the function that gives such a list the form of x0."""
    form: Callable[[list[float]], Any]
    if isinstance(x0, np.ndarray) and x0.ndim:
        if x0.ndim > 1 or x0.dtype.kind not in "iuf":
            raise TypeError(f"`x0` is a vector of real numbers, got {x0.dtype} of shape {x0.shape}. Flatten it")
        numbers, form = x0.tolist(), np.array
    else:
        numbers, form = vector(x0, "minimize"), (list if isinstance(x0, (list, tuple)) else lambda v: v[0])
    for x in numbers:
        if not is_plain(x):
            raise TypeError(f"`x0` is a number, a list of numbers or a NumPy vector, got {type(x).__name__} {x!r:.60}")
    if not numbers:
        raise ValueError("`x0` is empty: there is nothing to move")
    return [float(x) for x in numbers], form

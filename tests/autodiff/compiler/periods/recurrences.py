"""Sequential programs by name: simulations, filters and recurrent nets, each a function of its number of steps."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autodiff import Value, exp, hvp, log, logsumexp, sigmoid, sin, sqrt, tanh, value_and_grad, where

DATA = np.random.default_rng(19).normal(size=2_000)


class Recurrence(NamedTuple):
    """A function of numbers, which it gives as captured parameters and as data, and the data of a row."""

    f: Callable[..., Any]
    parameters: Sequence[Value]
    row: Sequence[float]


def values(*numbers: float) -> list[Value]:
    return [Value(x) for x in numbers]


def rk4(f: Callable[[Any], list[Any]], state: list[Any], h: float) -> list[Any]:
    def along(k: list[Any], step: float) -> list[Any]:
        return [s + step * d for s, d in zip(state, k, strict=True)]

    a = f(state)
    b = f(along(a, h / 2.0))
    c = f(along(b, h / 2.0))
    d = f(along(c, h))
    return [s + h / 6.0 * (p + 2.0 * q + 2.0 * r + t) for s, p, q, r, t in zip(state, a, b, c, d, strict=True)]


def pendulum(steps: int) -> Recurrence:
    g, drag = parameters = values(9.81, 0.1)

    def f(angle: Any, speed: Any) -> Any:
        state = [angle, speed]
        for _ in range(steps):
            state = rk4(lambda s: [s[1], -g * sin(s[0]) - drag * s[1]], state, 0.01)
        return state[0] ** 2 + state[1]

    return Recurrence(f, parameters, [0.5, 0.1])


def lorenz(steps: int) -> Recurrence:
    s, r, b = parameters = values(10.0, 28.0, 8.0 / 3.0)

    def f(x: Any, y: Any, z: Any) -> Any:
        state = [x, y, z]
        for _ in range(steps):
            state = rk4(lambda u: [s * (u[1] - u[0]), u[0] * (r - u[2]) - u[1], u[0] * u[1] - b * u[2]], state, 0.001)
        return state[0] + state[1] * state[2]

    return Recurrence(f, parameters, [1.0, 1.1, 0.9])


def logistic(steps: int) -> Recurrence:
    (r,) = parameters = values(3.7)

    def f(x: Any) -> Any:
        for _ in range(steps):
            x = r * x * (1.0 - x)
        return x

    return Recurrence(f, parameters, [0.3])


def kalman(steps: int) -> Recurrence:
    a, q, r = parameters = values(0.9, 0.3, 0.5)

    def f(*seen: Any) -> Any:
        mean: Any = 0.0
        spread: Any = 1.0
        total: Any = 0.0
        for y in seen:
            mean, spread = a * mean, a * a * spread + q
            error, width = y - mean, spread + r
            total = total - 0.5 * (log(2.0 * math.pi * width) + error * error / width)
            gain = spread / width
            mean, spread = mean + gain * error, (1.0 - gain) * spread
        return total

    return Recurrence(f, parameters, DATA[:steps].tolist())


def pid(steps: int) -> Recurrence:
    p, i, d = parameters = values(2.0, 0.5, 0.1)

    def f(goal: Any) -> Any:
        x: Any = 0.0
        total: Any = 0.0
        before: Any = goal
        cost: Any = 0.0
        for _ in range(steps):
            error = goal - x
            total = total + error * 0.01
            x = x + 0.01 * (p * error + i * total + d * (error - before))
            before = error
            cost = cost + error * error
        return cost

    return Recurrence(f, parameters, [1.0])


def markov(steps: int) -> Recurrence:
    parameters = values(*np.linspace(0.1, 0.9, 9), 0.3, -0.2, 0.8)
    move, means = [parameters[3 * k : 3 * k + 3] for k in range(3)], parameters[9:]

    def f(*seen: Any) -> Any:
        alpha: list[Any] = [1.0 / 3.0] * 3
        total: Any = 0.0
        for y in seen:
            alpha = [exp(-0.5 * (y - means[j]) ** 2) * sum(alpha[k] * move[k][j] for k in range(3)) for j in range(3)]
            scale = alpha[0] + alpha[1] + alpha[2]
            alpha = [x / scale for x in alpha]
            total = total + log(scale)
        return total

    return Recurrence(f, parameters, DATA[:steps].tolist())


def markov_logs(steps: int) -> Recurrence:
    parameters = values(*np.linspace(-0.9, -0.1, 4), 0.3, -0.2)

    def f(*seen: Any) -> Any:
        alpha: list[Any] = [0.0, -1.0]
        for y in seen:
            alpha = [
                logsumexp([alpha[k] + parameters[2 * k + j] for k in range(2)]) - 0.5 * (y - parameters[4 + j]) ** 2
                for j in range(2)
            ]
        return logsumexp(alpha)

    return Recurrence(f, parameters, DATA[:steps].tolist())


def descent(steps: int) -> Recurrence:
    rate, curve = parameters = values(0.01, 2.0)

    def f(x: Any, y: Any) -> Any:
        for _ in range(steps):
            dx, dy = 2.0 * (x - 1.0) - curve * x * (y - x * x), curve * (y - x * x)
            x, y = x - rate * dx, y - rate * dy
        return (x - 1.0) ** 2 + y * y

    return Recurrence(f, parameters, [0.2, 0.4])


def newton(steps: int) -> Recurrence:
    (a,) = parameters = values(0.3)

    def f(m: Any) -> Any:
        e = m
        for _ in range(steps):
            e = e - (e - a * sin(e) - m) / (1.0 - a * sin(e + 1.5))
        return e

    return Recurrence(f, parameters, [0.7])


def euler_maruyama(steps: int) -> Recurrence:
    drift, noise = parameters = values(0.05, 0.2)

    def f(*shocks: Any) -> Any:
        s: Any = 1.0
        for w in shocks:
            s = s + drift * s * 0.01 + noise * s * w * 0.1
        return where(s > 1.0, s - 1.0, 0.0)

    return Recurrence(f, parameters, DATA[:steps].tolist())


def fibonacci(steps: int) -> Recurrence:
    a, b = parameters = values(1e-3, 2e-3)

    def f(x: Any) -> Any:
        x, y = a * x, b * x
        for _ in range(steps):
            x, y = y, x + y * 0.5
        return x * y

    return Recurrence(f, parameters, [1.5])


def delay(steps: int) -> Recurrence:
    a, b = parameters = values(0.9, 0.05)

    def f(x: Any) -> Any:
        line = [x] * 20
        for _ in range(steps):
            line.append(a * line[-1] - b * tanh(line[-20]))
        return line[-1]

    return Recurrence(f, parameters, [0.8])


def two_loops(steps: int) -> Recurrence:
    a, b = parameters = values(0.99, 0.3)

    def f(x: Any) -> Any:
        for _ in range(steps):
            x = a * x + 0.01 * sin(x)
        y = x * b
        for _ in range(steps):
            y = y + 0.1 * tanh(y * b - x)
        return y

    return Recurrence(f, parameters, [0.8])


def recurrent(steps: int, width: int = 4) -> Recurrence:
    rng = np.random.default_rng(2)
    parameters = values(*(rng.normal(size=width * (width + 2)) * 0.4))

    def f(*xs: Any) -> Any:
        h: list[Any] = [0.0] * width
        for x in xs:
            rows = [parameters[j * (width + 2) : (j + 1) * (width + 2)] for j in range(width)]
            h = [tanh(sum((w * k for w, k in zip(row[2:], h, strict=True)), row[0] + row[1] * x)) for row in rows]
        return sum(h)

    return Recurrence(f, parameters, DATA[:steps].tolist())


def lstm(steps: int) -> Recurrence:
    parameters = values(*(np.random.default_rng(3).normal(size=12) * 0.5))

    def f(*xs: Any) -> Any:
        h: Any = 0.0
        c: Any = 0.0
        for x in xs:
            i, o, g, k = (p[0] + p[1] * x + p[2] * h for p in (parameters[3 * j : 3 * j + 3] for j in range(4)))
            c = sigmoid(k) * c + sigmoid(i) * tanh(g)
            h = sigmoid(o) * tanh(c)
        return h

    return Recurrence(f, parameters, DATA[:steps].tolist())


def tenth(steps: int) -> Recurrence:
    a, b = parameters = values(0.9, 0.2)

    def f(x: Any) -> Any:
        for i in range(steps):
            x = a * x + b * sin(x)
            if i % 10 == 9:
                x = x / sqrt(1.0 + x * x)
        return x

    return Recurrence(f, parameters, [0.7])


def leapfrog(steps: int) -> Recurrence:
    k, _ = parameters = values(1.3, 0.0)

    def f(x: Any) -> Any:
        before, now = x, x * 1.001
        for _ in range(steps):
            before, now = now, 2.0 * now - before - 0.0001 * k * sin(now)
        return now * before

    return Recurrence(f, parameters[:1], [0.9])


def guarded(steps: int) -> Recurrence:
    a, b = parameters = values(0.9, 0.1)

    def f(x: Any) -> Any:
        for _ in range(steps):
            x = a * x + b
            if x > 50.0:
                x = x * 0.5
        return x * x

    return Recurrence(f, parameters, [0.7])


def constants(steps: int) -> Recurrence:
    a, b = parameters = values(0.9, 0.1)

    def f(x: Any) -> Any:
        for i in range(steps):
            x = a * x + b * sin(x + 0.01 * i) * float(DATA[i])
        return x

    return Recurrence(f, parameters, [0.7])


def gradient(steps: int) -> Recurrence:
    inner = pendulum(steps // 3)
    return Recurrence(lambda x, y: sum(value_and_grad(inner.f, (0, 1))(x, y)[1]), inner.parameters, inner.row)


def curvature(steps: int) -> Recurrence:
    inner = kalman(steps // 2)

    def f(*xs: Any) -> Any:
        return sum(hvp(inner.f, list(xs), [1.0] * len(xs)))

    return Recurrence(f, inner.parameters, inner.row)


ALL: dict[str, Callable[[int], Recurrence]] = {
    f.__name__: f
    for f in (
        pendulum, lorenz, logistic, kalman, pid, markov, descent, newton, euler_maruyama, fibonacci, delay, two_loops,
        recurrent, lstm, tenth, leapfrog, guarded, constants, gradient, curvature, markov_logs,
    )
}  # fmt: skip

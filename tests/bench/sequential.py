"""Sequential programs of 1,000 steps, one row: value and gradient by a compiled kernel, in loops in time.

The same program by the interpreter is beside it, and JAX's `lax.scan` where a step is easily written for it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np

from autodiff import Value, compile, log, repeat, sin

from .harness import OURS, QUICK, USUAL, Run, Table, child, rows, times

PLAIN = f"{OURS} (interpreter)"
LOOP = f"{OURS} (plain loop)"
JAX = "jax (scan)"
STEPS = 1_000
FIRST_STEPS = 10_000
H = 0.01
FIRST_ABOUT = """\
Value and gradient of a pendulum after {:,} steps, the first result in a fresh process with no cache: tracing, native
code and one call. The steps are taken by `repeat`, of which a few are traced, or by a loop in Python, which is traced
as a whole."""


def swing(sine: Callable[[Any], Any], g: Any, drag: Any, angle: Any, speed: Any) -> tuple[Any, Any]:
    """Return the state of a pendulum after a step of the classical Runge–Kutta method."""

    def slope(a: Any, v: Any) -> tuple[Any, Any]:
        return v, -g * sine(a) - drag * v

    a1, v1 = slope(angle, speed)
    a2, v2 = slope(angle + H / 2.0 * a1, speed + H / 2.0 * v1)
    a3, v3 = slope(angle + H / 2.0 * a2, speed + H / 2.0 * v2)
    a4, v4 = slope(angle + H * a3, speed + H * v3)
    angle = angle + H / 6.0 * (a1 + 2.0 * a2 + 2.0 * a3 + a4)
    return angle, speed + H / 6.0 * (v1 + 2.0 * v2 + 2.0 * v3 + v4)


def seen(logarithm: Callable[[Any], Any], theta: Sequence[Any], state: Sequence[Any], y: Any) -> tuple[Any, Any, Any]:
    """Return mean, variance and log-likelihood of a Kalman filter after the observation y."""
    (a, q, r), (mean, spread, total) = theta, state
    mean, spread = a * mean, a * a * spread + q
    error, width = y - mean, spread + r
    total = total - 0.5 * (logarithm(6.283185307179586 * width) + error * error / width)
    gain = spread / width
    return mean + gain * error, (1.0 - gain) * spread, total


def pendulum(theta: Sequence[Value], count: int) -> Callable[..., Any]:
    def f(angle: Any, speed: Any) -> Any:
        for _ in range(count):
            angle, speed = swing(sin, *theta, angle, speed)
        return angle

    return f


def kalman(theta: Sequence[Value], count: int) -> Callable[..., Any]:
    def f(ys: Any) -> Any:
        state: tuple[Any, Any, Any] = 0.0, 1.0, 0.0
        for y in ys:
            state = seen(log, theta, state, y)
        return state[2]

    return f


def repeated(theta: Sequence[Value], count: int) -> Callable[..., Any]:
    def f(angle: Any, speed: Any) -> Any:
        return repeat(lambda state: swing(sin, *theta, *state), (angle, speed), count)[0]

    return f


def scans(count: int) -> dict[str, Callable[..., Any]]:
    """Return the functions of (theta, data of a row) with JAX's scan, of which the gradient is taken."""
    import jax
    from jax import numpy as jnp

    jax.config.update("jax_enable_x64", True)

    def swings(theta: Any, angle: Any, speed: Any) -> Any:
        last, _ = jax.lax.scan(lambda s, _: (swing(jnp.sin, *theta, *s), None), (angle, speed), None, length=count)
        return last[0]

    def filters(theta: Any, ys: Any) -> Any:
        start = jnp.asarray(0.0), jnp.asarray(1.0), jnp.asarray(0.0)
        last, _ = jax.lax.scan(lambda s, y: (seen(jnp.log, theta, s, y), None), start, ys)
        return last[2]

    return {"pendulum": swings, "kalman": filters}


def programs(name: str, count: int) -> tuple[dict[str, Run], dict[str, Any]]:
    """Return the contenders for a program, and what their results are as lists of numbers."""
    numbers, make = {"pendulum": ([9.81, 0.1], pendulum), "kalman": ([0.9, 0.3, 0.5], kalman)}[name]
    rng = np.random.default_rng(0)
    data = [np.array([0.5]), np.array([0.1])] if name == "pendulum" else [rng.normal(size=(1, count))]
    theta = [Value(x) for x in numbers]
    vector = np.array(numbers)
    runs: dict[str, Run] = {}
    for title, backend in ((OURS, "auto"), (PLAIN, "interpreter")):
        kernel = compile(make(theta, count), backend=backend).kernel(*data, parameters=theta)
        runs[title] = partial(kernel, vector, *data)
    if find_spec("jax"):
        import jax

        gradient = jax.jit(jax.value_and_grad(scans(count)[name]))  # in 64 bits from here on
        given = [jax.numpy.asarray(x[0]) for x in data]
        runs[JAX] = lambda: jax.block_until_ready(gradient(jax.numpy.asarray(vector), *given))
    return runs, dict.fromkeys(runs, lambda result: [float(result[0]), *np.asarray(result[1]).tolist()])


def of_first(name: str, count: int) -> float:
    """Return the seconds to the first value and gradient of a pendulum, without a cache on disk."""
    os.environ["AUTODIFF_CACHE"] = "0"
    numbers = np.array([9.81, 0.1])
    if name == JAX:
        import jax

        scan = scans(count)["pendulum"]
        start = time.perf_counter()
        jax.block_until_ready(jax.jit(jax.value_and_grad(scan))(jax.numpy.asarray(numbers), 0.5, 0.1))
        return time.perf_counter() - start
    theta, data = [Value(x) for x in numbers.tolist()], [np.array([0.5]), np.array([0.1])]
    make = repeated if name == OURS else pendulum
    start = time.perf_counter()
    compile(make(theta, count)).kernel(*data, parameters=theta)(numbers, *data)
    return time.perf_counter() - start


def first_results(count: int, turns: int) -> Table:
    """Return the table of the first results of a long simulation."""
    names = [OURS, LOOP, *([JAX] if find_spec("jax") else [])]
    record: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(turns):
        for name in names:
            record[name].append(child(f"of_first({name!r}, {count})", "sequential"))
    title = "First result of a long simulation"
    return Table(title, FIRST_ABOUT.format(count), "s", rows(record, {}), [])


def measure(*, quick: bool) -> list[Table]:
    tables = [first_results(300 if quick else FIRST_STEPS, 1 if quick else 3)]
    for name in ("pendulum", "kalman"):
        runs, read = programs(name, 100 if quick else STEPS)
        record = times(f"Sequential {name}", runs, QUICK if quick else USUAL, read)
        tables.append(Table(f"Sequential {name}", str(__doc__), "s", rows(record, {}), []))
    return tables

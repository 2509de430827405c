"""Loops that end by a test on the data, on many rows: each row takes its own path, of up to some hundred.

Orbits are Kepler's equation solved by Newton's method until it converges; rays march to the surface of a rippled
sphere, or leave it behind. Beside them is JAX's `lax.while_loop` under `vmap`, which goes on until the last row ends.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import numpy as np

import autodiff
from autodiff import compile

from .harness import OURS, QUICK, USUAL, Run, Table, rows, times

RAYS, ORBITS = 48, 2_000  # rays along an edge of the image


def newton(m: Any, mean: Any, eccentricity: Any, anomaly: Any) -> Any:
    """Return the step of Newton's method for Kepler's equation M = E - e sin E."""
    return (anomaly - eccentricity * m.sin(anomaly) - mean) / (1.0 - eccentricity * m.cos(anomaly))


def distance(m: Any, dx: Any, dy: Any, t: Any) -> Any:
    """Return how far the surface is at least from the point at t of a ray from (0, 0, -3) along (dx, dy, 1)."""
    n = m.sqrt(dx * dx + dy * dy + 1.0)
    x, y, z = dx / n * t, dy / n * t, t / n - 3.0
    return m.sqrt(x * x + y * y + z * z) - 1.0 - 0.05 * m.sin(8.0 * x)


def orbit(mean: Any, eccentricity: Any) -> Any:
    anomaly, step = mean, 1.0
    while abs(step) > 1e-12:
        step = newton(autodiff, mean, eccentricity, anomaly)
        anomaly = anomaly - step
    return anomaly


def ray(dx: Any, dy: Any) -> Any:
    t, far = 0.0 * dx, distance(autodiff, dx, dy, 0.0 * dx)
    while far > 1e-4:
        t = t + 0.7 * far
        if t > 10.0:
            break
        far = distance(autodiff, dx, dy, t)
    return t


def loops(jnp: ModuleType) -> dict[str, Callable[..., Any]]:
    """Return the functions of a row with JAX's `while_loop`."""
    from jax.lax import while_loop

    def orbits(mean: Any, eccentricity: Any) -> Any:
        def on(state: Any) -> Any:
            step = newton(jnp, mean, eccentricity, state[0])
            return state[0] - step, step

        return while_loop(lambda state: abs(state[1]) > 1e-12, on, (mean, jnp.ones_like(mean)))[0]

    def march(dx: Any, dy: Any) -> Any:
        def on(state: Any) -> Any:
            t = state[0] + 0.7 * state[1]
            return t, distance(jnp, dx, dy, t)

        start = 0.0 * dx, distance(jnp, dx, dy, 0.0 * dx)
        return while_loop(lambda state: (state[1] > 1e-4) & (state[0] <= 10.0), on, start)[0]

    return {"orbits": orbits, "rays": march}


def measure(*, quick: bool) -> list[Table]:
    rng, edge = np.random.default_rng(0), np.linspace(-0.6, 0.6, 6 if quick else RAYS)
    count = 50 if quick else ORBITS
    across, up = np.meshgrid(edge, edge)
    data = {
        "orbits": (orbit, [rng.uniform(0.0, 6.28, count), rng.uniform(0.0, 0.9, count)]),
        "rays": (ray, [across.ravel(), up.ravel()]),
    }
    tables = []
    for name, (f, columns) in data.items():
        runs: dict[str, Run] = {OURS: partial(compile(f).map, *columns)}
        if find_spec("jax"):
            import jax

            jax.config.update("jax_enable_x64", True)
            loop = jax.jit(jax.vmap(loops(jax.numpy)[name]))
            given = [jax.numpy.asarray(x) for x in columns]
            runs["jax (while_loop)"] = lambda loop=loop, given=given: jax.block_until_ready(loop(*given))
        read = dict.fromkeys(runs, lambda found: np.asarray(found).tolist())
        record = times(f"Branches: {name}", runs, QUICK if quick else USUAL, read)
        tables.append(Table(f"Branches: {name}", str(__doc__), "s", rows(record, {}), []))
    return tables

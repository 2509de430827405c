"""JAX on the CPU, float64: compiled by `jit` before the clock starts, which pays if the expression stays; and eager."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .. import chain as chains
from ..harness import Run
from ..moons_step import PENALTY, data, weights
from ..readme_expression import composed
from ..second_derivative import POINT, expression

CANNOT = {"memory": "keeps arrays in a compiled loop, not a graph of nodes"}

jax.config.update("jax_enable_x64", True)


def _both(run: Any, *args: Any) -> dict[str, Run]:
    """Return the program compiled and eager; `run` gives an array or nested tuples of arrays."""

    def floats(f: Any) -> Run:
        return lambda: [float(x) for x in jax.tree.leaves(f(*args))]

    return {"jax (jit)": floats(jax.jit(run)), "jax (eager)": floats(run)}


def readme_expression() -> dict[str, Run]:
    return _both(jax.value_and_grad(lambda a, b: composed(a, b, jax.nn.relu), (0, 1)), -4.0, 2.0)


def moons_step() -> dict[str, Run]:
    X, labels = map(jnp.array, data())
    layers = [(jnp.array([row[:-1] for row in rows]), jnp.array([row[-1] for row in rows])) for rows in weights()]

    def loss(layers: Any) -> Any:
        x = X
        for W, b in layers[:-1]:
            x = jax.nn.relu(x @ W.T + b)
        W, b = layers[-1]
        scores = (x @ W.T + b)[:, 0]
        penalty = sum(jnp.sum(p * p) for p in jax.tree.leaves(layers))
        return jnp.mean(jax.nn.relu(1.0 - labels * scores)) + PENALTY * penalty

    @jax.jit
    def step(layers: Any) -> tuple[Any, Any, Any]:
        value, slopes = jax.value_and_grad(loss)(layers)
        flat = jnp.concatenate([jnp.column_stack(layer).ravel() for layer in slopes])
        return value, flat, jax.tree.map(lambda p, slope: p - 0.0 * slope, layers, slopes)

    def run() -> list[float]:
        nonlocal layers
        value, slopes, layers = step(layers)
        return [float(value), *slopes.tolist()]

    return {"jax (jit)": run}


def chain(steps: int) -> dict[str, Run]:
    def end(x: Any, b: Any, a: Any) -> Any:
        return jax.lax.fori_loop(0, steps, lambda _, x: x * b + a, x)

    run = _both(jax.value_and_grad(end, (0, 1, 2)), chains.X, chains.B, chains.A)
    return {"jax (jit of a loop)": run["jax (jit)"]}


def wide_sum(numbers: list[float]) -> dict[str, Run]:
    both = jax.jit(jax.value_and_grad(jnp.sum))

    def run() -> list[float]:
        total, slopes = both(jnp.asarray(np.array(numbers)))  # jnp.array of a list is slow
        return [float(total), *np.asarray(slopes).tolist()]

    return {"jax (jit)": run}


def second_derivative() -> dict[str, Run]:
    return _both(jax.grad(jax.grad(lambda x: expression(jnp, x))), POINT)

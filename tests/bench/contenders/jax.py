"""JAX on the CPU, float64, one thread: compiled by `jit` before the clock starts, which pays if the work
stays; and eager."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from .. import calls
from .. import chain as chains
from ..harness import Read, Run
from ..moons_step import PENALTY, data, weights
from ..nets import Net, flat
from ..readme_expression import composed
from ..second_derivative import POINT, expression

if TYPE_CHECKING:
    from ..calls import Work as Derivatives
    from ..training import Work

CANNOT = {"memory": "keeps arrays in a compiled loop, not a graph of nodes"}

jax.config.update("jax_enable_x64", True)

ACTIVATIONS = {"relu": jax.nn.relu, "tanh": jnp.tanh}
LOSSES = {
    "margin": lambda scores, Y: jax.nn.relu(1.0 - Y * scores[:, 0]),
    "squares": lambda scores, Y: (scores[:, 0] - Y) ** 2,
    "entropy": lambda scores, Y: jax.nn.logsumexp(scores, axis=1) - scores[jnp.arange(len(Y)), Y.astype(int)],
}


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


def derivatives(work: Derivatives) -> dict[str, tuple[Run, Read]]:
    x = np.array(work.point)
    f = _energy if work.f is calls.energy else lambda x: jnp.array(work.f(jnp, x))
    if work.kind == "gradient":
        both = jax.jit(jax.value_and_grad(lambda x: jnp.sum(x * x * (1.0 + x))))
        return {"jax (jit)": (lambda: jax.device_get(both(x)), lambda found: [float(found[0]), *found[1].tolist()])}
    call = jax.jit(jax.jacfwd(f) if work.kind == "jacobian" else jax.hessian(f))
    return {"jax (jit)": (lambda: np.asarray(call(x)), lambda found: found.ravel().tolist())}


def _energy(x: Any) -> Any:
    i, j = np.triu_indices(calls.ATOMS, 1)
    x = x.reshape(-1, 3)
    sixth = jnp.sum((x[i] - x[j]) ** 2, axis=1) ** -3
    return jnp.sum(4.0 * (sixth * sixth - sixth))


def net_gradient(net: Net) -> dict[str, tuple[Run, Read]]:
    X, Y = jnp.array(net.X), jnp.array(net.Y)
    layers = [(jnp.array(W), jnp.array(b)) for W, b in net.matrices()]
    activate, criterion = ACTIVATIONS[net.activation], LOSSES[net.loss]

    def loss(layers: Any, X: Any, Y: Any) -> Any:
        for W, b in layers[:-1]:
            X = activate(X @ W.T + b)
        W, b = layers[-1]
        return jnp.mean(criterion(X @ W.T + b, Y))

    both = jax.jit(jax.value_and_grad(loss))
    theta, layered = ravel_pytree(layers)
    both_flat = jax.jit(jax.value_and_grad(lambda theta, X, Y: loss(layered(theta), X, Y)))
    return {
        "jax (jit)": (lambda: jax.block_until_ready(both(layers, X, Y)), lambda found: flat(*found)),
        "jax (jit, flat)": (
            lambda: jax.block_until_ready(both_flat(theta, X, Y)),
            lambda found: flat(found[0], layered(found[1])),
        ),
    }


def training(work: Work) -> dict[str, Run]:
    X, Y = jnp.array(work.net.X), jnp.array(work.net.Y)
    activate = ACTIVATIONS[work.net.activation]
    criterion = {**LOSSES, "logistic": lambda Z, Y: jax.nn.softplus(-Y * Z[:, 0])}[work.net.loss]
    batches = [(X[start : start + work.batch], Y[start : start + work.batch]) for start in range(0, len(X), work.batch)]

    def loss(layers: Any, X: Any, Y: Any) -> Any:
        for W, b in layers[:-1]:
            X = activate(X @ W.T + b)
        W, b = layers[-1]
        return jnp.mean(criterion(X @ W.T + b, Y))

    @jax.jit
    def step(layers: Any, X: Any, Y: Any) -> Any:
        return jax.tree.map(lambda p, slope: p - work.lr * slope, layers, jax.grad(loss)(layers, X, Y))

    def run() -> list[tuple[Any, Any]]:
        layers = [(jnp.array(W), jnp.array(b)) for W, b in work.net.matrices()]
        for _ in range(work.epochs):
            for X, Y in batches:
                layers = step(layers, X, Y)
        return jax.block_until_ready(layers)

    return {"jax (jit)": run}

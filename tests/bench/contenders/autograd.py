"""HIPS autograd: `value_and_grad` of functions over autograd.numpy, traced in each call; arrays where they fit."""

from __future__ import annotations

from typing import Any

import autograd.numpy as np
import numpy
from autograd import grad, make_vjp, value_and_grad

from .. import chain as chains
from ..harness import Read, Run
from ..moons_step import PENALTY, data, weights
from ..nets import Net, flat
from ..readme_expression import composed
from ..second_derivative import POINT, expression

CANNOT = {"images": "is left out", "derivatives": "traces in each call, and is left out of single calls"}
ACTIVATIONS = {"relu": lambda z: np.maximum(z, 0.0), "tanh": np.tanh}
LOSSES = {
    "margin": lambda scores, Y: np.maximum(1.0 - Y * scores[:, 0], 0.0),
    "squares": lambda scores, Y: (scores[:, 0] - Y) ** 2,
    "entropy": lambda scores, Y: np.log(np.sum(np.exp(scores), axis=1)) - scores[np.arange(len(Y)), Y.astype(int)],
}


def readme_expression() -> dict[str, Run]:
    both = value_and_grad(lambda a, b: composed(a, b, lambda x: np.maximum(x, 0.0)), (0, 1))

    def run() -> list[float]:
        value, slopes = both(-4.0, 2.0)
        return [float(value), *map(float, slopes)]

    return {"autograd": run}


def moons_step() -> dict[str, Run]:
    X, labels = map(np.array, data())
    layers = [np.array(layer) for layer in weights()]  # the last column of a layer is its bias

    def loss(layers: list[Any]) -> Any:
        x = X
        for layer in layers[:-1]:
            x = np.maximum(np.dot(x, layer[:, :-1].T) + layer[:, -1], 0.0)
        scores = np.dot(x, layers[-1][:, :-1].T)[:, 0] + layers[-1][0, -1]
        penalty = sum(np.sum(layer * layer) for layer in layers)
        return np.mean(np.maximum(1.0 - labels * scores, 0.0)) + PENALTY * penalty

    both = value_and_grad(loss)

    def run() -> list[float]:
        value, slopes = both(layers)
        for i, slope in enumerate(slopes):
            layers[i] = layers[i] - 0.0 * slope
        return [float(value), *np.concatenate([slope.ravel() for slope in slopes]).tolist()]

    return {"autograd": run}


def chain(steps: int) -> dict[str, Run]:
    both = value_and_grad(lambda x, b, a: chains.chained(x, b, a, steps), (0, 1, 2))

    def run() -> list[float]:
        value, slopes = both(chains.X, chains.B, chains.A)
        return [float(value), *map(float, slopes)]

    return {"autograd": run}


def forward(steps: int) -> tuple[float, Any]:
    pullback, value = make_vjp(lambda x: chains.chained(x[0], x[1], x[2], steps))(
        np.array([chains.X, chains.B, chains.A])
    )
    return float(value), pullback


def wide_sum(numbers: list[float]) -> dict[str, Run]:
    both = value_and_grad(np.sum)

    def run() -> list[float]:
        value, slopes = both(numpy.array(numbers))
        return [float(value), *slopes.tolist()]

    return {"autograd": run}


def second_derivative() -> dict[str, Run]:
    second = grad(grad(lambda x: expression(np, x)))
    return {"autograd": lambda: [float(second(POINT))]}


def net_gradient(net: Net) -> dict[str, tuple[Run, Read]]:
    X, Y = np.array(net.X), np.array(net.Y)
    layers = [(np.array(W), np.array(b)) for W, b in net.matrices()]
    activate, criterion = ACTIVATIONS[net.activation], LOSSES[net.loss]

    def loss(layers: list[Any]) -> Any:
        x = X
        for W, b in layers[:-1]:
            x = activate(np.dot(x, W.T) + b)
        W, b = layers[-1]
        return np.mean(criterion(np.dot(x, W.T) + b, Y))

    both = value_and_grad(loss)
    return {"autograd": (lambda: both(layers), lambda found: flat(*found))}

"""NumPy: it has no derivatives; nets are differentiated by back-propagation in matrix products, written by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..harness import Read, Run
from ..nets import Net, flat

CANNOT = dict.fromkeys(
    ["readme_expression", "moons_step", "chain", "wide_sum", "second_derivative", "memory", "derivatives"],
    "differentiates nothing by itself",
)
Activation = tuple[Callable[[Any], Any], Callable[[Any], Any]]  # a(z), and a' as a function of a
ACTIVATIONS: dict[str, Activation] = {
    "relu": (lambda z: np.maximum(z, 0.0), lambda a: a > 0.0),
    "tanh": (np.tanh, lambda a: 1.0 - a * a),
}


def net_gradient(net: Net) -> dict[str, tuple[Run, Read]]:
    X, Y, layers = np.array(net.X), np.array(net.Y), net.matrices()
    activate, slope = ACTIVATIONS[net.activation]
    criterion = LOSSES[net.loss]

    def run() -> tuple[Any, list[tuple[Any, Any]]]:
        inputs = [X]
        for W, b in layers[:-1]:
            inputs.append(activate(inputs[-1] @ W.T + b))
        W, b = layers[-1]
        value, delta = criterion(inputs[-1] @ W.T + b, Y)
        slopes = []
        for i in reversed(range(len(layers))):
            slopes.append((delta.T @ inputs[i], delta.sum(axis=0)))
            if i:
                delta = (delta @ layers[i][0]) * slope(inputs[i])
        return value, slopes[::-1]

    return {"numpy": (run, lambda found: flat(*found))}


def _margin(scores: Any, Y: Any) -> tuple[Any, Any]:
    """Return the mean loss and its derivatives by the scores."""
    margins = 1.0 - Y * scores[:, 0]
    return np.maximum(margins, 0.0).mean(), (np.where(margins > 0.0, -Y, 0.0) / len(Y))[:, None]


def _squares(scores: Any, Y: Any) -> tuple[Any, Any]:
    errors = scores[:, 0] - Y
    return (errors * errors).mean(), (2.0 / len(Y) * errors)[:, None]


def _entropy(scores: Any, Y: Any) -> tuple[Any, Any]:
    rows, labels = np.arange(len(Y)), Y.astype(int)
    shifted = scores - scores.max(axis=1, keepdims=True)
    exps = np.exp(shifted)
    totals = exps.sum(axis=1)
    delta = exps / totals[:, None]
    delta[rows, labels] -= 1.0
    return (np.log(totals) - shifted[rows, labels]).mean(), delta / len(Y)


LOSSES = {"margin": _margin, "squares": _squares, "entropy": _entropy}

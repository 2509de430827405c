"""The nets whose loss is differentiated again and again: their data, their weights, and the order of the results."""

from __future__ import annotations

import random
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from .moons_step import SIZES, data, weights

Layers = list[list[list[float]]]


class Net(NamedTuple):
    """A fully connected net, and the mean of a loss over rows X with labels Y.

    `loss` is "margin", max(0, 1 - y · score), "squares", (score - y)², or "entropy", the cross entropy of the softmax
    of the scores; the last layer is linear. A layer has a row for each neuron, its weights and then its bias.
    """

    name: str
    sizes: list[int]
    activation: str
    loss: str
    X: list[list[float]]
    Y: list[float]
    layers: Layers

    def matrices(self) -> list[tuple[Any, Any]]:
        """Return weights and biases of each layer as arrays."""
        return [(np.array(layer)[:, :-1], np.array(layer)[:, -1]) for layer in self.layers]

    def targets(self) -> list[list[float]]:
        """Return for each row its labels, of an entropy 1 for the label and 0 for the others."""
        if self.loss != "entropy":
            return [[y] for y in self.Y]
        return [[float(i == y) for i in range(self.sizes[-1])] for y in self.Y]


def moons(activation: str = "relu", loss: str = "margin") -> Net:
    """Return the net of micrograd's demo."""
    X, Y = data()
    return Net(f"moons_{activation}", SIZES, activation, loss, X, Y, weights())


def digits(count: int = 100) -> Net:
    """Return a net for images of 8 × 8 pixels and ten classes; inputs and labels are random."""
    return _classifier("digits", [64, 30, 10], count)


def images(hidden: int, count: int) -> Net:
    """Return a net for images of 28 × 28 pixels and ten classes; inputs and labels are random."""
    return _classifier("images", [784, hidden, 10], count)


def _classifier(name: str, sizes: list[int], count: int) -> Net:
    rng = random.Random(0)
    layers = [
        [[rng.uniform(-1.0, 1.0) / before**0.5 for _ in range(before)] + [0.0] for _ in range(after)]
        for before, after in pairwise(sizes)
    ]
    X = [[rng.gauss(0.0, 1.0) for _ in range(sizes[0])] for _ in range(count)]
    return Net(name, sizes, "relu", "entropy", X, [float(rng.randrange(10)) for _ in X], layers)


def flat(value: Any, slopes: Iterable[tuple[Any, Any]]) -> list[float]:
    """Return the value, then the derivatives layer by layer, neuron by neuron, that by the bias after the weights."""
    parts = [np.column_stack([np.asarray(W), np.asarray(b)]).ravel() for W, b in slopes]
    return [float(value), *np.concatenate(parts).tolist()]

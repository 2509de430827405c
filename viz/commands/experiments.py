"""The experiments of the demo: training on two moons, and cross-validation on the iris data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import autodiff
import nn
from autodiff import Value

from ..plots.boundary import Array

Classes = NDArray[np.int_]
Report = Callable[[str, float], None]  # called after each step with the name of the data and the loss


@dataclass(frozen=True)
class Moons:
    """A net trained on two moons: the examples, the loss at each step, and the accuracy."""

    net: nn.MLP
    X: Array
    y: Classes
    losses: list[float]
    accuracy: float


def train_moons(steps: int, report: Report, *, seed: int = 0) -> Moons:
    """Train a net of 2-16-16-1 on 100 moons by full-batch gradient descent, as micrograd's demo does.

    >>> losses = train_moons(3, lambda name, loss: None).losses
    >>> len(losses)
    3
    """
    X, y = nn.datasets.moons(100, 0.1, rng=seed)
    examples = list(zip(X.tolist(), y.tolist(), strict=True))
    net = nn.MLP(2, [16, 16, 1], rng=seed)
    weights = net.parameters()
    descent, losses = nn.SGD(weights, lr=1.0), []
    for step in range(steps):
        descent.lr = 1.0 - 0.9 * step / steps
        margins = autodiff.sum([nn.hinge(net(x), target) for x, target in examples])
        loss = margins / len(examples) + 1e-4 * autodiff.dot(weights, weights)
        _descend(descent, loss)
        losses.append(loss.data)
        report("moons", loss.data)
    right = [(net(x).data > 0.0) == (target > 0) for x, target in examples]
    return Moons(net, X, y, losses, float(np.mean(right)))


def cross_validate_iris(epochs: int, report: Report, *, folds: int = 5, seed: int = 0) -> list[float]:
    """Return the accuracy on each fold of a net of 4-8-3, trained on the other folds in batches of ten.

    Inputs are standardized by the mean and deviation of the training folds. The settings were chosen on the folds of
    other seeds.

    >>> len(cross_validate_iris(1, lambda name, loss: None))
    5
    """
    X, y, _ = nn.datasets.iris()
    fold = stratified(y, folds, seed=seed)
    return [_train_iris(X, y, fold != k, epochs, report, seed=k) for k in range(folds)]


def stratified(y: Classes, folds: int, *, seed: int) -> Classes:
    """Return the fold of each example, stratified by class; on iris as scikit-learn's shuffled StratifiedKFold.

    >>> sorted(stratified(np.array([7, 7, 7, 7, 9, 9]), 2, seed=0)[:4].tolist())
    [0, 0, 1, 1]
    """
    draw, fold = np.random.RandomState(seed), np.empty(len(y), int)
    for kind in dict.fromkeys(y.tolist()):
        folds_of_kind = np.sort(np.arange(np.count_nonzero(y == kind)) % folds)
        draw.shuffle(folds_of_kind)
        fold[y == kind] = folds_of_kind
    return fold


def _train_iris(X: Array, y: Classes, chosen: NDArray[np.bool_], epochs: int, report: Report, *, seed: int) -> float:
    """Train a net on the `chosen` irises and return its accuracy on the others."""
    draw = np.random.default_rng(seed)
    Z = ((X - X[chosen].mean(axis=0)) / X[chosen].std(axis=0)).tolist()
    net = nn.MLP(4, [8, 3], activation="tanh", init="glorot", rng=draw)
    descent = nn.SGD(net.parameters(), lr=0.3)
    for _ in range(epochs):
        for batch in np.array_split(draw.permutation(np.flatnonzero(chosen)), chosen.sum() // 10):
            outputs = [(net(Z[i]), int(y[i])) for i in batch]
            losses = [autodiff.surprisal(z, species) for z, species in outputs]
            loss = autodiff.sum(losses) / len(batch)
            _descend(descent, loss)
        report("iris", loss.data)
    right = [np.argmax([z.data for z in net(Z[i])]) == y[i] for i in np.flatnonzero(~chosen)]
    return float(np.mean(right))


def _descend(descent: nn.SGD, loss: Value) -> None:
    descent.zero_grad()
    loss.backward()
    descent.step()

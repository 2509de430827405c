"""Whole trainings: the same data, initial weights, loss, optimizer (SGD) and batches in the same order, to the end.

A run is what a user calls: it makes model and optimizer, compiles where something compiles, takes every step and leaves
the weights, whose loss on all rows is compared. Batches are not shuffled, since each package has its own generator.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from nn.datasets import iris as irises

from . import nets
from .contenders import TRAINERS, absent, installed
from .harness import LARGE, OURS, QUICK, Read, Run, Table, agree, rows, times
from .nets import Net

EPOCHS_OF_MICROGRAD = 2
PROMISED = {"torch": 5.0, "sklearn": 3.0}
DIGITS_PROMISED = {"torch": 3.0, "sklearn": 2.0}
ABOUT = {
    "moons": """MLP 2-16-16-1 with relu on 100 moons, all rows at once: {epochs:,} steps of SGD on the cross entropy of
the sigmoid of the score.""",
    "margin": """The same with the max-margin loss, which micrograd can do: {epochs:,} steps. Its time is scaled up
from {few} steps, after which its loss is compared.""",
    "iris": """MLP 4-10-3 with relu on 150 irises, all rows at once: {epochs:,} steps of SGD on the cross entropy.""",
    "digits": """MLP 64-30-10 with relu on scikit-learn's 1,797 digits, in batches of 10: {epochs} epochs of 180 steps
of SGD on the cross entropy.""",
}


class Work(NamedTuple):
    """A training: a net with its data, weights and loss, rows in a batch, a learning rate, and epochs.

    `loss` of the net is here also "logistic", the cross entropy of the sigmoid of one score with labels ±1.
    """

    net: Net
    batch: int
    lr: float
    epochs: int

    def loss(self, matrices: Any) -> float:
        """Return the loss on all rows of a net with these weights and biases, by NumPy."""
        A, Y = np.array(self.net.X), np.array(self.net.Y)
        for W, b in matrices[:-1]:
            Z = A @ np.asarray(W).T + np.asarray(b)
            A = np.tanh(Z) if self.net.activation == "tanh" else np.maximum(Z, 0.0)
        W, b = (np.asarray(part) for part in matrices[-1])
        Z = A @ W.T + b
        if self.net.loss == "logistic":
            return float(np.logaddexp(0.0, -Y * Z[:, 0]).mean())
        if self.net.loss == "margin":
            return float(np.maximum(0.0, 1.0 - Y * Z[:, 0]).mean())
        chosen = Z[np.arange(len(Y)), Y.astype(int)]
        return float((np.logaddexp.reduce(Z, axis=1) - chosen).mean())


def works(*, quick: bool) -> dict[str, Work]:
    """Return the trainings by name."""
    few = 3
    moons = nets.moons()
    works = {
        "moons": Work(moons._replace(loss="logistic"), 100, 0.1, few if quick else 2_000),
        "margin": Work(moons, 100, 0.05, few if quick else 2_000),
        "iris": Work(iris(), 150, 0.05, few if quick else 5_000),
    }
    with suppress(ModuleNotFoundError):  # scikit-learn has them
        works["digits"] = Work(digits(), 10, 0.05, 1 if quick else 30)
    return works


def iris() -> Net:
    """Return a net for Fisher's irises, standardized."""
    X, y, _ = irises()
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    return Net("iris", [4, 10, 3], "relu", "entropy", X.tolist(), y.astype(float).tolist(), weights([4, 10, 3]))


def digits() -> Net:
    """Return a net for scikit-learn's digits, from 0 to 1."""
    from sklearn.datasets import load_digits

    found = load_digits()
    sizes = [64, 30, 10]
    X, y = (found.data / 16.0).tolist(), found.target.astype(float).tolist()
    return Net("digits", sizes, "relu", "entropy", X, y, weights(sizes))


def weights(sizes: list[int]) -> nets.Layers:
    """Return weights in ±√(6/(inputs + outputs)), and biases of 0."""
    rng = np.random.default_rng(0)
    return [
        np.column_stack([rng.uniform(-1.0, 1.0, (n, m)) * (6.0 / (m + n)) ** 0.5, np.zeros(n)]).tolist()
        for m, n in pairwise(sizes)
    ]


def trainers(work: Work) -> tuple[dict[str, Run], dict[str, Read], list[str]]:
    """Return name → run, and how its weights become a loss, of all packages that can do the work; and remarks."""
    found = list(installed(TRAINERS))
    runs: dict[str, Run] = {}
    for _, module in found:
        if module is not None:
            runs.update(module.training(work))
    remarks = [f"scikit-learn {REASON}."] if work.net.loss == "margin" and "sklearn" not in runs else []
    return runs, dict.fromkeys(runs, lambda matrices: [work.loss(matrices)]), remarks + absent(found)


REASON = "has no max-margin loss for nets"


def measure(*, quick: bool) -> list[Table]:
    tables = []
    for name, work in works(quick=quick).items():
        title = f"Training, {name}"
        runs, read, remarks = trainers(work)
        record = times(title, runs, QUICK if quick else LARGE, read)
        if name == "margin":
            remarks += micrograd(title, work, record)
        promised = {} if name == "margin" else DIGITS_PROMISED if name == "digits" else PROMISED
        about = ABOUT[name].format(epochs=work.epochs, few=EPOCHS_OF_MICROGRAD)
        remarks.append(
            f"The loss falls from {work.loss(work.net.matrices()):.4g} to {read[OURS](runs[OURS]())[0]:.4g}."
        )
        tables.append(Table(title, about, "s", rows(record, promised), remarks))
    return tables


def micrograd(title: str, work: Work, record: dict[str, list[float]]) -> list[str]:
    """Add micrograd's time to a record, scaled up; return a remark if it is not installed."""
    try:
        from .contenders import micrograd as theirs
    except ModuleNotFoundError:
        return ["Not installed: micrograd."]
    few = work._replace(epochs=EPOCHS_OF_MICROGRAD)
    runs, read, _ = trainers(few)
    both = {OURS: runs[OURS], "micrograd": theirs.training(few)["micrograd"]}
    seconds = times(title, both, QUICK, dict.fromkeys(both, read[OURS]))["micrograd"][0]
    agree(title, "micrograd", [few.loss(both["micrograd"]())], [few.loss(both[OURS]())])
    record["micrograd"] = [seconds * work.epochs / EPOCHS_OF_MICROGRAD]
    return []

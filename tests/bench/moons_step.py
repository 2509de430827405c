"""A training step of micrograd's demo: MLP 2-16-16-1, 100 moons, max-margin loss, gradient of 337 parameters, update.

Scalar engines work number by number; packages with arrays do the step in batched matrix products, as their users would.
"""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

from nn.datasets import moons

from .contenders import programs
from .harness import BUILD, QUICK, USUAL, Run, Table, rows, times

SIZES = [2, 16, 16, 1]
PENALTY = 1e-4
PROMISED = {"pure": {"micrograd": 18.0}, "compiled": {"micrograd": 90.0, "xad": 2.5}}


def data() -> tuple[list[list[float]], list[float]]:
    """Return 100 points and their labels, ±1."""
    X, y = moons(100, noise=0.1, rng=1)
    return [[float(x) for x in row] for row in X], [1.0 if label > 0 else -1.0 for label in y]


def weights() -> list[list[list[float]]]:
    """Return for each layer a row for each neuron: its weights as micrograd draws them, and its bias."""
    random.seed(1337)
    return [
        [[*(random.uniform(-1, 1) for _ in range(before)), 0.0] for _ in range(after)]
        for before, after in pairwise(SIZES)
    ]


def step(kind: Any, net: Any) -> Run:
    """Return the demo's step by micrograd's classes or ours: forward, loss, backward, update (at rate 0)."""
    X, labels = data()
    random.seed(1337)
    model = net(SIZES[0], SIZES[1:])

    def run() -> list[float]:
        inputs = [list(map(kind, row)) for row in X]
        scores = list(map(model, inputs))
        losses = [(1 + -yi * scorei).relu() for yi, scorei in zip(labels, scores, strict=True)]
        loss = sum(losses) * (1.0 / len(losses)) + PENALTY * sum(p * p for p in model.parameters())
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= 0.0 * p.grad
        return [loss.data, *(p.grad for p in model.parameters())]

    return run


def measure(*, quick: bool) -> list[Table]:
    title = "Moons step"
    runs, remarks = programs("moons_step")
    record = times(title, runs, QUICK if quick else USUAL)
    return [Table(title, str(__doc__), "s", rows(record, PROMISED[BUILD]), remarks)]

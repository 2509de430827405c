"""Fixtures of the tests of fit: two moons, small models, the engines, and a fit without a progress bar."""

from __future__ import annotations

from typing import Any

import nn
from autodiff import Value
from nn import MLP, Module, fit
from nn.datasets import moons

X, LABELS = moons(60, rng=0)
ENGINES = ["compiled", "eager", "backprop"]


class Line(Module):
    """a·x + b."""

    def __init__(self) -> None:
        self.a, self.b = Value(0.5), Value(0.0)

    def __call__(self, x: Any) -> Value:
        return self.a * x[0] + self.b


def net(rng: int = 0) -> MLP:
    return MLP(2, [6, 1], activation="tanh", rng=rng)


def quiet(*args: Any, **options: Any) -> nn.History:
    return fit(*args, **{"progress": False, "rng": 0, **options})

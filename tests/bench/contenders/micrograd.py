"""micrograd: the same programs as ours. Its `backward` recurses; chains and sums need the recursion limit raised."""

from __future__ import annotations

import builtins
import sys
from typing import TYPE_CHECKING, Any

from micrograd.engine import Value
from micrograd.nn import MLP

from .. import chain as chains
from ..harness import Read, Run
from ..moons_step import step
from ..nets import Net
from ..readme_expression import expression
from .autodiff import run_chain, run_sum

if TYPE_CHECKING:
    from ..training import Work

CANNOT = {
    "second_derivative": "has no second derivatives",
    "derivatives": "has no second derivatives",
    "moons_tanh": "has no tanh",
    "digits": "has no logarithm",
    "images": "has no logarithm",
}
DEEP = 10_000_000


def readme_expression() -> dict[str, Run]:
    return {"micrograd": lambda: expression(Value)}


def moons_step() -> dict[str, Run]:
    return {"micrograd": step(Value, MLP)}


def chain(steps: int) -> dict[str, Run]:
    return {"micrograd": lambda: _deep(run_chain, Value, steps)}


def forward(steps: int) -> tuple[float, Any]:
    y = chains.chained(Value(chains.X), Value(chains.B), Value(chains.A), steps)
    return y.data, y


def wide_sum(numbers: list[float]) -> dict[str, Run]:
    return {"micrograd": lambda: _deep(run_sum, Value, builtins.sum, numbers)}


def _deep(run: Any, *args: Any) -> list[float]:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(DEEP)
    try:
        return run(*args)
    finally:
        sys.setrecursionlimit(limit)


def net_gradient(net: Net) -> dict[str, tuple[Run, Read]]:
    model = MLP(net.sizes[0], net.sizes[1:])
    for p, x in zip(model.parameters(), (x for layer in net.layers for neuron in layer for x in neuron), strict=True):
        p.data = x

    def run() -> Value:
        scores = [model(list(map(Value, row))) for row in net.X]
        losses = [(1 + -yi * scorei).relu() for yi, scorei in zip(net.Y, scores, strict=True)]
        loss = sum(losses) * (1.0 / len(losses))
        model.zero_grad()
        loss.backward()
        return loss

    return {"micrograd": (run, lambda loss: [loss.data, *(p.grad for p in model.parameters())])}


def training(work: Work) -> dict[str, Run]:
    def run() -> list[tuple[Any, Any]]:
        model = MLP(work.net.sizes[0], work.net.sizes[1:])
        numbers = (x for layer in work.net.layers for neuron in layer for x in neuron)
        for p, x in zip(model.parameters(), numbers, strict=True):
            p.data = x
        for _ in range(work.epochs):
            losses = [(1 + -y * model(x)).relu() for x, y in zip(work.net.X, work.net.Y, strict=True)]
            loss = sum(losses) * (1.0 / len(losses))
            model.zero_grad()
            loss.backward()
            for p in model.parameters():
                p.data -= work.lr * p.grad
        layers = [[([w.data for w in n.w], n.b.data) for n in layer.neurons] for layer in model.layers]
        return [([w for w, _ in layer], [b for _, b in layer]) for layer in layers]

    return {"micrograd": run}

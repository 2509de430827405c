"""PyTorch on the CPU, float64, eager: tensors of one number where the work is scalar, batches where it is not."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch

from .. import chain as chains
from ..harness import Run
from ..moons_step import PENALTY, SIZES, data, weights
from ..readme_expression import composed
from ..second_derivative import POINT, expression

CANNOT: dict[str, str] = {}


def _leaf(x: Any) -> torch.Tensor:
    return torch.tensor(x, dtype=torch.float64, requires_grad=True)


def readme_expression() -> dict[str, Run]:
    def run() -> list[float]:
        a, b = _leaf(-4.0), _leaf(2.0)
        g = composed(a, b, torch.relu)
        g.backward()
        return [g.item(), a.grad.item(), b.grad.item()]

    return {"torch": run}


def moons_step() -> dict[str, Run]:
    X, labels = (torch.tensor(part, dtype=torch.float64) for part in data())
    linears = [torch.nn.Linear(m, n, dtype=torch.float64) for m, n in pairwise(SIZES)]
    for linear, layer in zip(linears, weights(), strict=True):
        rows = torch.tensor(layer, dtype=torch.float64)
        linear.load_state_dict({"weight": rows[:, :-1], "bias": rows[:, -1]})
    model = torch.nn.Sequential(linears[0], torch.nn.ReLU(), linears[1], torch.nn.ReLU(), linears[2])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)

    def run() -> list[float]:
        scores = model(X)[:, 0]
        loss = torch.relu(1.0 - labels * scores).mean() + PENALTY * sum((p * p).sum() for p in model.parameters())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        slopes = [torch.column_stack((linear.weight.grad, linear.bias.grad)).ravel() for linear in linears]
        return [loss.item(), *torch.cat(slopes).tolist()]

    return {"torch": run}


def chain(steps: int) -> dict[str, Run]:
    def run() -> list[float]:
        x, b, a = _leaf(chains.X), _leaf(chains.B), _leaf(chains.A)
        y = chains.chained(x, b, a, steps)
        y.backward()
        return [y.item(), x.grad.item(), b.grad.item(), a.grad.item()]

    return {"torch": run}


def forward(steps: int) -> tuple[float, Any]:
    y = chains.chained(_leaf(chains.X), _leaf(chains.B), _leaf(chains.A), steps)
    return y.item(), y


def wide_sum(numbers: list[float]) -> dict[str, Run]:
    def run() -> list[float]:
        x = _leaf(numbers)
        total = x.sum()
        total.backward()
        return [total.item(), *x.grad.tolist()]

    return {"torch": run}


def second_derivative() -> dict[str, Run]:
    def run() -> list[float]:
        x = _leaf(POINT)
        (slope,) = torch.autograd.grad(expression(torch, x), x, create_graph=True)
        (second,) = torch.autograd.grad(slope, x)
        return [second.item()]

    return {"torch": run}

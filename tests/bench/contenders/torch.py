"""PyTorch on the CPU, float64, one thread, eager: tensors of one number where the work is scalar, or else batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from .. import chain as chains
from ..harness import Read, Run
from ..moons_step import PENALTY, data, weights
from ..nets import Net, flat
from ..readme_expression import composed
from ..second_derivative import POINT, expression

if TYPE_CHECKING:
    from ..training import Work

CANNOT = {"derivatives": "has a call for every operation, and is left out of single calls"}
LOSSES = {
    "margin": lambda scores, Y: torch.relu(1.0 - Y * scores[:, 0]).mean(),
    "squares": lambda scores, Y: torch.nn.functional.mse_loss(scores[:, 0], Y),
    "entropy": lambda scores, Y: torch.nn.functional.cross_entropy(scores, Y.long()),
}

torch.set_num_threads(1)


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
    linears = _linears(weights())
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


def _linears(layers: list[list[list[float]]]) -> list[torch.nn.Linear]:
    """Return modules with these weights; the last of a neuron is its bias."""
    linears = []
    for layer in layers:
        rows = torch.tensor(layer, dtype=torch.float64)
        linear = torch.nn.Linear(rows.shape[1] - 1, rows.shape[0], dtype=torch.float64)
        linear.load_state_dict({"weight": rows[:, :-1], "bias": rows[:, -1]})
        linears.append(linear)
    return linears


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


def net_gradient(net: Net) -> dict[str, tuple[Run, Read]]:
    X, Y = (torch.tensor(part, dtype=torch.float64) for part in (net.X, net.Y))
    linears = _linears(net.layers)
    activation = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh}[net.activation]
    model = torch.nn.Sequential(*[part for linear in linears for part in (linear, activation())][:-1])
    criterion = LOSSES[net.loss]

    def run() -> torch.Tensor:
        model.zero_grad()
        loss = criterion(model(X), Y)
        loss.backward()
        return loss

    return {"torch": (run, lambda loss: flat(loss.detach(), [(m.weight.grad, m.bias.grad) for m in linears]))}


def training(work: Work) -> dict[str, Run]:
    X, Y = (torch.tensor(part, dtype=torch.float64) for part in (work.net.X, work.net.Y))
    criterion = {**LOSSES, "logistic": _logistic}[work.net.loss]

    def run() -> list[tuple[Any, Any]]:
        linears = _linears(work.net.layers)
        activation = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh}[work.net.activation]
        model = torch.nn.Sequential(*[part for linear in linears for part in (linear, activation())][:-1])
        optimizer = torch.optim.SGD(model.parameters(), lr=work.lr)
        for _ in range(work.epochs):
            for start in range(0, len(X), work.batch):
                rows = slice(start, start + work.batch)
                loss = criterion(model(X[rows]), Y[rows])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        return [(linear.weight.detach().numpy(), linear.bias.detach().numpy()) for linear in linears]

    return {"torch": run}


def _logistic(scores: Any, Y: Any) -> Any:
    return torch.nn.functional.binary_cross_entropy_with_logits(scores[:, 0], (Y + 1.0) / 2.0)

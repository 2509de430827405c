"""XAD's Python binding: one tape for all runs, cleared before each (half the time of a tape for each run)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xad import math
from xad.adj_1st import Real, Tape

from .. import chain as chains
from ..harness import Read, Run
from ..moons_step import PENALTY, data, weights
from ..nets import Net
from ..readme_expression import composed

CANNOT = {
    "second_derivative": "has first derivatives only in its binding",
    "derivatives": "has first derivatives only in its binding",
    "images": "takes seconds, and is left out",
}


def _gradient(tape: Tape, numbers: list[float], f: Callable[..., Any]) -> list[float]:
    """Return f's value at `numbers` and its gradient."""
    tape.clearAll()
    inputs = [Real(x) for x in numbers]
    tape.registerInputs(inputs)
    tape.newRecording()
    y = f(inputs)
    tape.registerOutput(y)
    y.derivative = 1.0
    tape.computeAdjoints()
    return [y.value, *[x.derivative for x in inputs]]


def _on_tape(numbers: list[float], f: Callable[..., Any]) -> dict[str, Run]:
    tape = Tape()

    def run() -> list[float]:
        tape.activate()
        try:
            return _gradient(tape, numbers, f)
        finally:
            tape.deactivate()

    return {"xad": run}


def _relu(x: Any) -> Any:
    return math.max(x, 0.0)


def readme_expression() -> dict[str, Run]:
    return _on_tape([-4.0, 2.0], lambda ab: composed(*ab, _relu))


def moons_step() -> dict[str, Run]:
    X, labels = data()
    shapes = _shapes(weights())
    numbers = [w for layer in weights() for neuron in layer for w in neuron]

    def loss(parameters: list[Any]) -> Any:
        scores = [_scores(parameters, shapes, x, _relu)[0] for x in X]
        margins = [_relu(1.0 - label * score) for label, score in zip(labels, scores, strict=True)]
        return sum(margins) / len(margins) + PENALTY * sum(p * p for p in parameters)

    (run,) = _on_tape(numbers, loss).values()

    def step() -> list[float]:
        found = run()
        numbers[:] = [w - 0.0 * slope for w, slope in zip(numbers, found[1:], strict=True)]
        return found

    return {"xad": step}


def _shapes(layers: list[list[list[float]]]) -> list[tuple[int, int]]:
    return [(len(layer), len(layer[0])) for layer in layers]


def _scores(parameters: list[Any], shapes: list[tuple[int, int]], x: list[Any], activate: Any) -> list[Any]:
    start = 0
    for i, (neurons, width) in enumerate(shapes):
        rows = [parameters[start + k * width : start + (k + 1) * width] for k in range(neurons)]
        start += neurons * width
        x = [sum((w * xi for w, xi in zip(row, x, strict=False)), row[-1]) for row in rows]
        if i < len(shapes) - 1:
            x = [activate(z) for z in x]
    return x


def net_gradient(net: Net) -> dict[str, tuple[Run, Read]]:
    shapes = _shapes(net.layers)
    activate, criterion = {"relu": _relu, "tanh": math.tanh}[net.activation], LOSSES[net.loss]

    def loss(parameters: list[Any]) -> Any:
        losses = [criterion(_scores(parameters, shapes, x, activate), y) for x, y in zip(net.X, net.Y, strict=True)]
        return sum(losses) / len(losses)

    (run,) = _on_tape([x for layer in net.layers for neuron in layer for x in neuron], loss).values()
    return {"xad": (run, list)}


LOSSES = {
    "margin": lambda scores, y: _relu(1.0 - y * scores[0]),
    "squares": lambda scores, y: (scores[0] - y) * (scores[0] - y),
    "entropy": lambda scores, label: math.log(sum(map(math.exp, scores))) - scores[int(label)],
}


def chain(steps: int) -> dict[str, Run]:
    return _on_tape([chains.X, chains.B, chains.A], lambda xba: chains.chained(*xba, steps))


def forward(steps: int) -> tuple[float, Any]:
    tape = Tape()
    tape.activate()
    inputs = [Real(chains.X), Real(chains.B), Real(chains.A)]
    tape.registerInputs(inputs)
    tape.newRecording()
    y = chains.chained(*inputs, steps)
    return y.value, (tape, inputs, y)


def wide_sum(numbers: list[float]) -> dict[str, Run]:
    return _on_tape(numbers, sum)

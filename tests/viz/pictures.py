"""The graphs that the README shows. `python -m tests.viz.pictures` writes them into docs/."""

from __future__ import annotations

from pathlib import Path

from autodiff import Value
from autodiff.expressions import parse
from nn import MLP, Neuron, hinge
from nn.datasets import moons
from viz import draw
from viz.commands.demo import EXPRESSION, POINT

DOCS = Path(__file__).parents[2] / "docs"


def expression() -> str:
    """Return the graph of the demo's expression."""
    result = parse(EXPRESSION)({name: Value(x, label=name) for name, x in POINT.items()})
    result.backward()
    return draw(result).svg()


def neuron() -> str:
    """Return a neuron with its parameters, its inputs, and gradients of both signs."""
    output = Neuron(2, activation="tanh", rng=0)([Value(0.5, label="x₁"), Value(-1.0, label="x₂")])
    output.backward()
    return draw(output).svg()


def loss() -> str:
    """Return the loss of a net on 100 moons, 3,900 values, in a box for each neuron."""
    X, labels = moons(100, noise=0.1, rng=0)
    net = MLP(2, [4, 4, 1], activation="tanh", rng=0)
    total = sum(hinge(net(x), label) for x, label in zip(X, labels, strict=True)) / len(X)
    total.label = "loss"
    total.backward()
    return draw(total).svg()


PICTURES = {"expression.svg": expression, "neuron.svg": neuron, "loss.svg": loss}

if __name__ == "__main__":
    for name, picture in PICTURES.items():
        DOCS.joinpath(name).write_text(picture(), encoding="utf-8")

"""The demo command: an expression, two moons, irises and BP1–BP4, with pictures, in under a minute."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

import nn
from autodiff import Value
from autodiff.commands import Command, CommandError, count
from autodiff.expressions import parse
from autodiff.files import write

from ..drawing import draw
from ..plots.axes import figure, png
from ..plots.boundary import decision_boundary
from ..plots.curves import loss_curve
from ..svg.render import RenderError
from .experiments import Array, Moons, cross_validate_iris, train_moons

EXPRESSION, POINT = "(tanh(w*x + b) - y)**2", {"w": 0.8, "x": 2.0, "b": -1.0, "y": 1.0}
FOLDS = 5
CHECKED = 32  # moons on which the gradients are compared
NO_PLOTS = 'boundary.png and loss.png need matplotlib: pip install "autodiff-scalar[plot]"'


def _configure(parser: ArgumentParser) -> None:
    parser.add_argument("--out", default="autodiff-demo", metavar="DIR", help="where pictures go (autodiff-demo)")
    parser.add_argument("--steps", type=count, default=100, metavar="N", help="steps on the moons (100)")
    parser.add_argument("--epochs", type=count, default=25, metavar="N", help="epochs on the irises (25)")


def _run(options: Namespace) -> None:
    folder = Path(options.out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files = [_differentiate(folder / "expression.svg"), _draw_neuron(folder / "neuron.svg")]
        moons, folds = _train(options.steps, options.epochs)
        print(f"\nTwo moons: loss {moons.losses[0]:.4f} → {moons.losses[-1]:.4f} in {options.steps} steps")
        files += _plot(moons, folder)
        print(f"\nGradients of the trained net on {CHECKED} of the moons:")
        table = nn.check_backprop(moons.net, moons.X[:CHECKED], moons.y[:CHECKED])
        files.append(write(folder / "bp.txt", f"{table}\n".encode()))
    except (OSError, RenderError) as error:
        raise CommandError(str(error)) from error
    print(f"\nmoons: {moons.accuracy:.1%} of {len(moons.y)} points")
    print(f"iris:  {np.mean(folds):.1%}, the mean of {FOLDS} folds: {', '.join(f'{fold:.1%}' for fold in folds)}")
    print(f"wrote  {', '.join(map(str, files))}")


def _differentiate(path: Path) -> Path:
    """Print the value and the gradient of an expression, and draw its graph."""
    leaves = {name: Value(x, label=name) for name, x in POINT.items()}
    result = parse(EXPRESSION)(leaves)
    result.backward()
    print(f"{EXPRESSION} at {', '.join(f'{name} = {x:g}' for name, x in POINT.items())}")
    print(f"value = {result.data}")
    for name, leaf in leaves.items():
        print(f"∂/∂{name}  = {leaf.grad}")
    return draw(result).save(path)


def _draw_neuron(path: Path) -> Path:
    """Draw the evaluation of a neuron, with the gradients of its output."""
    neuron = nn.Neuron(2, activation="tanh", rng=0)
    inputs = [Value(0.5, label="x₁"), Value(-1.0, label="x₂")]
    for weight, label in zip(neuron.parameters(), ("w₁", "w₂", "b"), strict=True):
        weight.label = label
    output = neuron(inputs)
    output.label = "a"
    output.backward()
    return draw(output).save(path)


def _train(steps: int, epochs: int) -> tuple[Moons, list[float]]:
    """Run both experiments behind one progress bar."""
    with tqdm(total=steps + FOLDS * epochs, unit="step") as bar:

        def report(name: str, loss: float) -> None:
            bar.set_description(f"{name}, loss {loss:.4f}", refresh=False)
            bar.update()

        return train_moons(steps, report), cross_validate_iris(epochs, report, folds=FOLDS)


def _plot(moons: Moons, folder: Path) -> list[Path]:
    """Plot the boundary and the loss into the folder; without matplotlib, print that it is missing."""
    if find_spec("matplotlib") is None:
        print(NO_PLOTS)
        return []

    def score(points: Array) -> Any:
        return nn.backprop.forward(moons.net, points.T).A[-1][0]

    boundary, losses = figure(6.0, 3.6), figure(6.0, 3.2)
    decision_boundary(score, moons.X, moons.y, boundary.axes[0]).set_title(f"two moons: {moons.accuracy:.1%} right")
    loss_curve(moons.losses, losses.axes[0]).set_title("loss on two moons")
    return [write(folder / "boundary.png", png(boundary)), write(folder / "loss.png", png(losses))]


demo = Command("differentiate, train, draw and check, on real input, in under a minute", _configure, _run)

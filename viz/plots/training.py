"""The plots of `autodiff train --plots`: curves, decision boundary, histograms of activations, and weights."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from autodiff.files import write
from nn.commands.learn import Learned
from nn.tables.columns import Column

from .axes import figure, literal, png
from .boundary import decision_boundary
from .curves import accuracy_curve, loss_curve
from .histograms import activation_histograms
from .weights import weight_image


def plots(folder: Path) -> Callable[[Learned], list[Path]]:
    """Return a function that plots a trained model into `folder`. Raises ImportError without matplotlib."""
    figure(1.0, 1.0)  # raises before the training, not after it
    return partial(_draw, folder)


def _draw(folder: Path, found: Learned) -> list[Path]:
    """Write the plots that apply to this model."""
    folder.mkdir(parents=True, exist_ok=True)
    model, X, classes = found.model.model, found.X, found.model.target.classes
    pictures: dict[str, Callable[[Any], Any]] = {
        "loss": lambda ax: loss_curve(found.history, ax),
        "activations": lambda ax: activation_histograms(model, X, ax),
        "weights": lambda ax: weight_image(found.net.layers[0], ax),
    }
    if classes:
        pictures["accuracy"] = lambda ax: accuracy_curve(found.history, ax)
    if classes and X.shape[1] == 2:
        labels, (across, up) = np.array(classes)[found.y], found.model.columns
        pictures["boundary"] = lambda ax: _named(decision_boundary(model, X, labels, ax, classes=classes), across, up)
    written = []
    for name, draw in pictures.items():
        picture = figure(6.0, 3.6)
        draw(picture.axes[0]).set_title(literal(f"{found.model.target.name}: {name}"))
        written.append(write(folder / f"{name}.png", png(picture)))
    return written


def _named(ax: Any, across: Column, up: Column) -> Any:
    ax.set(xlabel=literal(across.name), ylabel=literal(up.name))
    return ax

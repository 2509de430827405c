"""Learning curves: loss and accuracy over the epochs, on the training and on the validation rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import palette as p
from .axes import axes, plain


def loss_curve(losses: Any, ax: Any = None) -> Any:
    """Plot the loss over the epochs, on a log scale if all are positive; return the matplotlib axes.

    `losses` is a `nn.History`, whose validation loss is plotted too, or a list of numbers, one for each step. `ax` are
    the axes to draw into, by default new ones of pyplot. Raises ImportError without matplotlib.

    >>> from matplotlib.figure import Figure
    >>> loss_curve([1.0, 0.1, 0.01], Figure().subplots()).get_yscale()
    'log'
    """
    curves = _curves(losses, "loss")
    ax = axes(ax)
    drawn = _draw(curves, ax)
    if drawn and min(drawn) > 0.0:
        ax.set_yscale("log")
    ax.set(xlabel="epoch" if hasattr(losses, "loss") else "step", ylabel="loss")
    ax.grid(color=p.TAG, which="both")
    return plain(ax, legend=len(curves) > 1)


def accuracy_curve(accuracies: Any, ax: Any = None) -> Any:
    """Plot the accuracy over the epochs, in percent; return the matplotlib axes.

    `accuracies` is a `nn.History`, whose validation accuracy is plotted too, or a list of numbers from 0 to 1. `ax` are
    the axes to draw into, by default new ones of pyplot. Raises ImportError without matplotlib, ValueError for a
    history without accuracy, as that of a regression is.

    >>> from matplotlib.figure import Figure
    >>> accuracy_curve([0.5, 0.75], Figure().subplots()).lines[0].get_ydata().tolist()
    [50.0, 75.0]
    """
    curves = _curves(accuracies, "accuracy")
    if not any(len(curve) for curve in curves.values()):
        raise ValueError("there is no accuracy to draw: targets that are numbers have a loss only")
    ax = axes(ax)
    _draw({name: [100.0 * share for share in curve] for name, curve in curves.items()}, ax)
    ax.set(xlabel="epoch" if hasattr(accuracies, "accuracy") else "step", ylabel="accuracy in %")
    ax.grid(color=p.TAG)
    return plain(ax, legend=len(curves) > 1)


def _curves(source: Any, name: str) -> dict[str, Sequence[float]]:
    """Return the curves of a measure on the training and, if there are any, on the validation rows."""
    if not hasattr(source, name):
        return {"training": source}
    found = {"training": getattr(source, name), "validation": getattr(source, f"validation_{name}")}
    return {rows: curve for rows, curve in found.items() if len(curve)}


def _draw(curves: dict[str, Sequence[float]], ax: Any) -> list[float]:
    """Plot the curves and return all of their numbers."""
    for (name, curve), color in zip(curves.items(), (p.FIRST, p.SECOND), strict=False):
        ax.plot(np.arange(len(curve)), curve, color=color, linewidth=1.8, label=name)
    ax.margins(x=0.02)
    return [x for curve in curves.values() for x in curve]

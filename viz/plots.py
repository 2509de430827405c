"""Plots of training: the loss over the steps, and what a net says of the plane. They need matplotlib."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import palette as p

SAMPLES = 200  # along each axis of a map


def loss_curve(losses: Sequence[float], ax: Any = None) -> Any:
    """Draw the loss over the steps, on a log scale where all are positive; return the matplotlib axes.

    `ax` are axes to draw into; without them pyplot makes some. Raises ImportError where there is no matplotlib.

    >>> from matplotlib.figure import Figure
    >>> loss_curve([1.0, 0.1, 0.01], Figure().subplots()).get_yscale()
    'log'
    """
    ax = _axes(ax)
    ax.plot(np.arange(len(losses)), losses, color=p.FIRST, linewidth=1.8)
    if len(losses) and min(losses) > 0.0:
        ax.set_yscale("log")
    ax.set(xlabel="step", ylabel="loss")
    ax.margins(x=0.02)
    ax.grid(color=p.TAG, which="both")
    return _plain(ax)


def decision_boundary(
    predict: Callable[[NDArray[np.float64]], ArrayLike], X: ArrayLike, y: ArrayLike, ax: Any = None
) -> Any:
    """Draw the sign of `predict` over the plane, its boundary, and the points; return the matplotlib axes.

    `predict` takes points, (n, 2), and returns n scores; X is (m, 2); y is (m,), positive in one class. `ax` are axes
    to draw into; without them pyplot makes some. Raises ImportError where there is no matplotlib.

    >>> from matplotlib.figure import Figure
    >>> ax = decision_boundary(lambda P: P[:, 0], [[-1.0, 0.0], [1.0, 0.5]], [-1, 1], Figure().subplots())
    >>> ax.get_xlabel()
    'x₁'
    """
    ax, X, y = _axes(ax), np.asarray(X, float), np.asarray(y, float)
    low, high = X.min(axis=0), X.max(axis=0)
    margin = 0.15 * np.maximum(high - low, 1e-9)
    grid = np.meshgrid(*np.linspace(low - margin, high + margin, SAMPLES).T)
    scores = np.asarray(predict(np.column_stack([axis.ravel() for axis in grid])), float).reshape(grid[0].shape)
    ax.contourf(*grid, scores, levels=[-np.inf, 0.0, np.inf], colors=[p.SECOND, p.FIRST], alpha=0.16)
    ax.contour(*grid, scores, levels=[0.0], colors=[p.INK], linewidths=1.4)
    for side, color, marker in ((y > 0, p.FIRST, "o"), (y <= 0, p.SECOND, "s")):
        ax.scatter(*X[side].T, c=color, marker=marker, s=34, edgecolors=p.PAPER, linewidths=0.8, zorder=3)
    ax.set(xlabel="x₁", ylabel="x₂", aspect="equal")
    return _plain(ax)


def _axes(ax: Any) -> Any:
    if ax is not None:
        return ax
    from matplotlib import pyplot

    return pyplot.subplots()[1]


def _plain(ax: Any) -> Any:
    """Leave of the frame what the eye needs."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(p.LINE)
    ax.tick_params(colors=p.MUTED, which="both")
    return ax

"""Decision boundaries: the class that a model predicts at each point of the plane, and the labelled points."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nn import Module
from nn.modules.prediction import outputs

from .. import palette as p
from .axes import axes, literal, plain

Array = NDArray[np.float64]

SAMPLES = 200  # grid points along each axis
MARGIN = 0.15  # of the range of the points, on each side
MOST_UNLIKE = 4.0  # the largest ratio of the ranges of two inputs drawn to the same scale


def decision_boundary(predict: Any, X: ArrayLike, y: ArrayLike, ax: Any = None, *, classes: Any = None) -> Any:
    """Plot the class that `predict` gives to each point of the plane, the boundaries, and the points; return the axes.

    `predict` is a Module or a function that takes points, (n, 2), and returns n scores, whose signs are two classes;
    or scores (n, k) of k classes; or n labels, ints or strings. X is (m, 2), y (m,): labels, or numbers that are
    positive in one class of two. `classes` are the labels in the order of the scores, by default 0 … k − 1. `ax` are
    the axes to draw into, by default new ones of pyplot. Raises ImportError without matplotlib, ValueError for other
    shapes and for a label that is none of the classes.

    >>> from matplotlib.figure import Figure
    >>> ax = decision_boundary(lambda P: P[:, 0], [[-1.0, 0.0], [1.0, 0.5]], [-1, 1], Figure().subplots())
    >>> ax.get_xlabel()
    'x₁'
    """
    X, y = np.asarray(X, float), np.asarray(y)
    if X.ndim != 2 or X.shape[1] != 2 or y.shape != (len(X),) or not len(X):
        raise ValueError(f"points of the plane, X (m, 2), and their classes, y (m,), got {X.shape} and {y.shape}")
    grid = np.meshgrid(*coordinates(X, SAMPLES))
    answers = _answers(predict, np.column_stack([axis.ravel() for axis in grid]))
    labels, margins = _margins(answers, y, classes)
    kinds = _class_indices(y, labels)
    ax = axes(ax)
    for k, margin in enumerate(margins):
        _draw_region(grid, margin.reshape(grid[0].shape), _cycled(p.CLASSES, k), ax)
    for k, label in enumerate(labels):
        color, marker = _cycled(p.CLASSES, k), _cycled(p.MARKERS, k)
        points = X[kinds == k].T
        ax.scatter(
            *points,
            c=color,
            marker=marker,
            s=34,
            edgecolors=p.PAPER,
            linewidths=0.8,
            zorder=3,
            label=literal(str(label)),
        )
    width, height = np.ptp(grid, axis=(1, 2)).tolist()
    alike = 1 / MOST_UNLIKE < width / height < MOST_UNLIKE
    ax.set(xlabel="x₁", ylabel="x₂", aspect="equal" if alike else "auto")
    return plain(ax, legend=labels != [True, False])


def _draw_region(grid: Any, margin: Array, color: str, ax: Any) -> None:
    """Draw the region where a class has the largest score, and its boundary if it has one."""
    inside = margin > 0.0
    if inside.any():
        ax.contourf(*grid, margin, levels=[0.0, np.inf], colors=[color], alpha=0.16)
    if inside.any() and not inside.all():
        ax.contour(*grid, margin, levels=[0.0], colors=[p.INK], linewidths=0.9)


def coordinates(X: Array, samples: int) -> Array:
    """Return the coordinates of a grid around the points X, (m, n): `samples` along each of the n axes, (n, samples).

    >>> coordinates(np.array([[0.0], [10.0]]), 3).tolist()
    [[-1.5, 5.0, 11.5]]
    """
    low, high = X.min(axis=0), X.max(axis=0)
    margin = MARGIN * np.where(high > low, high - low, 1.0)
    return np.linspace(low - margin, high + margin, samples).T


def _cycled(choices: tuple[str, ...], k: int) -> str:
    return choices[k % len(choices)]


def _answers(predict: Any, points: Array) -> NDArray[Any]:
    """Return the scores or labels that `predict` gives the points, a row for each."""
    found = np.asarray(outputs(predict, points) if isinstance(predict, Module) else predict(points))
    if found.ndim not in (1, 2) or len(found) != len(points):
        raise ValueError(f"`predict` gives {len(points)} points as many scores or labels, got {found.shape}")
    return found[:, 0] if found.ndim == 2 and found.shape[1] == 1 else found


def _margins(answers: NDArray[Any], y: NDArray[Any], classes: Any) -> tuple[list[Any], list[Array]]:
    """Return the labels and, for each, its margin over the grid: its score minus the largest other."""
    if answers.dtype.kind != "f":
        labels = sorted({*answers.tolist(), *y.tolist()})
        return labels, [np.where(answers == label, 0.5, -0.5) for label in labels]
    if answers.ndim == 1:
        return list(classes)[::-1] if classes is not None else [True, False], [answers, -answers]
    labels = list(range(answers.shape[1]) if classes is None else classes)
    others = [np.delete(answers, k, axis=1).max(axis=1) for k in range(answers.shape[1])]
    return labels, [answers[:, k] - other for k, other in enumerate(others)]


def _class_indices(y: NDArray[Any], labels: list[Any]) -> NDArray[np.int_]:
    """Return the index into `labels` of the class of each point."""
    if labels == [True, False]:
        return np.asarray(y <= 0, int)
    unknown = set(y.tolist()) - set(labels)
    if unknown:
        raise ValueError(f"`y` has the classes {sorted(unknown)} that are none of {labels!r:.80}. Name them: classes=…")
    return np.array([labels.index(label) for label in y.tolist()])

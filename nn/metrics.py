"""Metrics of predictions: accuracy, confusion matrix, and the coefficient of determination R²."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .checks.arrays import reals


def accuracy(predicted: Any, target: Any) -> float:
    """Return the share of the predicted classes that equal the target's, from 0 to 1.

    Both are class labels, ints or strings, of shape (m,). Raises ValueError for other shapes and for m = 0, TypeError
    where one has numbers and the other strings.

    >>> accuracy(["cat", "dog", "dog"], ["cat", "dog", "cat"])
    0.6666666666666666
    """
    predicted, target = _labels(predicted, target)
    return float(np.mean(predicted == target))


def confusion_matrix(predicted: Any, target: Any, *, classes: Any = None) -> NDArray[np.int_]:
    """Return the numbers of examples of class i (row) that were predicted as class j (column), shape (k, k).

    `classes` gives their order, otherwise all that occur, sorted. Raises as `accuracy` does, and ValueError for a label
    that is not among `classes`.

    >>> confusion_matrix(["cat", "dog", "dog"], ["cat", "dog", "cat"])
    array([[1, 1],
           [0, 1]])
    """
    predicted, target = _labels(predicted, target)
    known = np.unique(np.concatenate([predicted, target])) if classes is None else np.asarray(classes)
    if known.ndim != 1 or len(set(known.tolist())) < len(known):
        raise ValueError(f"`classes` is a list of different labels, got {classes!r:.80}")
    index = {label: i for i, label in enumerate(known.tolist())}
    counts = np.zeros((len(index), len(index)), dtype=np.int_)
    for row, column in zip(target.tolist(), predicted.tolist(), strict=True):
        for label in (row, column):
            if label not in index:
                raise ValueError(f"`{label}` is none of the classes {known.tolist()!r:.80}")
        counts[index[row], index[column]] += 1
    return counts


def r2(predicted: Any, target: Any) -> float:
    """Return R² = 1 − Σ(y − ŷ)² / Σ(y − ȳ)², the share of the variance of the target that is explained; 1 is best.

    Both are real numbers of shape (m,), or (m, k) for the mean over k outputs. A constant target has R² = 1 where it is
    met exactly, else 0, as in scikit-learn. Raises ValueError for other shapes and for fewer than two examples.

    >>> r2([1.0, 2.0, 4.0], [1.0, 2.0, 3.0])
    0.5
    """
    predicted, target = reals(predicted, "predicted"), reals(target, "target")
    _same_shape(predicted, target, (1, 2))
    if len(target) < 2:
        raise ValueError(f"`r2` compares with the variance of at least two examples, got {len(target)}")
    left = ((target - predicted) ** 2).sum(axis=0)
    whole = ((target - target.mean(axis=0)) ** 2).sum(axis=0)
    whole = np.where((target == target[0]).all(axis=0), 0.0, whole)
    shares = np.where(whole > 0.0, 1.0 - left / np.where(whole > 0.0, whole, 1.0), np.where(left == 0.0, 1.0, 0.0))
    return float(np.mean(shares))


def _labels(predicted: Any, target: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    predicted, target = np.asarray(predicted), np.asarray(target)
    _same_shape(predicted, target, (1,))
    kinds = [{"U": "strings", "O": "objects"}.get(array.dtype.kind, "numbers") for array in (predicted, target)]
    if kinds[0] != kinds[1] and "objects" not in kinds:
        raise TypeError(f"`predicted` has {kinds[0]} and `target` {kinds[1]}: no label could be equal")
    return predicted, target


def _same_shape(predicted: NDArray[Any], target: NDArray[Any], dimensions: tuple[int, ...]) -> None:
    if predicted.shape != target.shape or target.ndim not in dimensions or not target.size:
        form = "(m,)" if dimensions == (1,) else "(m,) or (m, k)"
        raise ValueError(
            f"`predicted` and `target` have one shape, {form} with m ≥ 1; got {predicted.shape} and {target.shape}"
        )

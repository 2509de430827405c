"""Examples: the rows of X, their split into training and validation, and their weights, checked."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff.arrays import Floats
from autodiff.contexts import user_level

from ...checks.arrays import numbers, reals
from ...checks.numbers import is_plain

Rows = NDArray[np.intp]


def rows(X: Any, name: str = "X") -> Floats:
    """Return X as an array of shape (m, inputs), m ≥ 1; an X of shape (m,) has one input.

    Raises ValueError for another shape, and for nan or inf, with row and column; TypeError for what is no number.

    >>> rows([1, 2])
    array([[1.],
           [2.]])
    """
    array = reals(X, name)
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2 or not array.size:
        raise ValueError(f"`{name}` has rows of numbers, shape (m, inputs), at least one; got shape {array.shape}")
    all_finite(array, name)
    if len(array) > 1 and (array == array[0]).all():
        warnings.warn(
            f"all rows of `{name}` are the same: there is nothing in them to tell by", stacklevel=user_level()
        )
    return array


def all_finite(array: Floats, name: str) -> None:
    """Raise ValueError if a number is nan or inf, with the row and column of the first.

    >>> all_finite(np.array([[1.0, 2.0]]), "X")
    """
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        position = ", ".join(f"{axis} {i}" for axis, i in zip(("row", "column"), bad[0].tolist(), strict=False))
        raise ValueError(f"`{name}` has {array[tuple(bad[0])]} in {position}. Leave such rows out, or fill them in")


def split(m: int, share: Any, seed: int) -> tuple[Rows, Rows]:
    """Return the indexes of the training rows and of the validation rows, a `share` of m rows drawn by `seed`.

    Raises TypeError if the share is no number, ValueError if it leaves no row for training or for validation.

    >>> train, held = split(4, 0.25, 0)
    >>> train, held
    (array([0, 1, 3]), array([2]))
    """
    if not is_plain(share) or isinstance(share, bool):
        got = f"{type(share).__name__} {share!r:.60}"
        raise TypeError(f"`validation` is a share of the rows or a pair (X, Y), got {got}")
    count = round(m * float(share)) if 0.0 < float(share) < 1.0 else 0
    if not 0 < count < m:
        raise ValueError(f"`validation` is a share of the rows between 0 and 1, got {share} of {m} rows")
    order = np.random.default_rng(seed).permutation(m)
    return np.sort(order[count:]), np.sort(order[:count])


def weights(sample_weight: Any, class_weight: Any, labels: Sequence[Any] | None, m: int) -> Floats | None:
    """Return the weight of each of m rows, the product of both weights; None if both are None.

    `sample_weight` has a number for each row. `class_weight` is a dict from labels to weights, or "balanced": m divided
    by the number of classes and the number of rows of the class. Raises ValueError for negative weights and for unknown
    labels.

    >>> weights(None, "balanced", ["a", "b", "b", "b"], 4)
    array([2.        , 0.66666667, 0.66666667, 0.66666667])
    """
    if sample_weight is None and class_weight is None:
        return None
    found = np.ones(m) if sample_weight is None else numbers(sample_weight, (m,), "sample_weight")
    if class_weight is not None:
        if labels is None:
            raise ValueError("`class_weight` needs labels: a loss of classes, and a label for each row in Y")
        found *= _of_classes(class_weight, list(labels))
    all_finite(found, "sample_weight")
    if (found < 0.0).any() or not found.any():
        raise ValueError("weights are not negative, and one at least is positive")
    return found


def _of_classes(class_weight: Any, labels: list[Any]) -> Floats:
    names, index, counts = np.unique(np.asarray(labels), return_inverse=True, return_counts=True)
    if isinstance(class_weight, str) and class_weight == "balanced":
        return np.asarray((len(labels) / (len(names) * counts))[index])
    if not isinstance(class_weight, Mapping):
        raise TypeError(f'`class_weight` is a dict from labels to weights, or "balanced", got {class_weight!r:.60}')
    unknown = [label for label in class_weight if label not in names.tolist()]
    if unknown:
        raise ValueError(f"`class_weight` has {unknown}, which no row has; the labels are {names.tolist()!r:.80}")
    return np.array([float(class_weight.get(name, 1.0)) for name in names.tolist()])[index]

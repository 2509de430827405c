"""Targets: labels and numbers of the user's, checked and coded as the loss takes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autodiff.arrays import Floats

from ..checks.arrays import reals
from .registry import LOSSES, Coding, Loss, record


class Targets(NamedTuple):
    """Y as numbers, (m,) or (m, outputs), and the classes that they stand for, None for numbers."""

    Y: Floats
    classes: tuple[Any, ...] | None


def targets(loss: Loss, Y: Any, outputs: int, *, name: str = "Y", classes: Sequence[Any] | None = None) -> Targets:
    """Return Y as `loss` takes it, for a net with a number of outputs; `classes` are known labels in their order.

    Raises ValueError for labels that are not among the classes or too many for the outputs, with the first row that is
    wrong, and TypeError for a target that is neither number nor label.

    >>> from nn import cross_entropy
    >>> targets(cross_entropy, ["cat", "dog", "cat"], 2)
    Targets(Y=array([0., 1., 0.]), classes=('cat', 'dog'))
    """
    array, row = _array(Y, name), record(loss)
    coding = row.labels if row else None
    if row and not coding and array.dtype.kind in "UT":
        of_labels = ", ".join(name for name, row in LOSSES.items() if row.labels)
        raise TypeError(f"`{name}` has labels, such as {array.flat[0]!s:.40}: take a loss of classes, {of_labels}")
    if coding is None or _is_numbers(coding, array):
        numbers = reals(array, name)
        _check_width(numbers, outputs, name, required=row is not None)
        if coding:
            _check_range(loss, coding, numbers, name)
        return Targets(numbers, None)
    if array.ndim != 1:
        raise ValueError(f"`{name}` has a label for each row, shape (m,); got shape {array.shape}")
    pair = coding.pair
    if (pair is None and outputs < 2) or (pair and outputs != 1):
        needed = "one output" if pair else "an output for each class, at least two"
        raise ValueError(f"`{loss.__name__}` of labels needs {needed}, but the model has {outputs}")
    count = 2 if pair else outputs
    known = _classes(array, count, pair, name) if classes is None else tuple(classes)
    if len(known) != count:
        raise ValueError(f"the model has {len(known)} classes, {str(known)[:80]}, but its outputs tell {count}")
    index = _indexes(array, known, name)
    return Targets(np.where(index == 1, pair[1], pair[0]) if pair else index.astype(np.float64), known)


def _array(Y: Any, name: str) -> NDArray[Any]:
    """Return Y as an array of one or two dimensions, of numbers or of labels."""
    try:
        array = np.asarray(Y)
    except ValueError:
        raise ValueError(f"`{name}` has rows of different lengths") from None
    if array.dtype == object and all(isinstance(label, str) for label in array.flat):
        array = array.astype(str)
    if array.dtype.kind == "U" and isinstance(Y, (list, tuple)) and not all(isinstance(y, (str, list)) for y in Y):
        raise TypeError(f"`{name}` has labels of different kinds, numbers and strings, such as {Y[0]!r} and {Y[-1]!r}")
    if array.dtype.kind not in "biufU":
        raise TypeError(f"`{name}` takes numbers, or labels that are ints or strings; got an array of {array.dtype}")
    if array.ndim not in (1, 2):
        raise ValueError(f"`{name}` has the shape (m,) or (m, outputs), got {array.shape}")
    return array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array


def _is_numbers(coding: Coding, Y: NDArray[Any]) -> bool:
    """Return whether Y is no labels, but rows of probabilities or signs, or a probability for each row."""
    if Y.dtype.kind == "U" or Y.ndim == 2:
        return Y.dtype.kind != "U"
    return coding.pair is not None and coding.soft and Y.dtype.kind == "f" and not (np.floor(Y) == Y).all()


def _check_width(Y: Floats, outputs: int, name: str, *, required: bool) -> None:
    width = 1 if Y.ndim == 1 else Y.shape[1]
    if required and width != outputs:
        raise ValueError(f"`{name}` has {width} target{'s' * (width > 1)} a row, but the model has {outputs} outputs")


def _check_range(loss: Loss, coding: Coding, Y: Floats, name: str) -> None:
    """Raise ValueError for numbers that are no signs or probabilities; nan is refused elsewhere."""
    wanted, fine = ("from 0 to 1", (Y >= 0.0) & (Y <= 1.0)) if coding.soft else ("-1 or +1", abs(Y) == 1.0)
    if not (fine | np.isnan(Y)).all():
        row = np.argwhere(~fine)[0]
        raise ValueError(f"`{loss.__name__}` takes numbers {wanted}; `{name}` has {Y[tuple(row)]} in row {row[0]}")


def _classes(labels: NDArray[Any], count: int, pair: Any, name: str) -> tuple[Any, ...]:
    """Return the classes of labels: 0 … count − 1 if all are ints among these, else the labels that occur, sorted."""
    found = np.unique(labels).tolist()
    if labels.dtype.kind == "b" and count == 2:
        return False, True
    for usual in (list(range(count)), list(map(int, pair)) if pair else []):
        if found and not isinstance(found[0], str) and set(found) <= set(usual):
            return tuple(usual)
    if len(found) != count:
        counted = "one output tells 2" if pair else f"the model has {count} outputs"
        raise ValueError(f"`{name}` has {len(found)} classes, {str(found)[:80]}, but {counted}")
    return tuple(found)


def _indexes(labels: NDArray[Any], classes: tuple[Any, ...], name: str) -> NDArray[np.intp]:
    index = {label: i for i, label in enumerate(classes)}
    found = [index.get(label, -1) for label in labels.tolist()]
    if -1 in found:
        row = found.index(-1)
        raise ValueError(f"`{name}` has in row {row} the label {labels[row].item()!r}; the classes are {classes!r:.80}")
    return np.array(found, np.intp)

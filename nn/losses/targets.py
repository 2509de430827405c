"""Targets: labels and numbers as users have them, checked and turned into the numbers that a loss takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import autodiff

from ..checks.arrays import reals
from ..checks.vector import vector
from .classification import binary_cross_entropy, cross_entropy, hinge, multiclass_hinge
from .regression import half_mse, huber, mae, mse

Floats = NDArray[np.float64]
Loss = Callable[[Any, Any], Any]

NAMED: dict[str, Loss] = {
    f.__name__: f for f in (mse, half_mse, mae, huber, cross_entropy, binary_cross_entropy, hinge, multiclass_hinge)
}
OF_CLASSES: dict[Loss, tuple[float, float] | None] = {  # what stands for two classes told by one output
    cross_entropy: None,
    multiclass_hinge: None,
    binary_cross_entropy: (0.0, 1.0),
    hinge: (-1.0, 1.0),
}


class Targets(NamedTuple):
    """Y as numbers, (m,) or (m, outputs); the labels that they stand for, None for numbers."""

    Y: Floats
    classes: tuple[Any, ...] | None


def loss_named(loss: str | Loss) -> Loss:
    """Return the loss that `loss` names; a function is returned as it is.

    Raises ValueError for an unknown name, TypeError for what is no function.

    >>> loss_named("mse").__name__
    'mse'
    """
    if isinstance(loss, str):
        if loss not in NAMED:
            raise ValueError(f"`loss` is one of {', '.join(NAMED)}, or a function of outputs and target, got {loss!r}")
        return NAMED[loss]
    if not callable(loss):
        raise TypeError(f"`loss` is a name or a function of outputs and target, got {type(loss).__name__} {loss!r:.60}")
    return loss


def targets(loss: Loss, Y: Any, outputs: int, *, name: str = "Y", classes: Sequence[Any] | None = None) -> Targets:
    """Return Y as `loss` takes it, for a net of so many outputs; `classes` are those that are known before.

    Raises ValueError for labels that are not among the classes or too many for the outputs, with the first row that is
    wrong, and TypeError for what is neither number nor label.

    >>> targets(cross_entropy, ["cat", "dog", "cat"], 2)
    Targets(Y=array([0., 1., 0.]), classes=('cat', 'dog'))
    """
    array = _array(Y, name)
    if loss in NAMED.values() and loss not in OF_CLASSES and array.dtype.kind in "UT":
        of_classes = ", ".join(f.__name__ for f in OF_CLASSES)
        raise TypeError(f"`{name}` has labels, such as {array.flat[0]!s:.40}: take a loss of classes, {of_classes}")
    if loss not in OF_CLASSES or _is_numbers(loss, array, outputs):
        numbers = reals(array, name)
        _check_width(numbers, outputs, name, required=loss in NAMED.values())
        _check_range(loss, numbers, name)
        return Targets(numbers, None)
    if array.ndim != 1:
        raise ValueError(f"`{name}` has a label for each row, shape (m,); got shape {array.shape}")
    pair = OF_CLASSES[loss]
    if (pair is None and outputs < 2) or (pair and outputs != 1):
        needed = "one output" if pair else "an output for each class, at least two"
        raise ValueError(f"`{loss.__name__}` of labels needs {needed}, but the model has {outputs}")
    count = 2 if pair else outputs
    known = _classes(array, count, pair, name) if classes is None else tuple(classes)
    if len(known) != count:
        raise ValueError(f"the model has {len(known)} classes, {str(known)[:80]}, but its outputs tell {count}")
    index = _indexes(array, known, name)
    return Targets(np.where(index == 1, pair[1], pair[0]) if pair else index.astype(np.float64), known)


def right(loss: Loss) -> Callable[[Any, Any], Any]:
    """Return the function of outputs and target of a loss of classes that tells, as 1 or 0, whether they agree.

    >>> right(cross_entropy)([0.5, 2.0], 1)
    1.0
    """
    return _sided if loss is binary_cross_entropy else _signed if loss is hinge else _largest


def predicted(loss: Loss, outputs: Floats, classes: Sequence[Any]) -> NDArray[Any]:
    """Return the class for each row of outputs, (m, outputs) or (m,).

    >>> predicted(hinge, np.array([-0.5, 2.0]), ("no", "yes")).tolist()
    ['no', 'yes']
    """
    single = OF_CLASSES.get(loss) is not None
    index = (outputs.reshape(len(outputs), -1)[:, 0] > 0).astype(int) if single else outputs.argmax(axis=1)
    chosen: NDArray[Any] = np.asarray(classes)[index]
    return chosen


def _largest(outputs: Any, target: Any) -> Any:
    """Return 1 where `argmax` is the target: its output is above all earlier ones, and at least all later ones."""
    outputs = vector(outputs, "accuracy")
    chosen = autodiff.take(outputs, target)
    beats = [
        autodiff.where(autodiff.gt(target, i), autodiff.gt(chosen, a), autodiff.ge(chosen, a))
        for i, a in enumerate(outputs)
    ]
    return reduce(autodiff.minimum, beats)


def _sided(outputs: Any, target: Any) -> Any:
    (a,) = vector(outputs, "accuracy")
    return autodiff.eq(autodiff.gt(a, 0.0), target)


def _signed(outputs: Any, target: Any) -> Any:
    (a,) = vector(outputs, "accuracy")
    return autodiff.eq(autodiff.gt(a, 0.0), autodiff.gt(target, 0.0))


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


def _is_numbers(loss: Loss, Y: NDArray[Any], outputs: int) -> bool:
    """Tell whether Y has what a loss of classes takes as it is: rows of probabilities or signs, or probabilities."""
    if Y.dtype.kind == "U" or (loss is multiclass_hinge and Y.ndim == 1):
        return False
    if Y.ndim == 2:
        return True
    return loss is binary_cross_entropy and Y.dtype.kind == "f" and not (np.floor(Y) == Y).all()


def _check_width(Y: Floats, outputs: int, name: str, *, required: bool) -> None:
    width = 1 if Y.ndim == 1 else Y.shape[1]
    if required and width != outputs:
        raise ValueError(f"`{name}` has {width} target{'s' * (width > 1)} a row, but the model has {outputs} outputs")


def _check_range(loss: Loss, Y: Floats, name: str) -> None:
    """Raise ValueError for numbers that a loss of classes cannot take for signs or probabilities; nan is another's."""
    if loss in OF_CLASSES:
        told, fine = ("-1 or +1", abs(Y) == 1.0) if loss is hinge else ("from 0 to 1", (Y >= 0.0) & (Y <= 1.0))
        if not (fine | np.isnan(Y)).all():
            row = np.argwhere(~fine)[0]
            raise ValueError(f"`{loss.__name__}` takes numbers {told}; `{name}` has {Y[tuple(row)]} in row {row[0]}")


def _classes(labels: NDArray[Any], count: int, pair: Any, name: str) -> tuple[Any, ...]:
    """Return the classes of labels: 0 … count − 1 where these are ints among them, or else those that occur, sorted."""
    found = np.unique(labels).tolist()
    if labels.dtype.kind == "b" and count == 2:
        return False, True
    for usual in (list(range(count)), list(map(int, pair)) if pair else []):
        if found and not isinstance(found[0], str) and set(found) <= set(usual):
            return tuple(usual)
    if len(found) != count:
        told = "one output tells 2" if pair else f"the model has {count} outputs"
        raise ValueError(f"`{name}` has {len(found)} classes, {str(found)[:80]}, but {told}")
    return tuple(found)


def _indexes(labels: NDArray[Any], classes: tuple[Any, ...], name: str) -> NDArray[np.intp]:
    index = {label: i for i, label in enumerate(classes)}
    found = [index.get(label, -1) for label in labels.tolist()]
    if -1 in found:
        row = found.index(-1)
        raise ValueError(f"`{name}` has in row {row} the label {labels[row].item()!r}; the classes are {classes!r:.80}")
    return np.array(found, np.intp)

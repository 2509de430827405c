"""Task: the rows, targets and weights of a training, checked against the model and the loss."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff import Value, no_grad
from autodiff.arrays import Floats

from ...checks.vector import vector
from ...losses.registry import Loss, record
from ...losses.targets import Targets, targets
from ...modules.classifier import Classifier
from ...modules.module import Module
from ...modules.prediction import correct
from ...modules.standardization import Standardized
from . import examples


@dataclass(frozen=True)
class Task:
    """Rows X, (m, inputs), targets Y as `loss` takes them, and the weights of the rows, None if all are equal.

    `model` is the inner model of the user's if that is `Standardized` or a `Classifier`; X is then standardized.
    `rows` are the indexes of the rows in the user's X. `classes` are the labels, in the order of a `Classifier` if the
    model is one; None for numbers.

    >>> from nn import MLP, hinge
    >>> task = Task.read(MLP(1, [1]), hinge, [[1.0], [2.0]], ["no", "yes"])
    >>> task.Y, task.classes
    (array([-1.,  1.]), ('no', 'yes'))
    """

    model: Any
    loss: Loss
    X: Floats
    Y: Floats
    weights: Floats | None
    classes: tuple[Any, ...] | None
    outputs: int
    rows: NDArray[np.intp]

    @classmethod
    def read(
        cls, model: Any, loss: Loss, X: Any, Y: Any, *, sample_weight: Any = None, class_weight: Any = None
    ) -> Task:
        """Return the task of fitting `model` to Y. Raises TypeError or ValueError if they do not fit."""
        if not isinstance(model, Module) or not callable(model):
            raise TypeError(f"`model` is a Module that can be called, got {type(model).__name__} {model!r:.60}")
        model, X, classes = _inside(model, examples.rows(X))
        first = _first(model, X)
        outputs = len(vector(first, "fit"))
        known = _targets(loss, X, Y, outputs, classes=classes)
        _check_cost(loss, first, known.Y[0].tolist())
        labels = np.asarray(Y).ravel().tolist() if known.classes else None
        weights = examples.weights(sample_weight, class_weight, labels, len(X))
        return cls(model, loss, X, known.Y, weights, known.classes, outputs, np.arange(len(X)))

    @property
    def arrays(self) -> list[Floats]:
        """X, Y and, if there are any, the weights, scaled to mean 1."""
        return [self.X, self.Y, *([] if self.weights is None else [self.weights / self.weights.mean()])]

    @property
    def right(self) -> Callable[[Any, Any], Any] | None:
        """The function of outputs and target that is 1 where they agree, else 0; None for numbers."""
        return correct if self.classes else None

    def others(self, pair: Sequence[Any], around: Any = None) -> list[Floats]:
        """Return validation rows and targets as arrays, for the user's model `around`. Raises as `read` does."""
        if len(pair) != 2:
            raise ValueError(f"`validation` is a share of the rows or a pair (X, Y), got {len(pair)} things")
        X = examples.rows(pair[0], "validation[0]")
        if X.shape[1] != self.X.shape[1]:
            raise ValueError(f"`validation[0]` has {X.shape[1]} columns, `X` {self.X.shape[1]}")
        _, X, _ = _inside(around, X)
        names = "validation[0]", "validation[1]"
        return [X, _targets(self.loss, X, pair[1], self.outputs, names, self.classes).Y]

    def split(self, share: float, seed: int) -> tuple[Task, list[Floats]]:
        """Return the task of the training rows, and X and Y of the validation rows; neither may be empty."""
        kept, held = examples.split(len(self.X), share, seed)
        weights = None if self.weights is None else self.weights[kept]
        if weights is not None and not weights.any():
            raise ValueError("the rows that are left to train on have no weight")
        rest = replace(self, X=self.X[kept], Y=self.Y[kept], weights=weights, rows=kept)
        return rest, [self.X[held], self.Y[held]]


def _inside(model: Any, X: Floats) -> tuple[Any, Floats, tuple[Any, ...] | None]:
    """Return the model within `Standardized` and `Classifier`, the rows as it takes them, and the classes if known."""
    classes = None
    while isinstance(model, (Standardized, Classifier)):
        if isinstance(model, Standardized):
            X = model.standardization(X)
        else:
            classes = classes or model.classes
        model = model.model
    return model, X, classes


def _first(model: Any, X: Floats) -> Any:
    """Return the outputs for the first row. Raises TypeError unless they are a Value or a list of Values."""
    given = model(X[0].tolist())
    outputs = vector(given, "fit")
    if not outputs or not all(isinstance(a, (Value, Real)) for a in outputs):
        raise TypeError(f"the model gives for a row {given!r:.80}. It should give a Value or a list of Values")
    return given


def _check_cost(loss: Loss, outputs: Any, y: Any) -> None:
    """Raise TypeError unless the loss gives a number for a row, ValueError if it is not for such outputs."""
    values = [a for a in vector(outputs, "fit") if isinstance(a, Value)]
    row = record(loss)
    if row and row.link and row.link.gave(values):
        raise ValueError(
            f"`{loss.__name__}` takes logits, of which it takes the {row.link.name}, and the model ends in one: "
            'make it with output="linear", or without its last part'
        )
    with no_grad():
        cost = loss(outputs, y)
    if not isinstance(cost, (Value, Real)):
        raise TypeError(f"the loss gives for a row {cost!r:.80}. It should give a Value")


def _targets(
    loss: Loss, X: Floats, Y: Any, outputs: int, names: tuple[str, str] = ("X", "Y"), classes: Any = None
) -> Targets:
    known = targets(loss, Y, outputs, name=names[1], classes=classes)
    if len(known.Y) != len(X):
        counts = f"{len(X)} rows and {len(known.Y)} targets"
        raise ValueError(f"`{names[0]}` and `{names[1]}` differ in length: {counts}")
    examples.all_finite(known.Y, names[1])
    return known

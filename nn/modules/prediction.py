"""Prediction: the outputs of a model for many rows, and the class rule: which class outputs predict."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

import autodiff
from autodiff.arrays import Floats

from ..checks.arrays import reals
from ..checks.vector import vector
from .module import Module


def outputs(model: Module, X: Any) -> Floats:
    """Return the outputs of `model`, shape (m, outputs), for each row of X, (m, inputs), with the bits of `model(x)`.

    Raises TypeError for a model that cannot be called, ValueError for another shape.

    >>> from nn import MLP
    >>> net = MLP(2, [3, 2], rng=0)
    >>> outputs(net, [[1.0, 2.0], [0.0, 1.0]])[1].tolist() == [v.data for v in net([0.0, 1.0])]
    True
    """
    if not callable(model):
        raise TypeError(f"`model` is a Module that can be called, got {type(model).__name__} {model!r:.60}")
    rows = reals(X, "X")
    if rows.ndim != 2 or not rows.shape[1]:
        raise ValueError(f"`X` has the shape (m, inputs), got {rows.shape}")
    if not len(rows):
        return np.empty((0, np.size(model(np.zeros(rows.shape[1]).tolist()))))
    columns = autodiff.compile(model).map(rows)
    return np.column_stack(columns) if isinstance(columns, list) else np.asarray(columns).reshape(len(rows), -1)


def predicted(scores: Floats) -> NDArray[np.intp]:
    """Return the index of the predicted class for each row of outputs, shape (m, outputs).

    Of several outputs, one for each class, it is that of the largest, the first of equal ones; a single output predicts
    the second of two classes where it is positive.

    >>> predicted(np.array([[0.1, 0.9, 0.9]])), predicted(np.array([[-0.5], [2.0]]))
    (array([1]), array([0, 1]))
    """
    return scores.argmax(axis=1) if scores.shape[1] > 1 else (scores[:, 0] > 0.0).astype(np.intp)


def correct(outputs: Any, target: Any) -> Any:
    """Return 1.0 if the class that one row's outputs predict is the target, else 0.0: `predicted` as a term.

    `target` is the index of the class; for a single output any positive number stands for the second class.

    >>> correct([0.5, 2.0], 1), correct(-0.5, 1), correct(-0.5, -1)
    (1.0, 0.0, 1.0)
    """
    outputs = vector(outputs, "accuracy")
    if len(outputs) == 1:
        return autodiff.eq(autodiff.gt(outputs[0], 0.0), autodiff.gt(target, 0.0))
    chosen = autodiff.take(outputs, target)
    beats = [  # above all outputs before it, and at least all after it: as `argmax` has it
        autodiff.where(autodiff.gt(target, i), autodiff.gt(chosen, a), autodiff.ge(chosen, a))
        for i, a in enumerate(outputs)
    ]
    return reduce(autodiff.minimum, beats)

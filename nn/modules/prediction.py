"""What a model says of many rows at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff import compile

from ..checks.arrays import reals
from .module import Module


def outputs(model: Module, X: Any) -> NDArray[np.float64]:
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
    columns = compile(model).map(rows)
    return np.column_stack(columns) if isinstance(columns, list) else np.asarray(columns).reshape(len(rows), -1)

"""The array arithmetic: rules read on NumPy arrays, element by element, within 4 ulp of the floats."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arithmetic import INF, Arithmetic, Function, ieee

Floats = NDArray[np.float64]


def _vectorized(function: Function) -> Callable[..., Any]:
    if function.kind == "test":
        return lambda x, y: np.where(getattr(np, str(function.numpy))(x, y), 1.0, 0.0)
    if isinstance(function.numpy, str):
        named: Callable[..., Any] = getattr(np, function.numpy)
        return named if function.far == INF else _exact_beyond(function.far, named, _one_by_one(function))
    return function.numpy or _one_by_one(function)


def _one_by_one(function: Function) -> Callable[..., Any]:
    scalar = getattr(ieee, function.name)
    return np.vectorize(lambda *operands: float(scalar(*operands)), otypes=[np.float64])


def _exact_beyond(far: float, named: Callable[..., Any], exact: Callable[..., Any]) -> Callable[..., Any]:
    def evaluate(x: Any) -> Any:
        y, beyond = named(x), np.abs(x) > far
        if not beyond.any():
            return y
        y = np.array(y)
        y[beyond] = exact(x[beyond])
        return y

    return evaluate


numpy = Arithmetic("numpy", _vectorized, lift=lambda x: np.asarray(x, dtype=np.float64))

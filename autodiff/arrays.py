"""The array arithmetic: rules read on NumPy arrays, element by element, within 4 ulp of the floats."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arithmetic import Arithmetic, Function, ieee

Floats = NDArray[np.float64]


def _vectorized(function: Function) -> Callable[..., Any]:
    if function.kind == "test":
        return lambda x, y: np.where(getattr(np, str(function.numpy))(x, y), 1.0, 0.0)
    if isinstance(function.numpy, str):
        named: Callable[..., Any] = getattr(np, function.numpy)
        return named
    scalar = getattr(ieee, function.name)
    return function.numpy or np.vectorize(lambda *operands: float(scalar(*operands)), otypes=[np.float64])


numpy = Arithmetic("numpy", _vectorized, lift=lambda x: np.asarray(x, dtype=np.float64))

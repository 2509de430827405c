"""Checks of vectors: a list, a tuple, an array of one dimension, or a bare number or Value."""

from __future__ import annotations

from collections.abc import Mapping, Set
from numbers import Real
from typing import Any

import numpy as np

from autodiff import Value


def vector(x: Any, taker: object) -> list[Any]:
    """Return x as a list of numbers and Values; a bare one becomes a list of one.

    Raises TypeError or ValueError, naming `taker`, for anything but a vector.

    >>> import numpy as np
    >>> vector(2.0, "mse"), vector(np.array([1, 2]), "mse")
    ([2.0], [1, 2])
    """
    if type(x) is list:
        return x
    if isinstance(x, np.ndarray):
        if x.ndim > 1:
            raise ValueError(f"`{taker}` takes one example at a time, got an array of shape {x.shape}. Pass its rows")
        return np.atleast_1d(x).tolist()  # type: ignore[no-any-return]
    if isinstance(x, (Value, Real)):
        return [x]
    if isinstance(x, (str, bytes, Mapping, Set)):
        raise TypeError(f"`{taker}` takes a list of numbers or Values, got {type(x).__name__} {x!r:.60}")
    try:
        return list(x)
    except TypeError:
        raise TypeError(f"`{taker}` takes a list of numbers or Values, got {type(x).__name__}") from None


def plain(x: Any) -> float:
    """Return x, a number or a Value, as a float.

    >>> plain(Value(2.0))
    2.0
    """
    return x.data if isinstance(x, Value) else float(x)

"""Checks of arrays: real numbers, of a given shape."""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff import Value
from autodiff.arrays import Floats


def numbers(data: Any, shape: tuple[int, ...], name: str) -> Floats:
    """Return `data` as a float64 array of `shape`. Raises TypeError or ValueError that names it `name`.

    >>> numbers([[1, 2]], (1, 2), "W")
    array([[1., 2.]])
    """
    array = reals(data, name)
    if array.shape != shape:
        raise ValueError(f"`{name}` has the shape {shape}, got {array.shape}")
    return array


def reals(data: Any, name: str) -> Floats:
    """Return `data` as a new float64 array. Raises TypeError or ValueError that names it `name`.

    >>> reals([1, True], "X")
    array([1., 1.])
    """
    try:
        array = np.asarray(data)
    except ValueError:
        raise ValueError(f"`{name}` has rows of different lengths") from None
    if array.dtype.kind not in "biuf":
        other = next((x for x in array.ravel().tolist() if not isinstance(x, (int, float))), array)
        remedy = ". Of Values take the `data`" if isinstance(other, Value) else ""
        raise TypeError(f"`{name}` takes real numbers, got {type(other).__name__} {other!r:.40}{remedy}")
    return array.astype(np.float64)

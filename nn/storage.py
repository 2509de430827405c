"""Parameters as arrays: arrays of Values, their data read, checked and assigned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff import Value, bulk


def data_of(values: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return the data of an array of Values.

    >>> from autodiff import Value
    >>> data_of(np.array([Value(1.0), Value(2.0)], dtype=object))
    array([1., 2.])
    """
    return np.array([value.data for value in values.flat], dtype=np.float64).reshape(values.shape)


def assign(values: NDArray[np.object_], data: NDArray[np.float64]) -> None:
    """Set the data of an array of Values to an array of the same shape.

    >>> from autodiff import Value
    >>> v = Value(1.0)
    >>> assign(np.array([v], dtype=object), np.array([3.0]))
    >>> v.data
    3.0
    """
    value: Any
    for value, number in zip(values.flat, data.ravel().tolist(), strict=True):
        value.data = number


def read(parameters: Sequence[Value]) -> NDArray[np.float64]:
    """Return the numbers of Values.

    >>> from autodiff import Value
    >>> read([Value(1.0), Value(2.0)])
    array([1., 2.])
    """
    return np.array(bulk.numbers(list(parameters)), np.float64)


def write(parameters: Sequence[Value], theta: NDArray[np.float64]) -> None:
    """Set the numbers of Values to an array of as many.

    >>> from autodiff import Value
    >>> w = Value(1.0)
    >>> write([w], np.array([3.0]))
    >>> w.data
    3.0
    """
    for v, x in zip(parameters, theta.tolist(), strict=True):
        v.data = x


def numbers(data: Any, shape: tuple[int, ...], name: str) -> NDArray[np.float64]:
    """Return `data` as a float64 array of `shape`. Raises TypeError or ValueError that names it `name`.

    >>> numbers([[1, 2]], (1, 2), "W")
    array([[1., 2.]])
    """
    array = reals(data, name)
    if array.shape != shape:
        raise ValueError(f"`{name}` has the shape {shape}, got {array.shape}")
    return array


def reals(data: Any, name: str) -> NDArray[np.float64]:
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

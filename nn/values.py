"""Parameters as arrays: the data of Values, read and assigned."""

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

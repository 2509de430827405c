"""Values and arrays: the numbers of Values as a float array, and Values set from one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff import Value, bulk
from autodiff.arrays import Floats


def data_of(values: NDArray[np.object_]) -> Floats:
    """Return the data of an array of Values.

    >>> from autodiff import Value
    >>> data_of(np.array([Value(1.0), Value(2.0)], dtype=object))
    array([1., 2.])
    """
    return np.array([value.data for value in values.flat], dtype=np.float64).reshape(values.shape)


def read(parameters: Sequence[Value]) -> Floats:
    """Return the numbers of Values.

    >>> from autodiff import Value
    >>> read([Value(1.0), Value(2.0)])
    array([1., 2.])
    """
    return np.array(bulk.numbers(list(parameters)), np.float64)


def write(values: Iterable[Any], data: Floats) -> None:
    """Set the numbers of Values to those of an array with as many elements.

    >>> from autodiff import Value
    >>> w = Value(1.0)
    >>> write([w], np.array([3.0]))
    >>> w.data
    3.0
    """
    for value, number in zip(values, data.ravel().tolist(), strict=True):
        value.data = number

"""The inputs of a program for many rows: a column for each input slot, with its address and stride in memory."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from weakref import ref

import numpy as np
from numpy.typing import NDArray

from ...arrays import Floats
from ...node import Node

Addresses = NDArray[np.int64]


class Inputs:
    """`rows` rows of inputs, from `data`: numbers and Values, the same for all rows, and arrays of rows.

    Arrays may be strided, read-only, of any real dtype; they are copied only where they are not float64.
    """

    __slots__ = ("_addresses", "arrays", "rows")
    arrays: Sequence[Any]

    def __init__(self, data: Sequence[Any], rows: int | None) -> None:
        self.rows = 1 if rows is None else rows
        if rows is None:
            self.arrays = [np.array([[x._data if isinstance(x, Node) else x for x in data]], np.float64)]
        else:
            self.arrays = [_numbers(x) for x in data]
        self._addresses: tuple[Addresses, Addresses] | None = None

    @classmethod
    def of_arrays(cls, arrays: Sequence[Floats], rows: int) -> Inputs:
        """Return the table of arrays of float64, without looking at them."""
        table = cls.__new__(cls)
        table.rows, table.arrays, table._addresses = rows, arrays, None
        return table

    def take(self, places: NDArray[np.int64]) -> Inputs:
        """Return the table of the rows at these places, rows of nan for places below 0."""
        arrays = [a[places] if a.ndim else a for a in self.arrays]
        if len(places) and places.min() < 0:
            for a in arrays:
                if a.ndim:
                    a[places < 0] = np.nan
        return Inputs.of_arrays(arrays, len(places))

    def matrix(self) -> Floats:
        """Return the inputs as an array of shape (inputs, rows)."""
        if not self.arrays:
            return np.empty((0, self.rows))
        columns = [a.reshape(self.rows, -1).T if a.ndim else np.full((1, self.rows), a) for a in self.arrays]
        return np.concatenate(columns)

    def row(self) -> Floats:
        """Return the inputs of the only row."""
        return np.concatenate([a.ravel() for a in self.arrays]) if self.arrays else np.empty(0)

    def addresses(self) -> tuple[Addresses, Addresses]:
        """Return the address of the first row of each input, and its stride in bytes."""
        if self._addresses is None:
            offsets, owners, strides = _layout(tuple([(a.shape[1:], a.strides) for a in self.arrays]))
            starts = np.array([address(a) for a in self.arrays], np.int64)
            self._addresses = offsets + starts[owners], strides
        return self._addresses


class Pointing:
    """The addresses of the columns of tables: computed anew only if a call has other arrays."""

    __slots__ = ("pointers", "seen", "strides")

    def __init__(self) -> None:
        self.seen: list[Any] | None = None

    def at(self, table: Inputs) -> bool:
        """Point at the columns of `table`; return whether they are elsewhere than before."""
        arrays = table.arrays
        if self.seen is not None and len(self.seen) == len(arrays):
            for (last, strides), a in zip(self.seen, arrays, strict=True):
                if last() is not a or strides != a.strides:
                    break
            else:
                return False
        self.pointers, self.strides = table.addresses()
        self.seen = [(ref(a), a.strides) for a in arrays]
        return True


def address(array: Any) -> int:
    """Return the address of an array."""
    try:
        return ctypes.addressof(ctypes.c_char.from_buffer(array))  # a third of the time
    except (TypeError, ValueError, BufferError):  # read-only, strided or empty
        start: int = array.__array_interface__["data"][0]
        return start


def _numbers(x: Any) -> Any:
    if type(x) is np.ndarray and x.dtype == np.float64:
        return x
    return np.asarray(x._data if isinstance(x, Node) else x, np.float64)


@lru_cache(maxsize=256)
def _layout(arrays: Any) -> tuple[Addresses, Any, Addresses]:
    """Return for each input its offset in bytes from the start of its array, the index of that, and its stride."""
    offsets, owners, strides = [np.zeros(0, np.int64)], [], []
    for i, (shape, steps) in enumerate(arrays):
        places = np.zeros(1, np.int64)
        for n, step in zip(shape, steps[1:], strict=True):
            places = (places[:, None] + np.arange(n, dtype=np.int64) * step).ravel()
        offsets.append(places)
        owners += [i] * len(places)
        strides += [steps[0] if steps else 0] * len(places)
    return np.concatenate(offsets), np.array(owners, np.intp), np.array(strides, np.int64)

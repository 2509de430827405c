"""Batches: the rows of an epoch, shuffled in one go, in buffers whose parts an engine has bound once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .dropout import Dropout
from .engines import Engine

Floats = NDArray[np.float64]


class Batches:
    """Arrays of m rows in batches of `size`, the last one maybe smaller; one batch is not shuffled.

    `masked` are the modules that drop inputs, with the number of these: each gets a new mask for each row and epoch.

    >>> class Means:
    ...     def bind(self, arrays):
    ...         return lambda: float(arrays[0].mean())
    >>> batches = Batches(Means(), [np.array([1.0, 2.0, 3.0])], 2)
    >>> batches.begin(np.random.default_rng(0))
    >>> [step() for step in batches.steps], batches.order, batches.counts
    ([2.0, 2.0], array([2, 0, 1]), [2, 1])
    """

    def __init__(
        self,
        engine: Engine | Any,
        arrays: Sequence[Floats],
        size: int,
        masked: Sequence[tuple[Dropout, int]] = (),
        *,
        shuffle: bool = True,
    ) -> None:
        self.rows = m = len(arrays[0])
        self.arrays = list(arrays)
        self.masked = list(masked)
        self.shuffled = shuffle and size < m
        self.order: NDArray[np.intp] = np.arange(m)
        buffers = [np.empty_like(a) for a in arrays] if self.shuffled else self.arrays
        self.buffers = [*buffers, *[np.ones((m, width)) for _, width in masked]]
        self.parts = [slice(start, min(m, start + size)) for start in range(0, m, size)]
        self.counts = [part.stop - part.start for part in self.parts]
        if self.shuffled:
            self._fill()
        self.steps = [engine.bind(self.batch(i)) for i in range(len(self.parts))]

    def batch(self, i: int) -> list[Floats]:
        """Return the arrays of batch i of this epoch, as they are now.

        >>> class Nothing:
        ...     def bind(self, arrays):
        ...         return None
        >>> Batches(Nothing(), [np.array([1.0, 2.0, 3.0])], 2).batch(1)
        [array([3.])]
        """
        return [buffer[self.parts[i]] for buffer in self.buffers]

    def begin(self, rng: np.random.Generator) -> None:
        """Shuffle for the next epoch, and draw its masks.

        >>> class Nothing:
        ...     def bind(self, arrays):
        ...         return None
        >>> batches = Batches(Nothing(), [np.array([1.0, 2.0, 3.0])], 2)
        >>> batches.begin(np.random.default_rng(0))
        >>> batches.batch(0)
        [array([3., 1.])]
        """
        if self.shuffled:
            self.order = rng.permutation(self.rows)
            self._fill()
        for (dropout, _), buffer in zip(self.masked, self.buffers[len(self.arrays) :], strict=True):
            buffer[:] = dropout.mask(buffer.shape, rng)

    def _fill(self) -> None:
        for array, buffer in zip(self.arrays, self.buffers, strict=False):
            np.take(array, self.order, axis=0, out=buffer, mode="clip")  # which needs no buffer of its own

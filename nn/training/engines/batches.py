"""Batches: the shuffled rows of an epoch, copied batch by batch into buffers to which an engine is bound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff.arrays import Floats

from ...modules.dropout import Dropout
from .engine import Engine


class Batches:
    """Arrays of m rows in batches of `size` rows, the last with the remainder; a single batch is not shuffled.

    `masked` are the Dropout modules with their numbers of inputs: each gets a new mask for each row of each batch.

    >>> class Means:
    ...     def bind(self, arrays):
    ...         return lambda: float(arrays[0].mean())
    >>> batches = Batches(Means(), [np.array([1.0, 2.0, 3.0])], 2)
    >>> batches.begin(np.random.default_rng(0))
    >>> [(batches.load(i), step())[1] for i, step in enumerate(batches.steps)], batches.order, batches.counts
    ([2.0, 2.0], array([2, 0, 1]), [2, 1])
    >>> batches.load(1)
    [array([2.])]
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
        self.arrays, self.masked = list(arrays), list(masked)
        self.split = size < m
        self.shuffled = shuffle and self.split
        self.order: NDArray[np.intp] = np.arange(m)
        self.rng = np.random.default_rng(0)
        self.parts = [slice(start, min(m, start + size)) for start in range(0, m, size)]
        self.counts = [part.stop - part.start for part in self.parts]
        self.buffers = {count: self._buffers(count) for count in set(self.counts)}
        self.load(0)
        bound = {count: engine.bind(buffers) for count, buffers in self.buffers.items()}
        self.steps = [bound[count] for count in self.counts]

    def begin(self, rng: np.random.Generator) -> None:
        """Shuffle for the next epoch, whose masks come from the same generator."""
        self.rng = rng
        if self.shuffled:
            self.order = rng.permutation(self.rows)

    def load(self, i: int) -> list[Floats]:
        """Fill the buffers with batch i of this epoch, and return them."""
        buffers = self.buffers[self.counts[i]]
        if self.split:
            rows = self.order[self.parts[i]]
            for array, buffer in zip(self.arrays, buffers, strict=False):
                array.take(rows, axis=0, out=buffer, mode="clip")  # "clip" copies directly: "raise" would buffer
        for (dropout, _), buffer in zip(self.masked, buffers[len(self.arrays) :], strict=True):
            buffer[:] = dropout.mask(buffer.shape, self.rng)
        return buffers

    def _buffers(self, count: int) -> list[Floats]:
        """Return buffers for `count` rows, or the data themselves if they are one batch, and then for the masks."""
        own = [np.empty_like(a[:count]) for a in self.arrays] if self.split else self.arrays
        return [*own, *[np.ones((count, width)) for _, width in self.masked]]

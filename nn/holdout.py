"""Validation rows: drawn from the data or given beside it, and measured after each epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .engines import Engine
from .history import History
from .modes import Modes

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]


def split(m: int, share: Any, seed: int) -> tuple[Rows, Rows]:
    """Return which of m rows to train on and which to validate on, a share of them, by a seed.

    Raises TypeError for what is no number, ValueError for a share that leaves no row to one of the two.

    >>> train, held = split(4, 0.25, 0)
    >>> train, held
    (array([0, 1, 3]), array([2]))
    """
    if not isinstance(share, Real) or share is True:
        got = f"{type(share).__name__} {share!r:.60}"
        raise TypeError(f"`validation` is a share of the rows or a pair (X, Y), got {got}")
    count = round(m * float(share)) if 0.0 < float(share) < 1.0 else 0
    if not 0 < count < m:
        raise ValueError(f"`validation` is a share of the rows between 0 and 1, got {share} of {m} rows")
    order = np.random.default_rng(seed).permutation(m)
    return np.sort(order[count:]), np.sort(order[:count])


@dataclass
class Validation:
    """Measures rows that are not trained on, with an engine, and notes what it finds in a history."""

    engine: Engine
    arrays: Sequence[Floats]
    modes: Modes
    history: History

    def refresh(self) -> None:
        """Look again at what is not trained and at what is captured."""
        with self.modes.set(False):
            self.engine.refresh()

    def __call__(self, theta: Floats) -> None:
        """Measure the model with the parameters theta."""
        with self.modes.set(False):
            found = self.engine.value(theta, self.arrays)
        loss, *right = found if isinstance(found, tuple) else (found,)
        self.history.validation_loss.append(loss)
        self.history.validation_accuracy += right

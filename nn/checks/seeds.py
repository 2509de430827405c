"""Checks of seeds: a NumPy Generator from a seed, another Generator or fresh entropy."""

from __future__ import annotations

import operator

import numpy as np


def generator(rng: int | np.random.Generator | None) -> np.random.Generator:
    """Return the Generator `rng`, or a new one for a seed; None takes fresh entropy.

    Raises TypeError for an `rng` that is neither, ValueError for a seed below 0.

    >>> generator(0).random() == generator(0).random()
    True
    """
    if rng is None or isinstance(rng, np.random.Generator):
        return np.random.default_rng(rng)
    try:
        seed = operator.index(rng)
    except TypeError:
        raise TypeError(f"`rng` is an int or a NumPy Generator, got {type(rng).__name__} {rng!r:.60}") from None
    if seed < 0:
        raise ValueError(f"`rng` is a seed of at least 0, got {seed}")
    return np.random.default_rng(seed)

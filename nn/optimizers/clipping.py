"""Gradient clipping, by norm or by value, in place, before the step of the optimizer."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from autodiff.arrays import Floats

from ..checks.numbers import positive

Clip = Callable[[Floats], None]


def by_norm(limit: float) -> Clip:
    """Return a function that scales a gradient, in place, to the Euclidean norm `limit` if it is longer.

    >>> g = np.array([3.0, 4.0])
    >>> by_norm(1.0)(g)
    >>> g
    array([0.6, 0.8])
    """
    limit = positive(limit, "limit")

    def clip(g: Floats) -> None:
        norm = math.sqrt(g.dot(g))
        if norm == math.inf:  # g² overflows
            norm = math.hypot(*g.tolist())
        if norm > limit:
            g *= limit / norm

    return clip


def by_value(limit: float) -> Clip:
    """Return a function that cuts each entry of a gradient, in place, to ±`limit`.

    >>> g = np.array([3.0, -0.5])
    >>> by_value(1.0)(g)
    >>> g
    array([ 1. , -0.5])
    """
    limit = positive(limit, "limit")

    def clip(g: Floats) -> None:
        np.clip(g, -limit, limit, out=g)

    return clip

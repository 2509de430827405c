"""Schedules: the learning rate as a function of time. t is counted in epochs, with fractions, from 0.

A schedule is any function of t that returns a factor of the optimizer's `lr`. Those below multiply: `warmup(5) *
cosine(100)` does both.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from ..checks.numbers import nonnegative, positive

Factor = Callable[[float], float]


@dataclass(frozen=True)
class Schedule:
    """A factor of the learning rate at the time t.

    >>> (Schedule(lambda t: 0.5) * Schedule(lambda t: 1.0 / (1.0 + t)))(1.0)
    0.25
    """

    factor: Factor

    def __call__(self, t: float) -> float:
        """Return the factor at t."""
        return self.factor(t)

    def __mul__(self, other: Factor) -> Schedule:
        if not callable(other):
            return NotImplemented
        return Schedule(lambda t: self.factor(t) * other(t))

    __rmul__ = __mul__


def step(every: float, *, gamma: float = 0.1) -> Schedule:
    """Return a factor of `gamma` for each `every` epochs that have passed, as PyTorch's StepLR.

    >>> [step(10)(t) for t in (0, 9.5, 10)]
    [1.0, 1.0, 0.1]
    """
    every, gamma = positive(every, "every"), positive(gamma, "gamma")
    return Schedule(lambda t: gamma ** (t // every))


def cosine(epochs: float, *, least: float = 0.0) -> Schedule:
    """Return a factor that falls from 1 to `least` in `epochs` along half a cosine, and stays there.

    Source: I. Loshchilov and F. Hutter, "SGDR" (2017), eq. 5, without restarts.

    >>> [round(cosine(10)(t), 6) for t in (0, 5, 10, 20)]
    [1.0, 0.5, 0.0, 0.0]
    """
    epochs, least = positive(epochs, "epochs"), nonnegative(least, "least")
    return Schedule(lambda t: least + (1.0 - least) * 0.5 * (1.0 + math.cos(math.pi * min(1.0, t / epochs))))


def linear(epochs: float, *, start: float = 1.0, end: float = 0.0) -> Schedule:
    """Return a factor that goes in a straight line from `start` to `end` in `epochs`, and stays there.

    >>> [linear(10)(t) for t in (0, 5, 20)]
    [1.0, 0.5, 0.0]
    """
    epochs, start, end = positive(epochs, "epochs"), nonnegative(start, "start"), nonnegative(end, "end")
    return Schedule(lambda t: start + (end - start) * min(1.0, t / epochs))


def warmup(epochs: float, *, start: float = 1.0 / 3.0) -> Schedule:
    """Return a factor that rises in a straight line from `start` to 1 in `epochs`, and stays there.

    >>> [warmup(4, start=0.5)(t) for t in (0, 2, 100)]
    [0.5, 0.75, 1.0]
    """
    return linear(epochs, start=start, end=1.0)

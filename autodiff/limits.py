"""Limits: the results of IEEE 754 where division and the functions of `math` raise. Exported Python has this source."""

from __future__ import annotations

import math
from collections.abc import Callable

ERRORS = (ArithmeticError, ValueError)  # what `math` and `/` raise where IEEE 754 has a result


def total(function: Callable[..., float], limit: Callable[..., float]) -> Callable[..., float]:
    """Return `function` with the result of `limit` where it raises."""

    def evaluate(*xs: float) -> float:
        try:
            return function(*xs)
        except ERRORS:
            return limit(*xs)

    return evaluate


def divide(x: float, y: float) -> float:
    """Return x / y: ±inf or nan where Python raises."""
    if y != 0.0:
        return float.__truediv__(x, y)
    return math.nan if x == 0.0 or x != x else math.copysign(math.inf, x) * math.copysign(1.0, y)


def power(x: float, y: float) -> float:
    """Return the result of pow where `math.pow` raises: overflow, a pole at 0, or nan."""
    sign = math.copysign(1.0, x) if abs(math.fmod(y, 2.0)) == 1.0 else 1.0
    if x < 0.0 and y != math.floor(y):
        return math.nan
    return sign * math.inf


def undefined(*xs: float) -> float:
    """Return nan."""
    return math.nan


def overflow(x: float) -> float:
    """Return inf."""
    return math.inf


def odd_overflow(x: float) -> float:
    """Return inf with the sign of x."""
    return math.copysign(math.inf, x)


def same(x: float) -> float:
    """Return x, which has no fraction."""
    return x


def pole_of_log(x: float) -> float:
    """Return the logarithm of 0, and nan for a negative x."""
    return -math.inf if x == 0.0 else math.nan


def pole_of_log1p(x: float) -> float:
    """Return log(1 + x) for x = -1, and nan below."""
    return -math.inf if x == -1.0 else math.nan


def poles_of_atanh(x: float) -> float:
    """Return artanh x for x = ±1, and nan beyond."""
    return math.copysign(math.inf, x) if abs(x) == 1.0 else math.nan

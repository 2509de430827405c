"""Checks of numbers: an int of at least a bound, a float that is finite, positive or a fraction."""

from __future__ import annotations

import math
import operator
from numbers import Real
from typing import Any

from autodiff import Value


def size(count: Any, name: str, *, least: int = 1) -> int:
    """Return `count` as an int. Raises TypeError if it is none, ValueError if it is below `least`.

    >>> size(3, "nin")
    3
    """
    try:
        number = operator.index(count)
    except TypeError:
        raise TypeError(f"`{name}` is an int, got {type(count).__name__} {count!r:.60}") from None
    if number < least:
        raise ValueError(f"`{name}` is at least {least}, got {number}")
    return number


def positive(x: Any, name: str) -> float:
    """Return x as a float. Raises TypeError if it is no number, ValueError if it is not positive and finite.

    >>> positive(0.5, "lr")
    0.5
    """
    number = finite(x, name)
    if number <= 0.0:
        raise ValueError(f"`{name}` is positive, got {x}")
    return number


def nonnegative(x: Any, name: str) -> float:
    """Return x as a float. Raises TypeError if it is no number, ValueError if it is negative or not finite.

    >>> nonnegative(0, "noise")
    0.0
    """
    number = finite(x, name)
    if number < 0.0:
        raise ValueError(f"`{name}` is not negative, got {x}")
    return number


def fraction(x: Any, name: str) -> float:
    """Return x as a float. Raises TypeError if it is no number, ValueError if it is not in [0, 1).

    >>> fraction(0.9, "alpha")
    0.9
    """
    number = nonnegative(x, name)
    if number >= 1.0:
        raise ValueError(f"`{name}` is below 1, got {x}")
    return number


def is_plain(x: Any) -> bool:
    """Return whether x is a real number without a graph, which passes for one where it is set or compared."""
    return not isinstance(x, Value) and isinstance(x, Real)


def finite(x: Any, name: str) -> float:
    """Return x as a float. Raises TypeError if it is no number, ValueError if it is not finite.

    >>> finite(-1, "slope")
    -1.0
    """
    if not is_plain(x):
        raise TypeError(f"`{name}` is a number, got {type(x).__name__} {x!r:.60}")
    if not math.isfinite(x):
        raise ValueError(f"`{name}` is finite, got {x}")
    return float(x)

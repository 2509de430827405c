"""Division with remainder: the quotient x/y rounded to an integer, and the rest; its slope by y is minus the quotient.

Each remainder names its rounding: `mod` rounds down (Python's `%`, np.remainder), `fmod` towards 0 (C's and NumPy's
fmod), `ieee_remainder` to the nearest, ties to even (math.remainder). The rests are exact; x - y·floor(x/y) is not.
"""

from __future__ import annotations

from typing import Any

from .terms import known


def mod(m: Any, x: Any, y: Any) -> Any:
    """Return x - y·floor(x/y), with the sign of y, in the bits of Python's `%`; nan where y is 0."""
    rest = m.fmod(x, y)
    moved = m.where(_strays(m, rest, y), rest + y, rest)
    return m.where(m.eq(rest, 0.0), m.where(m.lt(y, 0.0), -0.0, 0.0), moved)


def mod_slope(m: Any, x: Any, y: Any, z: Any) -> Any:
    """Return -floor(x/y), the slope of the remainder by y; nan where there is no remainder."""
    return known(m, z, -_floored(m, x, y)[1])


def floordiv(m: Any, x: Any, y: Any) -> Any:
    """Return floor(x/y) of the exact quotient, in the bits of Python's `//`; x/y where y is 0."""
    exact, floor = _floored(m, x, y)
    quotient = m.where(m.eq(exact, 0.0), 0.0 * (x / m.where(m.eq(y, 0.0), 1.0, y)), floor)  # ±0
    return m.where(m.eq(y, 0.0), x / m.where(m.eq(y, 0.0), y, 1.0), quotient)


def slope(m: Any, x: Any, y: Any, z: Any) -> Any:
    """Return minus the integer x/y - z/y, where z is a remainder of x: the slope of z by y."""
    return -m.round(x / y - z / y)


def _strays(m: Any, rest: Any, y: Any) -> Any:
    """Tell whether the rest of fmod has not the sign of y."""
    return m.where(m.lt(y, 0.0), m.gt(rest, 0.0), m.lt(rest, 0.0))


def _floored(m: Any, x: Any, y: Any) -> tuple[Any, Any]:
    """Return the quotient of x less its remainder by y, an integer but for rounding, and that integer."""
    rest = m.fmod(x, y)
    near = (x - rest) / y
    near = m.where(_strays(m, rest, y), near - 1.0, near)
    floor = m.floor(near)
    return near, m.where(m.gt(near - floor, 0.5), floor + 1.0, floor)

"""Formulas of the rows hypot and atan2: a length and an angle, and their slopes by the ratio of the sides."""

from __future__ import annotations

from typing import Any

from .arithmetic import INF
from .terms import defined, finite, known, minus_abs, quotient, safe


def hypot(m: Any, x: Any, y: Any) -> Any:
    """Return √(x² + y²) as the larger side times √(1 + ratio²), so that no square overflows or underflows."""
    large, ratio = _sides(m, x, y)
    infinite = m.where(m.eq(m.abs(x), INF), 1.0, m.eq(m.abs(y), INF))
    return m.where(infinite, INF, large * m.sqrt(1.0 + ratio * ratio))


def _sides(m: Any, x: Any, y: Any) -> tuple[Any, Any]:
    """Return the larger of |x| and |y|, and the ratio of the smaller to it."""
    x, y = -minus_abs(m, x), -minus_abs(m, y)
    large, small = m.where(m.gt(x, y), x, y), m.where(m.gt(x, y), y, x)
    return large, small / safe(m, m.ne(large, 0.0), large)


def share(m: Any, x: Any, y: Any, side: Any, other: Any) -> Any:
    """Return side/√(x² + y²), a slope of hypot, not by its value, which may be subnormal; 0.0 at the origin.

    At infinity it is the limit, which is nan where both sides are infinite. Its own slopes are -other/z times those of
    the angle, which subtract nothing; at the origin there are none, nan.
    """
    return m.along(_share(m, x, y, side), lambda: defined(m, _share_path(m, side, other), side, other))


def _share(m: Any, x: Any, y: Any, side: Any) -> Any:
    large, ratio = _sides(m, x, y)
    slope = (side / safe(m, m.ne(large, 0.0), large)) / m.sqrt(1.0 + ratio * ratio)
    alone = m.where(m.eq(large, INF), m.eq(ratio, 0.0), 0.0)
    return m.where(alone, m.where(finite(m, side), 0.0, m.where(m.gt(side, 0.0), 1.0, -1.0)), slope)


def _share_path(m: Any, side: Any, other: Any) -> Any:
    """Return side/√(x² + y²) by the ratio of the smaller side to the larger, which is side or not."""
    wide, ratio, origin = _ratio(m, side, other)
    root = m.sqrt(1.0 + ratio * ratio)
    sign = m.where(m.lt(side, 0.0), -1.0, 1.0)
    return m.where(m.eq(origin, 1.0), m.where(wide, sign, ratio) / root, origin)


def _ratio(m: Any, side: Any, other: Any) -> tuple[Any, Any, Any]:
    """Return whether side is the larger, other/side or side/|other|, and a term that is 1.0, at the origin 0.0.

    What is selected by that term at the origin has no derivatives: those of √(x² + y²) there are inf·0.
    """
    wide, nowhere = m.ge(m.abs(side), m.abs(other)), m.where(m.eq(side, 0.0), m.eq(other, 0.0), 0.0)
    x, y = m.where(nowhere, side, 1.0), m.where(nowhere, other, 0.0)
    above, below = m.where(wide, other, side), m.where(wide, side, -minus_abs(m, other))
    return wide, part(m, above, m.where(nowhere, 1.0, below)), m.sqrt(x * x + y * y)


def part(m: Any, x: Any, y: Any) -> Any:
    """Return x/y, at most 1 in size; its slopes are those of `terms.quotient` unless its square underflows."""
    return quotient(m, x, y, m.ge(m.abs(x / y), 1e-150))


def turn(m: Any, x: Any, y: Any, side: Any, other: Any) -> Any:
    """Return side/(x² + y²), a slope of the angle atan2, without overflow; 0.0 at the origin and at infinity."""
    return m.along(_turn(m, x, y, side), lambda: defined(m, _turn_path(m, side, other), side, other))


def _turn_path(m: Any, side: Any, other: Any) -> Any:
    wide, ratio, origin = _ratio(m, side, other)
    below = m.where(wide, side, -minus_abs(m, other))
    slope = quotient(m, m.where(wide, 1.0, ratio) / (1.0 + ratio * ratio), m.where(m.eq(origin, 1.0), below, 1.0))
    return m.where(m.eq(origin, 1.0), slope, origin)


def _turn(m: Any, x: Any, y: Any, side: Any) -> Any:
    large, ratio = _sides(m, x, y)
    slope = ((side / safe(m, m.ne(large, 0.0), large)) / (1.0 + ratio * ratio)) / large
    return m.where(m.where(m.eq(large, 0.0), 1.0, m.eq(large, INF)), known(m, x, known(m, y, 0.0)), slope)

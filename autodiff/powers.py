"""Formulas of the row pow: powers, with the bits of square, reciprocal and sqrt for their exponents, and the slopes."""

from __future__ import annotations

from typing import Any

from .arithmetic import INF, NAN
from .terms import TINY, defined, finite, known, safe

FAR = 1e50  # from here on third derivatives of usual powers may leave the floats


def power(m: Any, x: Any, y: Any) -> Any:
    """Return x to the y; for the exponents 2, -1 and ½ with the bits of square, reciprocal and sqrt."""
    root = m.where(m.eq(y, 0.5), m.sqrt(x), m.pow(x, y))
    return m.where(m.eq(y, 2.0), x * x, m.where(m.eq(y, -1.0), 1.0 / x, root))


def power_slope(m: Any, x: Any, y: Any, z: Any) -> Any:
    """Return ∂(x^y)/∂x; for the exponents 2, -1 and ½ with the bits that square, reciprocal and sqrt have."""
    root = m.where(m.eq(y, 0.5), 0.5 / (z + 0.0), _power_slope(m, x, y, z))
    slope = m.where(m.eq(y, 2.0), 2.0 * x, m.where(m.eq(y, -1.0), -z / x, root))
    return m.along(slope, lambda: defined(m, _power_slope_path(m, x, y, z), x, y))


def _power_slope_path(m: Any, x: Any, y: Any, z: Any) -> Any:
    """Return y·x^(y-1), whose slopes are powers again: y·(z/x) subtracts and leaves a rest where they are 0.

    As a function of the exponent, too, it is the same for -1 and ½, in terms with the slopes of reciprocal and sqrt.
    At 0 its slopes by an exponent of 1 and of 0 are -inf and inf, which those of x^0 by convention are not.
    """
    inverse, half, at_0 = m.eq(y, -1.0), m.eq(y, 0.5), m.eq(x, 0.0)
    one, none = m.where(at_0, m.eq(y, 1.0), 0.0), m.where(at_0, m.eq(y, 0.0), 0.0)
    usual = m.where(m.where(inverse, 1.0, m.where(half, 1.0, none)), 0.0, 1.0)
    power = _stepwise_power(m, safe(m, usual, x), y - 1.0) - m.sqrt(m.where(one, y - 1.0, 1.0)) * one
    of_inverse = (y * safe(m, inverse, z)) / safe(m, inverse, x)
    of_root = (y / (safe(m, half, z) + 0.0)) * m.pow(safe(m, half, x), y + (y - 1.0))
    return m.where(inverse, of_inverse, m.where(half, of_root, y * power + m.sqrt(m.where(none, y, 1.0)) * none))


def _stepwise_power(m: Any, x: Any, y: Any) -> Any:
    """Return x^y; far from 1 as the power of a constant times 1^y, whose slopes take steps of one 1/x each.

    Thus x^(y - 2), which may overflow or underflow, never stands alone where what follows makes it normal again.
    """
    size = m.abs(x)
    far = m.where(m.lt(size, 1.0 / FAR), m.ne(size, 0.0), m.where(m.gt(size, FAR), m.lt(size, INF), 0.0))
    base = safe(m, far, x)
    constant = m.detach(base)
    return m.where(far, m.pow(constant, y) * m.pow(base / constant, y), m.pow(m.where(far, 1.0, x), y))


def _power_slope(m: Any, x: Any, y: Any, z: Any) -> Any:
    """Return ∂(x^y)/∂x: y·(z/x) where z and z/x are normal, else y·x^(y-1), which is 613 ulp off where y - 1 rounds.

    Where only z/x is out of range, (y·z)/x; where z is subnormal, it comes in two factors, equal but written in two
    ways, so that generated code takes them only where it needs them.
    """
    size, slope = m.abs(z), m.abs(z / x)
    sound = m.where(m.ge(size, TINY), m.lt(size, INF), 0.0)
    normal = m.where(sound, m.where(m.ge(slope, TINY), m.lt(slope, INF), 0.0), 0.0)
    faint = m.where(m.lt(size, TINY), m.ge(x, TINY), 0.0)
    near, base = m.where(normal, 1.0, safe(m, sound, x)), safe(m, faint, x)
    beside = (y * safe(m, sound, z)) / near
    halves = (y * m.pow(base, 0.5 * y)) * (m.pow(base, y * 0.5) / base)
    above = m.where(faint, halves, y * m.pow(m.where(sound, 1.0, x), y - 1.0))
    ratio = safe(m, normal, z) / safe(m, normal, x)
    near = m.where(m.eq(y, 0.0), 0.0, m.where(sound, beside, above))
    far = m.where(m.lt(x, 0.0), NAN, m.where(m.eq(z, 0.0), 0.0, y * z))  # y is infinite
    return m.where(normal, y * ratio, known(m, z, m.where(finite(m, y), near, far)))


def power_exponent_slope(m: Any, x: Any, y: Any, z: Any) -> Any:
    """Return ∂(x^y)/∂y: z·log x for x > 0, z in two factors where it is subnormal; at 0 its limit, nan below."""
    base, faint = safe(m, m.ne(x, 0.0), x), m.lt(m.abs(z), TINY)
    tail = (m.pow(safe(m, faint, base), 0.5 * y) * m.log(base)) * m.pow(safe(m, faint, base), y * 0.5)
    tail = m.where(m.eq(x, INF), 0.0, tail)
    slope = m.where(m.eq(x, 0.0), m.where(m.ge(y, 0.0), 0.0, -z), m.where(faint, tail, z * m.log(base)))
    return m.along(
        slope, lambda: defined(m, m.where(m.eq(x, 0.0), _exponent_slope_at_0(m, x, y), z * m.log(base)), x, y)
    )


def _exponent_slope_at_0(m: Any, x: Any, y: Any) -> Any:
    """Return what grows and vanishes about x = 0 as x^y·log x does: -x^(y-ε)."""
    return -m.pow(m.where(m.eq(x, 0.0), x, 1.0), y - 2.0**-20)

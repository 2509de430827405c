"""Formulas of rows that are longer than a line: terms over an arithmetic m, each with the reason for its form."""

from __future__ import annotations

from typing import Any

from .arithmetic import INF, NAN

TINY = 2.2250738585072014e-308  # the smallest normal float
ROOT_HALF, ROOT_HALF_REST = 0.7071067811865476, -4.833646656726457e-17  # √½ in two parts
TWO_OVER_ROOT_PI, PHI_0, PHI_0_REST = 1.1283791670955126, 0.3989422804014327, 6.247e-17  # 1/√(2π) = PHI_0·(1 - rest)
FAR, PHI_SCALE, EXP_MINUS_708 = -37.0, 6.398279740081261e-29, 3.307553003638408e-308  # PHI_SCALE = e⁻⁶⁴/√(2π)


def compare(m: Any, x: Any, y: Any, *, more: Any, less: Any, tie: Any) -> Any:
    """Return more where x > y, less where x < y, tie where they are equal, nan where one of them is."""
    return m.where(m.gt(x, y), more, m.where(m.lt(x, y), less, m.where(m.eq(x, y), tie, NAN)))


def inside(m: Any, x: Any, low: float) -> Any:
    """Return x, but nan below low, outside the domain, where 1/x would still be a number."""
    return m.where(m.ge(x, low), x, NAN)


def inverse(m: Any, x: Any, factor: float = 1.0) -> Any:
    """Return factor/x for x ≥ 0, nan below: the slope of a logarithm.

    Its own slopes are those of r/(x·r), r the constant 1/x: steps of one 1/x each, so that 1/x² in the second, out of
    range for x < 1e-154, never stands alone where what follows makes it normal again.
    """
    return stepwise_inverse(m, inside(m, x, 0.0) + 0.0, factor)


def stepwise_inverse(m: Any, base: Any, factor: float = 1.0) -> Any:
    """Return factor/base, whose slopes take steps of one 1/base each: see `inverse`."""
    return m.along(factor / base, lambda: _inverse_path(m, base, factor))


def squared_inverse(m: Any, base: Any) -> Any:
    """Return (1/base)/base for base ≥ 1, whose slopes take steps of one 1/base each: see `inverse`."""
    return m.along((1.0 / base) / base, lambda: _squared_inverse_path(m, base))


def _squared_inverse_path(m: Any, base: Any) -> Any:
    base = safe(m, finite(m, base), base)
    unit = base / m.detach(base)
    return m.detach((1.0 / base) / base) / (unit * unit)


def _inverse_path(m: Any, base: Any, factor: float) -> Any:
    once = m.detach(1.0 / base)
    exists = m.lt(once, INF)
    scale = safe(m, m.where(m.eq(once, 0.0), 0.0, exists), once)
    path = (factor * scale) / safe(m, exists, base * scale)
    return m.where(exists, path, -m.sqrt(m.where(exists, 1.0, base - m.detach(base))))  # of the slope -inf


def quotient(m: Any, x: Any, y: Any, near: Any = 1.0) -> Any:
    """Return x/y; where it is `near`, its slopes by y take steps of one 1/y each: see `inverse`."""
    near = m.where(near, finite(m, y), 0.0)
    base = safe(m, near, y)
    constant = m.detach(base)
    return m.where(near, (x / constant) / (base / constant), x / m.where(near, 1.0, y))


def known(m: Any, x: Any, value: Any) -> Any:
    """Return value, but nan where x is."""
    return m.where(m.eq(x, x), value, NAN)


def sides(m: Any, x: Any, low: Any, high: Any, below: Any, between: Any, above: Any) -> Any:
    """Return `below` where x < low, `above` where x > high, else `between`; low goes first where the bounds cross."""
    return m.where(m.lt(x, low), below, m.where(m.gt(x, high), above, between))


def ramp(m: Any, x: Any, low: Any, high: Any, below: Any, between: Any, above: Any) -> Any:
    """Return `between` where low < x < high, `below` from low down, `above` from high up, nan where x is."""
    return known(m, x, m.where(m.le(x, low), below, m.where(m.ge(x, high), above, between)))


def clamp(m: Any, x: Any, low: Any, high: Any) -> Any:
    """Return x limited to [low, high]; nan where one of the three is nan."""
    return known(m, low, known(m, high, sides(m, x, low, high, low, x, high)))


def negative(m: Any, x: Any) -> Any:
    """Return x where it is negative, else 0: the operand of a branch for negative numbers."""
    return m.where(m.gt(x, 0.0), 0.0, x)


def minus_abs(m: Any, x: Any) -> Any:
    """Return -|x| with the slope -1 at 0, where abs has 0: derivatives of even functions built on it are right at 0."""
    return m.where(m.lt(x, 0.0), x, -x)


def sigmoid(m: Any, x: Any) -> Any:
    """Return 1/(1 + exp(-x)) by the branch that does not overflow."""
    e = m.exp(minus_abs(m, x))
    return m.where(m.ge(x, 0.0), 1.0, e) / (1.0 + e)


def sigmoid_slope(m: Any, x: Any) -> Any:
    """Return the slope of sigmoid; its own slopes are those of ¼(1 - tanh²(x/2)), which subtract nothing about 0."""
    return m.along(bell(m, x), lambda: _bell_path(m, m.tanh(0.5 * x)))


def _bell_path(m: Any, t: Any) -> Any:
    return 0.25 - 0.25 * (t * t)


def softplus_slope(m: Any, x: Any) -> Any:
    """Return sigmoid, with the slopes of ½ + ½ tanh(x/2): those of 1/(1 + e) and e/(1 + e) subtract about 0."""
    return m.along(sigmoid(m, x), lambda: 0.5 + 0.5 * m.tanh(0.5 * x))


def bell(m: Any, x: Any) -> Any:
    """Return e/(1 + e)², e = exp(-|x|), the slope of sigmoid: exact in the tail, where z·(1 - z) loses every digit."""
    e = m.exp(minus_abs(m, x))
    return e / (1.0 + e * (2.0 + e))  # (1 + e)² with the errors made small by e: up to an ulp less


def beside_1(m: Any, x: Any) -> Any:
    """Return 1 - x² as (1 - x)(1 + x), exact beside ±1; its slope is -2x, exact about 0."""
    return m.along((1.0 - x) * (1.0 + x), lambda: 1.0 - x * x)


def safe(m: Any, test: Any, x: Any) -> Any:
    """Return x where the test holds, else 1.0: a harmless operand in a branch that is not taken."""
    return m.where(test, x, 1.0)


def finite(m: Any, x: Any) -> Any:
    """Return 1.0 where x is finite, 0.0 at ±inf and nan."""
    return m.lt(m.abs(x), INF)


def product_error(m: Any, x: Any, y: Any) -> Any:
    """Return x·y minus its rounded value, exactly (Dekker 1971, with Veltkamp's splitting)."""
    high_x = 134217729.0 * x - (134217729.0 * x - x)
    high_y = 134217729.0 * y - (134217729.0 * y - y)
    low_x, low_y = x - high_x, y - high_y
    return ((high_x * high_y - x * y) + high_x * low_y + low_x * high_y) + low_x * low_y


def gauss(m: Any, x: Any) -> Any:
    """Return exp(-x²), corrected by the rounding error of x²: 500 ulp in the tail without that."""
    e = m.exp(-(x * x))
    return e - e * product_error(m, *[_near(m, x)] * 2)


def _near(m: Any, x: Any) -> Any:
    return m.detach(safe(m, m.lt(m.abs(x), 1e3), x))


def normal_cdf(m: Any, x: Any) -> Any:
    """Return ½·erfc(-x/√2), the argument in two parts: with one it is 1,550 ulp off in the tail."""
    u, near = -ROOT_HALF * x, _near(m, x)
    error = product_error(m, -ROOT_HALF, near) - ROOT_HALF_REST * near
    return 0.5 * (m.erfc(u) - error * TWO_OVER_ROOT_PI * m.exp(-(u * u)))


def defined(m: Any, path: Any, *xs: Any) -> Any:
    """Return path where it is finite; else 0.0 with no finite slope by any of xs: for `m.along`, where it overflows."""
    exists = finite(m, path)
    nothing = sum((m.where(finite(m, x), x - m.detach(x), 0.0) for x in xs), 0.0)
    return m.where(exists, path, m.sqrt(m.where(exists, 1.0, nothing)))


def cube_root(m: Any, x: Any) -> Any:
    """Return ∛x with a step of Newton's method from the library's, 3 ulp off; at x·2^±300, where powers are normal."""
    root, usual = m.cbrt(x), m.where(finite(m, x), m.ne(x, 0.0), 0.0)
    scale = m.where(m.lt(m.abs(x), 1.0), 2.0**100, 2.0**-100)
    c = safe(m, usual, root) * scale
    square, cube = c * c, (c * c) * c
    residual = ((x * (scale * scale * scale) - cube) - product_error(m, square, c)) - product_error(m, c, c) * c
    return m.where(usual, root + residual / (3.0 * square) / scale, root)


def cube_root_slope(m: Any, x: Any, z: Any) -> Any:
    """Return 1/(3z²), whose slopes take steps of one 1/x each: see `inverse`."""
    slope = 1.0 / (3.0 * (z * z))
    return m.along(slope, lambda: defined(m, _cube_root_slope_path(m, x, slope), x))


def _cube_root_slope_path(m: Any, x: Any, slope: Any) -> Any:
    base = safe(m, m.where(finite(m, x), m.ne(x, 0.0), 0.0), x)
    root = m.cbrt(base / m.detach(base))
    return m.detach(slope) / (root * root)


def atan_slope(m: Any, x: Any) -> Any:
    """Return 1/(1 + x²), for large x as (1/x)/x, which does not overflow in higher derivatives either."""
    large = m.ge(m.abs(x), 1e8)
    near, far = m.where(large, 1.0, x), safe(m, large, x)
    return m.where(large, squared_inverse(m, far), 1.0 / (1.0 + near * near))


def limits(m: Any, x: Any, value: Any, *, below: Any, above: Any) -> Any:
    """Return value for finite x, and the limits `below` at -inf and `above` at inf."""
    return m.where(finite(m, x), value, m.where(m.gt(x, 0.0), above, m.where(m.lt(x, 0.0), below, NAN)))


def logit(m: Any, x: Any) -> Any:
    """Return ln(x/(1 - x)), about ½ by log1p of (2x - 1)/(1 - x), whose numerator is exact: the logarithms cancel."""
    middle = m.where(m.gt(x, 0.25), m.lt(x, 0.75), 0.0)
    near, far = m.where(middle, x, 0.5), m.where(middle, 0.5, x)
    return m.where(middle, m.log1p((2.0 * near - 1.0) / (1.0 - near)), m.log(far) - m.log1p(-far))


def silu(m: Any, x: Any) -> Any:
    """Return x·σ(x), with the limits 0 and inf."""
    return limits(m, x, _with_tail(m, x, x * sigmoid(m, x), x), below=0.0, above=x)


def silu_slope(m: Any, x: Any) -> Any:
    """Return σ(x)·(1 + x·σ(-x)) over the common denominator (1 + e)², e = exp(-|x|), with the limits 0 and 1."""
    inner = safe(m, finite(m, x), x)
    e = m.exp(minus_abs(m, inner))
    above = m.where(m.ge(inner, 0.0), (1.0 + e) + inner * e, e * ((1.0 + inner) + e))
    slope = _with_tail(m, inner, above / (1.0 + e * (2.0 + e)), 1.0 + inner)
    return m.along(limits(m, x, slope, below=0.0, above=1.0), lambda: defined(m, _silu_slope_path(m, x), x))


def _silu_slope_path(m: Any, x: Any) -> Any:
    """Return σ + x·σ', whose slopes are 2σ' + x·σ'': right about 0 and in the tails."""
    t = m.tanh(0.5 * x)
    return (0.5 + 0.5 * t) + x * m.along(bell(m, x), lambda: _bell_path(m, t))


def _with_tail(m: Any, x: Any, value: Any, factor: Any) -> Any:
    """Return value, but factor·exp(x) for x < -700, where exp alone is no normal number any more (140 ulp)."""
    half = m.exp(0.5 * safe(m, m.lt(x, -700.0), x))
    return m.where(m.lt(x, -700.0), (factor * half) * half, value)


def scaled_exp(m: Any, x: Any, factor: Any) -> Any:
    """Return factor·exp(x), the factor e⁻⁷⁰⁸ last for x < -708: the product may be normal where exp(x) is not."""
    tail = (factor * m.exp(m.where(m.lt(x, -708.0), x, -708.0) + 708.0)) * EXP_MINUS_708  # x + 708 is exact
    return m.where(m.lt(x, -708.0), tail, factor * m.exp(x))


def gelu(m: Any, x: Any) -> Any:
    """Return x·Φ(x), with the limits 0 and inf."""
    mills, _, density = _far(m, x)
    value = m.where(m.lt(x, FAR), -(mills * density) * PHI_SCALE, x * normal_cdf(m, x))
    return limits(m, x, value, below=0.0, above=x)


def gelu_slope(m: Any, x: Any) -> Any:
    """Return Φ(x) + x·φ(x), with the limits 0 and 1."""
    inner = safe(m, finite(m, x), x)
    mills, square, density = _far(m, inner)
    far = (inner * (1.0 - mills / square) * density) * PHI_SCALE
    steep = (inner * PHI_0) * m.exp(-0.5 * (inner * inner))  # its errors are put back with Φ: 4.2 ulp otherwise
    near = steep + (normal_cdf(m, inner) - steep * (0.5 * product_error(m, *[_near(m, inner)] * 2) + PHI_0_REST))
    return limits(m, x, m.where(m.lt(inner, FAR), far, near), below=0.0, above=1.0)


def _far(m: Any, x: Any) -> tuple[Any, Any, Any]:
    """Return, for x < -37, -x·Φ/φ (Laplace's fraction, 1805), x², φ/PHI_SCALE: Φ and φ alone are subnormal (23 ulp)."""
    far = m.where(m.lt(x, -1e3), -1e3, m.where(m.lt(x, FAR), x, FAR))
    square = far * far
    mills = square / (square + (1.0 - 2.0 / (square + 5.0 - 12.0 / (square + 9.0))))
    return mills, square, m.exp(64.0 - 0.5 * square) * (1.0 - 0.5 * product_error(m, *[_near(m, x)] * 2))


def xlogy(m: Any, x: Any, y: Any) -> Any:
    """Return x·log y, 0 where x is."""
    return m.where(m.eq(x, 0.0), 0.0, x * m.log(safe(m, _live(m, x, y), y)))


def xlogy_logarithm(m: Any, x: Any, y: Any, z: Any) -> Any:
    """Return log y, the slope of x·log y by x; 0 where x is 0 and log y no number."""
    return m.log(safe(m, _live(m, x, y), y))


def xlogy_slope(m: Any, x: Any, y: Any, z: Any) -> Any:
    """Return x/y, the slope of x·log y by y, nan for negative y; 0 where x is 0 and log y no number."""
    live = _live(m, x, y)
    base = safe(m, live, inside(m, y, 0.0) + 0.0)
    return m.where(live, m.along(x / base, lambda: _xlogy_slope_path(m, x, base)), 0.0)


def _xlogy_slope_path(m: Any, x: Any, y: Any) -> Any:
    pole = m.eq(y, 0.0)
    at_pole = x * _inverse_path(m, m.where(pole, y, 1.0), 1.0)
    return defined(m, m.where(pole, at_pole, quotient(m, x, m.where(pole, 1.0, y))), x, y)


def _live(m: Any, x: Any, y: Any) -> Any:
    """Tell whether x·log y is smooth in x: x = 0 switches the term off for a y that is not positive."""
    return m.where(m.ne(x, 0.0), 1.0, m.gt(y, 0.0))

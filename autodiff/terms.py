"""Formulas that rows are made of: terms over an arithmetic m, like the rows, each with the reason for its form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import add
from typing import Any

from .arithmetic import INF, NAN

TINY = 2.2250738585072014e-308  # the smallest normal float
ROOT_HALF, ROOT_HALF_REST = 0.7071067811865476, -4.833646656726457e-17  # √½ in two parts
TWO_OVER_ROOT_PI, ONE_OVER_ROOT_TWO_PI = 1.1283791670955126, 0.3989422804014327


def fold(xs: Iterable[Any]) -> Any:
    """Sum from left to right, from the first term on; 0.0 without terms."""
    return reduce(add, xs) if (xs := list(xs)) else 0.0


def halves(xs: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any]]:
    """Return the first and the second half of xs."""
    return xs[: len(xs) // 2], xs[len(xs) // 2 :]


def compare(m: Any, x: Any, y: Any, *, more: Any, less: Any, tie: Any) -> Any:
    """Return more where x > y, less where x < y, tie where they are equal, nan where one of them is."""
    return m.where(m.gt(x, y), more, m.where(m.lt(x, y), less, m.where(m.eq(x, y), tie, NAN)))


def inside(m: Any, x: Any, low: float) -> Any:
    """Return x, nan below low, where 1/x would still give a slope."""
    return m.where(m.ge(x, low), x, NAN)


def known(m: Any, x: Any, value: Any) -> Any:
    """Return value, but nan where x is."""
    return m.where(m.eq(x, x), value, NAN)


def minus_abs(m: Any, x: Any) -> Any:
    """Return -|x| with a slope of ∓1 also at 0: for even functions, whose every derivative is then right there."""
    return m.where(m.lt(x, 0.0), x, -x)


def sigmoid(m: Any, x: Any) -> Any:
    """Return 1/(1 + exp(-x)) by the branch that does not overflow."""
    e = m.exp(minus_abs(m, x))
    return m.where(m.ge(x, 0.0), 1.0, e) / (1.0 + e)


def bell(m: Any, x: Any) -> Any:
    """Return e/(1 + e)², e = exp(-|x|), the slope of sigmoid: exact in the tail, where z·(1 - z) loses every digit."""
    e = m.exp(minus_abs(m, x))
    return e / ((1.0 + e) * (1.0 + e))


def finite(m: Any, x: Any) -> Any:
    """Return 1.0 where x is finite, 0.0 at ±inf and nan."""
    return m.lt(m.abs(x), INF)


def product_error(m: Any, x: Any, y: Any) -> Any:
    """Return x·y minus its rounded value, exactly (Dekker 1971, with Veltkamp's splitting)."""
    high_x = 134217729.0 * x - (134217729.0 * x - x)
    high_y = 134217729.0 * y - (134217729.0 * y - y)
    low_x, low_y = x - high_x, y - high_y
    return ((high_x * high_y - x * y) + high_x * low_y + low_x * high_y) + low_x * low_y


def gauss(m: Any, x: Any, scale: float) -> Any:
    """Return exp(-scale·x²), scale a power of 2, with the rounding error of x² put back: 500 ulp in the tail."""
    error = product_error(m, *[m.detach(m.where(m.lt(m.abs(x), 1e3), x, 0.0))] * 2)
    return m.exp(-scale * (x * x)) * (1.0 - scale * error)


def normal_cdf(m: Any, x: Any) -> Any:
    """Return ½·erfc(-x/√2), the argument in two parts: with one it is 1,550 ulp off in the tail."""
    u = -ROOT_HALF * x
    error = product_error(m, -ROOT_HALF, m.detach(x)) - ROOT_HALF_REST * m.detach(x)
    return 0.5 * (m.erfc(u) - error * TWO_OVER_ROOT_PI * m.exp(-(u * u)))


def hypot(m: Any, x: Any, y: Any) -> Any:
    """Return √(x² + y²) by the larger and the ratio, so that no square overflows or vanishes."""
    large, ratio = _sides(m, x, y)
    infinite = m.where(m.eq(m.abs(x), INF), 1.0, m.eq(m.abs(y), INF))
    return m.where(infinite, INF, large * m.sqrt(1.0 + ratio * ratio))


def _sides(m: Any, x: Any, y: Any) -> tuple[Any, Any]:
    """Return the larger of |x| and |y|, and the smaller in proportion to it."""
    x, y = -minus_abs(m, x), -minus_abs(m, y)
    large, small = m.where(m.gt(x, y), x, y), m.where(m.gt(x, y), y, x)
    return large, small / m.where(m.eq(large, 0.0), 1.0, large)


def share(m: Any, x: Any, z: Any) -> Any:
    """Return x/z, 0.0 where z is: the slope of hypot."""
    return m.where(m.eq(z, 0.0), 0.0, x / m.where(m.eq(z, 0.0), 1.0, z))


def turn(m: Any, x: Any, y: Any, side: Any) -> Any:
    """Return side/(x² + y²), a slope of the angle atan2, without overflow; 0.0 at the origin."""
    large, ratio = _sides(m, x, y)
    large = m.where(m.eq(large, 0.0), 1.0, large)
    return (side / large) / (large * (1.0 + ratio * ratio))


def cube_root(m: Any, x: Any) -> Any:
    """Return ∛x with one step of Newton's method from the library's, which is 3 ulp off; the residual in two parts."""
    root = m.cbrt(x)
    c = m.where(m.where(finite(m, x), m.ne(x, 0.0), 0.0), root, 1.0)
    square, cube = c * c, (c * c) * c
    residual = ((x - cube) - product_error(m, square, c)) - product_error(m, c, c) * c
    return m.where(m.where(finite(m, x), m.ne(x, 0.0), 0.0), root + residual / (3.0 * square), root)


def atan_slope(m: Any, x: Any) -> Any:
    """Return 1/(1 + x²), for large x as (1/x)/x, which does not overflow in higher derivatives either."""
    large = m.ge(m.abs(x), 1e8)
    near, far = m.where(large, 1.0, x), m.where(large, x, 1.0)
    return m.where(large, (1.0 / far) / far, 1.0 / (1.0 + near * near))


def limits(m: Any, x: Any, value: Any, *, below: Any, above: Any) -> Any:
    """Return value for finite x, and what is given at -inf and inf."""
    return m.where(finite(m, x), value, m.where(m.gt(x, 0.0), above, m.where(m.lt(x, 0.0), below, NAN)))


def silu(m: Any, x: Any) -> Any:
    """Return x·σ(x), with the limits 0 and inf."""
    return limits(m, x, _with_tail(m, x, x * sigmoid(m, x), x), below=0.0, above=x)


def silu_slope(m: Any, x: Any) -> Any:
    """Return σ(x)·(1 + x·σ(-x)) over the common denominator (1 + e)², e = exp(-|x|), with the limits 0 and 1."""
    inner = m.where(finite(m, x), x, 0.0)
    e = m.exp(minus_abs(m, inner))
    above = m.where(m.ge(inner, 0.0), (1.0 + e) + inner * e, e * ((1.0 + inner) + e))
    slope = _with_tail(m, inner, above / ((1.0 + e) * (1.0 + e)), 1.0 + inner)
    return limits(m, x, slope, below=0.0, above=1.0)


def _with_tail(m: Any, x: Any, value: Any, factor: Any) -> Any:
    """Return value, but factor·exp(x) for x < -700, where exp alone is no normal number any more (140 ulp)."""
    half = m.exp(0.5 * m.where(m.lt(x, -700.0), x, 0.0))
    return m.where(m.lt(x, -700.0), (factor * half) * half, value)


def gelu_slope(m: Any, x: Any) -> Any:
    """Return Φ(x) + x·φ(x), with the limits 0 and 1."""
    inner = m.where(finite(m, x), x, 0.0)
    density = gauss(m, inner, 0.5) * ONE_OVER_ROOT_TWO_PI
    return limits(m, x, normal_cdf(m, inner) + inner * density, below=0.0, above=1.0)


def power(m: Any, x: Any, y: Any) -> Any:
    """Return x to the y, the exponents 2, -1 and ½ done as the rows that stand for them do."""
    root = m.where(m.eq(y, 0.5), m.sqrt(x), m.pow(x, y))
    return m.where(m.eq(y, 2.0), x * x, m.where(m.eq(y, -1.0), 1.0 / x, root))


def power_slope(m: Any, x: Any, y: Any, z: Any) -> Any:
    """Return ∂(x^y)/∂x: y·(z/x) where z and z/x are normal, else y·x^(y-1), which is 613 ulp off where y - 1 rounds."""
    size, slope = m.abs(z), m.abs(z / x)
    finite = m.where(m.lt(size, INF), m.lt(slope, INF), 0.0)
    normal = m.where(m.ge(size, TINY), m.where(m.ge(slope, TINY), finite, 0.0), 0.0)
    ratio = m.where(normal, z, 1.0) / m.where(normal, x, 1.0)
    above = m.pow(m.where(normal, 1.0, x), y - 1.0)
    return m.where(normal, y * ratio, m.where(m.eq(y, 0.0), 0.0, y * above))


def power_exponent_slope(m: Any, x: Any, y: Any, z: Any) -> Any:
    """Return ∂(x^y)/∂y: z·log x for x > 0, at 0 its limit, nan below."""
    base = m.where(m.eq(x, 0.0), 1.0, x)
    return m.where(m.eq(x, 0.0), m.where(m.ge(y, 0.0), 0.0, -z), z * m.log(base))


def peak(m: Any, xs: Sequence[Any]) -> Any:
    """Return the largest of xs, 0.0 where it is not finite: by how much exp is shifted."""
    largest = reduce(lambda x, y: compare(m, x, y, more=x, less=y, tie=x), map(m.detach, xs))
    return m.where(m.lt(m.abs(largest), INF), largest, 0.0)


def shifted_exp(m: Any, x: Any, shift: Any) -> Any:
    """Return exp(x - shift) with the rounding error of x - shift (Knuth's TwoSum) put back: up to 240 ulp."""
    difference = x - shift
    back = difference - x
    error = (x - (difference - back)) - (shift + back)
    e = m.exp(difference)
    finite = m.lt(m.abs(difference), INF)
    return e + m.where(finite, e, 0.0) * m.where(finite, error, 0.0)


def logsumexp(m: Any, xs: Sequence[Any]) -> Any:
    """Return log Σ exp x; the largest are exp(0) = 1 each and counted apart, so that log1p keeps the others."""
    shift = peak(m, xs)
    count = fold(m.eq(x, shift) for x in xs)
    others = fold(m.where(m.eq(x, shift), 0.0, shifted_exp(m, x, shift)) for x in xs)
    return shift + m.log1p((count - 1.0) + others)


def softmax(m: Any, xs: Sequence[Any]) -> list[Any]:
    """Return exp x / Σ exp x for each of xs."""
    shift = peak(m, xs)
    exps = [shifted_exp(m, x, shift) for x in xs]
    total = fold(exps)
    return [e / total for e in exps]

"""Sine, cosine and tangent of large numbers, whose reduction modulo π/2 costs the library all its digits.

Payne and Hanek (1983, Radian reduction for trigonometric functions, SIGNUM Newsletter 18) keep as many digits of π as
the exponent asks for; Python's integers hold them all. The rest of the division, in two parts, is exact to 2⁻¹⁰⁶.
Example: 214112296674652 is 136308121570117·π/2 - 2.6e-16, while each π/2 rounded to 53 bits is wrong by 6e-17.
"""

from __future__ import annotations

import math

FAR = 1e8  # up to here glibc reduces by π/2 in three parts, exactly enough, and its result stands
PLACES = 1200  # binary places of π/2: 1,024 for the largest exponent, 61 for the closest multiple, 106 for the rest
HALF_PI = int(
    "1921fb54442d18469898cc51701b839a252049c1114cf98e804177d4c76273644a29410f31c6809bbdf2a33679a748636605"
    "614dbe4be286e9fc26adadaa3848bc90b6aecc4bcfd8de89885d34c6fdad617feb96de80d6fdbdc70d7f6b5133f4b5d3e482"
    "2f8963fcc9250cca3d9c8b67b8400f97142c77e0b31b4906c38aba734d22c7f51fa499ebf06caba47b9475b2c38c5e6ac410"
    "a",
    16,
)


def reduced(x: float) -> tuple[int, float, float]:
    """Return the nearest multiple of π/2, modulo 4, and the rest in two parts, at most π/4."""
    numerator, denominator = x.as_integer_ratio()
    quotient, rest = divmod((numerator << PLACES) // denominator, HALF_PI)
    if 2 * rest > HALF_PI:
        quotient, rest = quotient + 1, rest - HALF_PI
    high = rest / (1 << PLACES)
    numerator, denominator = high.as_integer_ratio()
    return quotient & 3, high, (rest - (numerator << PLACES) // denominator) / (1 << PLACES)


def sin(x: float) -> float:
    """Return sin x. Raises for inf and nan, as all here, where IEEE 754 has nan."""
    return math.sin(x) if -FAR <= x <= FAR else _turned(x, 0)


def cos(x: float) -> float:
    """Return cos x."""
    return math.cos(x) if -FAR <= x <= FAR else _turned(x, 1)


def tan(x: float) -> float:
    """Return tan x."""
    if -FAR <= x <= FAR:
        return math.tan(x)
    quadrant, high, low = reduced(x)
    tangent = math.tan(high)
    low = low + low * (tangent * tangent)
    if quadrant % 2 == 0:
        return tangent + low
    steep = -1.0 / tangent
    return steep + low * (steep * steep)


def _turned(x: float, quadrants: int) -> float:
    """Return sin(x + quadrants·π/2)."""
    quadrant, high, low = reduced(x)
    quadrant = (quadrant + quadrants) % 4
    sine, cosine = math.sin(high), math.cos(high)
    found = cosine - low * sine if quadrant % 2 else sine + low * cosine
    return -found if quadrant >= 2 else found

"""What the tests share: bits of floats, points of a row's domain, and mpmath as one more arithmetic."""

from __future__ import annotations

import math
import random
import signal
import struct
import threading
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import pytest

import autodiff.arrays  # registers the arithmetic of arrays
from autodiff.arithmetic import ARITHMETICS, Arithmetic, Function
from autodiff.row import PRIMITIVES, Interval, Primitive

mpmath.mp.prec = 240
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN and threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)  # tests interrupt themselves, in the background too


def _rest(x: Any, y: Any, rest: Callable[[int, int], Any]) -> Any:
    """Return what `rest` gives for integers, of two finite mpf by their common unit; C's results for others."""
    if not mpmath.isfinite(x) or mpmath.isnan(y) or y == 0:
        return mpmath.nan
    if mpmath.isinf(y):
        return x
    (a, m), (b, n) = ((-x._mpf_[1] if x < 0 else x._mpf_[1], x._mpf_[2]) for x in map(mpmath.mpf, (x, y)))
    unit = min(m, n)
    return mpmath.ldexp(rest(int(a) << m - unit, int(b) << n - unit), unit)


PIECEWISE: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "detach": lambda x: x,
    "along": lambda x, path: x,
    "where": lambda c, x, y: x if c != 0 else y,
    "gt": lambda x, y: mpmath.mpf(x > y),
    "ge": lambda x, y: mpmath.mpf(x >= y),
    "lt": lambda x, y: mpmath.mpf(x < y),
    "le": lambda x, y: mpmath.mpf(x <= y),
    "eq": lambda x, y: mpmath.mpf(x == y),
    "ne": lambda x, y: mpmath.mpf(x != y),
    "pow": mpmath.power,
    "erfc": lambda x: mpmath.mpf(0) if x > 1e5 else mpmath.erfc(x),  # below 10⁻⁴²⁹⁴⁹⁶⁷²⁹⁶ mpmath gives up
    "exp2": lambda x: mpmath.power(2, x),
    "log2": lambda x: mpmath.log(x) / mpmath.log(2),
    "round": mpmath.nint,
    "copysign": lambda x, y: -abs(x) if y < 0 else abs(x),
    "fmod": lambda x, y: _rest(x, y, lambda a, b: abs(a) % abs(b) * (-1 if a < 0 else 1)),
    "ieee_remainder": lambda x, y: _rest(x, y, lambda a, b: a - b * round(Fraction(a, b))),
    "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
}


def _multiprecision(function: Function) -> Callable[..., Any]:
    return PIECEWISE.get(function.name) or getattr(mpmath, function.name)


multiprecision = Arithmetic("mpmath", _multiprecision, lift=mpmath.mpf, lower=float)


def bits(x: float) -> str:
    """Return the bit pattern of x; every nan has the same."""
    return "nan" if math.isnan(x) else struct.pack(">d", x).hex()


def ulps(x: float, truth: Any) -> float:
    """Return by how many ulp of the truth x is off."""
    nearest = float(truth)
    return float(abs(mpmath.mpf(x) - truth)) / math.ulp(nearest)


def sample(row: Primitive, rng: random.Random) -> list[float]:
    """Return a point of moderate size in the domain of `row`."""
    return [_sample(interval, rng) for interval in row.domain]


def _sample(interval: Interval, rng: random.Random) -> float:
    if interval.integers:
        return float(rng.randint(int(interval.low) + 1, int(interval.high) - 1))
    low, high = max(interval.low, -4.0), min(interval.high, 4.0)
    while True:
        x = rng.uniform(low, high)
        if interval.low < x < interval.high and all(abs(x - hole) > 0.01 for hole in interval.holes):
            return x


BUILT_IN = dict(PRIMITIVES)  # before any test adds a row of its own
ROWS = [pytest.param(row, id=name) for name, row in PRIMITIVES.items()]
SMOOTH = [pytest.param(row, id=name) for name, row in PRIMITIVES.items() if row.partials != (None,) * len(row.partials)]
__all__ = ["ARITHMETICS", "BUILT_IN", "ROWS", "SMOOTH", "autodiff", "bits", "multiprecision", "sample", "ulps"]

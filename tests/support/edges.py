"""What a row is to give at the edges of the floats: what its `edges` state, and everywhere else what can be derived.

In order, for the value and for each partial:
1. An entry of `edges` holds, the first that matches; where it says `...`, and elsewhere, what follows here.
2. R1: a row of one argument is nan at nan, with a nan partial. A column of another row is nan exactly where it depends
   on an operand that is nan: where it would not be the same for all numbers in its place.
3. Outside the domain, where the truth is complex, value and partials are nan.
4. The truth of `truth.py`, at infinite operands too, where that gives a number.
5. R3: the limit from inside the domain, from the side that the sign of a zero tells; ±inf where it grows without end.
   Operands that are 0 or infinite go there at different paces; where that matters there is no limit, and nan is right.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Sequence
from functools import reduce
from operator import add, mul
from typing import Any

import mpmath
from mpmath import mpf

from autodiff.arithmetic import INF, NAN
from autodiff.row import Edge, Interval, Primitive

from ..conftest import bits
from . import truth
from .reading import active

MAGNITUDES = (
    0.0,
    5e-324,
    1e-200,
    math.nextafter(1.0, 0.0),
    1.0,
    math.nextafter(1.0, 2.0),
    9.0,
    40.0,
    710.0,
    1e160,
    INF,
)
SPECIAL = (*MAGNITUDES, *(-x for x in MAGNITUDES), NAN)
PROBES = (-3.7, 0.3, 2.9, 0.0, INF, -INF)  # numbers in the place of nan, to see whether a column depends on it
QUOTIENTS = ("fmod", "mod", "ieee_remainder")  # whose slopes are integers up to 2²⁰⁹⁸: no step may reach the next
PACES, STEPS = (1, 2), (2_300, 3_400, 5_000)  # exponents that leave all floats behind
UNDEFINED = (ZeroDivisionError, ValueError, OverflowError, TypeError)
Column = Callable[[Sequence[Any]], Any]
EXACT: dict[str, Callable[[Sequence[float]], float]] = {  # sums from left to right; a sign that mpmath's 0 has not
    "sum": lambda xs: reduce(add, xs),
    "dot": lambda xs: reduce(add, map(mul, xs[: len(xs) // 2], xs[len(xs) // 2 :])),
    "copysign": lambda xs: math.copysign(*xs) if xs[1] == xs[1] else NAN,
}


def expected(row: Primitive, point: Sequence[float]) -> list[Any]:
    """Return what the value and each partial of `row` are to be at `point`: a number, or None for no edge."""
    entry = matching(row, point)
    known = entry[1] if entry else (...,) * (1 + len(point))
    columns = [_value(row), *(_partial(row, i) if i in active(row) else None for i in range(len(point)))]
    if row.name in EXACT:
        known = (EXACT[row.name](point), *known[1:])
    pairs = zip(known, columns, strict=True)
    with mpmath.workprec(600):  # 10¹⁶⁰ - 1 has 532 bits
        found = [_derived(row, column, point) if k is ... and column else k for k, column in pairs]
    return [None if x is ... else x for x in found]


def grid(row: Primitive) -> list[tuple[float, ...]]:
    """Return the points of the grid: all for one or two operands, 500 for more, and those that `edges` name."""
    named = [key for key, _ in row.edges if all(isinstance(x, float) for x in key)]
    if len(row.domain) <= 2:
        return [*itertools.product(SPECIAL, repeat=len(row.domain)), *named]
    rng = random.Random(row.name)
    return [*(tuple(_drawn(interval, rng) for interval in row.domain) for _ in range(500)), *named]


def _drawn(interval: Interval, rng: random.Random) -> float:
    if interval.integers and rng.random() < 0.8:
        return float(rng.randint(int(interval.low) + 1, int(interval.high) - 1))
    return rng.choice(SPECIAL)


def matching(row: Primitive, point: Sequence[float]) -> Edge | None:
    """Return the first of the `edges` of `row` that is about `point`."""
    return next((e for e in row.edges if len(e[0]) == len(point) and all(map(_matches, e[0], point))), None)


def second(row: Primitive, point: Sequence[float], i: int, j: int, *, found: float) -> Any:
    """Return ∂²value/∂xᵢ∂xⱼ as a difference of true slopes; None where the slope has a kink, or is not defined about.

    Where the slope varies too little for the first precision to tell, the second does, unless 0 was `found` anyway.
    """
    size = min([1.0, *(abs(x) for x in point if x)])
    least = 200 if row.name not in QUOTIENTS else 2_300
    for precision in (2_300 + least, 3_400 + least):
        with mpmath.workprec(precision):
            steps = [mpf(size) * sign * mpf(2) ** -k for sign, k in ((-1, least), (1, least), (1, least + 4))]
            around = [[x + step if n == j else mpf(x) for n, x in enumerate(point)] for step in (0, *steps)]
            here, *there = (_at(_partial(row, i), place) for place in around)
            if not all(isinstance(x, mpf) for x in (here, *there)) or not all(_inside(row, place) for place in around):
                return None
            left, right, nearer = ((x - here) / step for x, step in zip(there, steps, strict=True))
            scale = (abs(left) + abs(right) + abs(here) / size) * mpf(2) ** -60
            if abs(left - right) > scale or abs(right - nearer) > scale:
                return None
            if left != 0 or right != 0 or found == 0.0:
                break
    return (left + right) / 2


def same(x: Any, y: Any) -> bool:
    """Tell whether two numbers are one float to 4 ulp, any nan being the same as any other."""
    x, y = nearest(x), nearest(y)
    return x == y or (x != x and y != y) or (math.isfinite(y) and abs(x - y) <= 4.0 * math.ulp(y))


def nearest(x: Any) -> float:
    """Return the float nearest to x."""
    try:
        return float(x)
    except OverflowError:
        return math.copysign(INF, x)


def _matches(key: Any, x: float) -> bool:
    if isinstance(key, Interval):
        return key.low <= x <= key.high
    return key is ... or bits(key) == bits(x)


def _value(row: Primitive) -> Column:
    return lambda xs: truth.value(row, xs)


def _partial(row: Primitive, i: int) -> Column:
    return lambda xs: truth.slopes(row, xs)[i]


def _derived(row: Primitive, column: Column, point: Sequence[float]) -> Any:
    unknown = [i for i, x in enumerate(point) if math.isnan(x) and i in active(row)]
    if not unknown:
        return _settled(row, column, point)
    if len(point) == 1:
        return NAN
    places = ({i: PROBES[(k + n) % len(PROBES)] for n, i in enumerate(unknown)} for k in range(len(PROBES)))
    first, *others = (_settled(row, column, [numbers.get(i, x) for i, x in enumerate(point)]) for numbers in places)
    return first if all(same(x, first) for x in others) else NAN


def _settled(row: Primitive, column: Column, point: Sequence[float]) -> Any:
    xs = [mpf(x) for x in point]
    found = _at(column, xs)
    if not _inside(row, xs) or isinstance(found, mpmath.mpc):
        return NAN
    if (found is None or mpmath.isnan(found)) and not any(map(math.isnan, point)):
        return _limit(row, column, point)
    return NAN if found is None else found


def _at(column: Column, xs: Sequence[Any]) -> Any:
    """Return the column at xs, None where it is undefined."""
    try:
        return column(xs)
    except UNDEFINED:
        return None


def _inside(row: Primitive, xs: Sequence[Any]) -> bool:
    return row.variadic or not isinstance(_at(_value(row), xs), mpmath.mpc)


def _limit(row: Primitive, column: Column, point: Sequence[float]) -> Any:
    """Return what the column tends to along every way to `point` inside the domain; nan if they differ."""
    special = [i for i, x in enumerate(point) if x == 0.0 or math.isinf(x)] or list(range(len(point)))
    for signs in ((1,), (-1,)) if any(x == 0.0 for x in point) else ((1, -1),):
        ways = [{i: (sign, PACES[(k + n) % 2]) for n, i in enumerate(special)} for sign in signs for k in range(2)]
        found = [_along(row, column, point, way) for way in ways]
        inside = [x for x in found if x is not None]
        if inside:
            return inside[0] if all(same(x, inside[0]) for x in inside) else NAN
    return NAN


def _along(row: Primitive, column: Column, point: Sequence[float], way: dict[int, tuple[int, int]]) -> float | None:
    """Return the limit along one way, None if it leads outside the domain."""
    seen = []
    for step in STEPS:
        xs = [_near(x, *way[i], step) if i in way else mpf(x) for i, x in enumerate(point)]
        if not _inside(row, xs):
            return None
        y = _at(column, xs)
        if y is None or isinstance(y, mpmath.mpc) or mpmath.isnan(y):
            return NAN
        seen.append(y)
    a, b, c = map(abs, seen)
    if abs(seen[2] - seen[1]) <= c * mpf(2) ** -60:
        return nearest(seen[2])
    return math.copysign(INF, seen[2]) if c > 1.2 * b > 1.44 * a else 0.0 if 1.44 * c < 1.2 * b < a else NAN


def _near(x: float, sign: int, pace: int, step: int) -> Any:
    far = mpf(2) ** (pace * step)
    if math.isinf(x):
        return math.copysign(1.0, x) * far
    return x + sign / far if x else sign * math.copysign(1.0, x) / far

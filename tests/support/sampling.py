"""Where the sweep looks: points of every size in a row's domain, the more of them where formulas and results turn.

Around its turns a row is tried in steps of ulps and of powers of ten. They are found, not listed: the numbers that
stand in its formulas, and by bisection every place where a result leaves or enters the normal numbers.
"""

from __future__ import annotations

import itertools
import math
import random
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import mpmath

from autodiff.arithmetic import ieee
from autodiff.row import PRIMITIVES, Interval, Primitive
from autodiff.text import Term, text

from .reading import read

LARGEST, TINY, LEAST = math.nextafter(math.inf, 0.0), 2.0**-1022, 5e-324
NUMBER = re.compile(r"(?<![\w.])\d+\.\d+(?:e[+-]?\d+)?|\d+e[+-]?\d+")
SIZES = (LEAST, LARGEST, *(10.0**k for k in range(-323, 309, 4)), *(10.0 ** (k / 64) for k in range(-128, 256)))
GRID = sorted({sign * x for sign in (-1.0, 1.0) for x in SIZES})


def draw(row: Primitive, rng: random.Random) -> tuple[float, ...]:
    """Return a point of the domain of `row`; two of its arguments often stand in a relation."""
    while True:
        point = [_one(interval, row, rng) for interval in _intervals(row, rng)]
        free = [i for i, interval in enumerate(row.domain) if not interval.integers]
        if len(point) > 1 and len(free) > 1 and rng.random() < 0.5:
            i, j = rng.sample(range(len(point)) if row.variadic and len(free) == len(row.domain) else free, 2)
            point[j] = _related(point[i], rng)
        if all(map(_belongs, point, itertools.cycle(row.domain))) and not _at_an_edge(row, point):
            return tuple(x + 0.0 for x in point)  # -0.0 is no number of mpmath's


def _intervals(row: Primitive, rng: random.Random) -> tuple[Interval, ...]:
    """Return the domain of each argument; rows that take any number of one kind get up to eight."""
    if not row.variadic or len(set(row.domain)) > 1:
        return row.domain
    return row.domain[:1] * (2 * rng.randint(1, 4))


def _at_an_edge(row: Primitive, point: Sequence[float]) -> bool:
    """Tell whether the table, not mathematics, decides at `point`."""
    return any(all(map(_matches, key, point)) for key in _edges(row.name) if len(key) == len(point))


@cache
def _edges(name: str) -> list[Sequence[Any]]:
    """Return the edges of a row that have points of its domain."""
    row = PRIMITIVES[name]
    return [key for key, _ in row.edges if all(map(_reaches, key, itertools.cycle(row.domain)))]


def _reaches(key: Any, interval: Interval) -> bool:
    if isinstance(key, Interval):
        return key.low < interval.high and key.high > interval.low
    return key is ... or _belongs(key, interval)


def _matches(key: Any, x: float) -> bool:
    return key.low <= x <= key.high if isinstance(key, Interval) else key is ... or key == x


def _belongs(x: float, interval: Interval) -> bool:
    return interval.low < x < interval.high and x not in interval.holes and math.isfinite(x)


def _one(interval: Interval, row: Primitive, rng: random.Random) -> float:
    if interval.integers:
        return float(rng.randint(int(interval.low) + 1, int(interval.high) - 1))
    while True:
        x = rng.choice(KINDS)(row, rng)
        if _belongs(x, interval):
            return x


def _of_any_size(row: Primitive, rng: random.Random) -> float:
    return rng.choice((-1.0, 1.0)) * 10.0 ** rng.uniform(-308.0, 308.25)


def _subnormal(row: Primitive, rng: random.Random) -> float:
    return rng.choice((-1.0, 1.0)) * 2.0 ** rng.uniform(-1074.0, -1020.0)


def _moderate(row: Primitive, rng: random.Random) -> float:
    return rng.uniform(-5.0, 5.0)


def _in_the_tails(row: Primitive, rng: random.Random) -> float:
    return rng.uniform(-40.0, 40.0) if rng.random() < 0.5 else rng.uniform(-1100.0, 1100.0)


def _at_a_turn(row: Primitive, rng: random.Random) -> float:
    if row.name in ("sin", "cos", "tan") and rng.random() < 0.5:
        return rng.choice(near_multiples())
    x = rng.choice(turns(row.name))
    if rng.random() < 0.5:
        return x + rng.randint(-16, 16) * math.ulp(x)
    return x + rng.choice((-1.0, 1.0)) * 10.0 ** rng.uniform(-17.0, 0.0)


KINDS: list[Callable[[Primitive, random.Random], float]] = [
    *[_of_any_size, _moderate, _in_the_tails, _at_a_turn] * 3,
    _subnormal,
]


def _related(x: float, rng: random.Random) -> float:
    """Return a number close to x, of its exponent, or one whose product, ratio or power with x nears a limit."""
    sign, limit = rng.choice((-1.0, 1.0)), 2.0 ** rng.choice((-1074.0, -1022.0, -511.0, 511.0, 1023.0))
    near = math.frexp(rng.uniform(1.0, 4.0))[0]
    kind = rng.randrange(6)
    if kind == 0:
        return sign * (x + rng.randint(-8, 8) * math.ulp(x))
    if kind == 1:
        return sign * x * (1.0 + 10.0 ** rng.uniform(-17.0, 17.0))
    if kind == 2:
        return sign * math.ldexp(rng.uniform(0.5, 1.0), math.frexp(x)[1])
    if kind == 3:
        return sign * limit * near / x if abs(x) > TINY else x
    if kind == 4:
        return sign * x * limit * near
    return rng.uniform(-746.0, 746.0) / (math.log(abs(x)) or 1.0) if x else x


@cache
def near_multiples() -> list[float]:
    """Return the floats k·2ᵉ closest to a multiple of π/2: k is a denominator of a convergent of 2ᵉ/(π/2)."""
    found = []
    with mpmath.workprec(2_400):
        for exponent in range(-30, 971):
            rest, before, k = mpmath.ldexp(2 / mpmath.pi, exponent), 0, 1
            while k < 2**53:
                found += [math.ldexp(k * n, exponent) for n in (1, 2, 3) if 2**45 < k * n < 2**53]
                rest = 1 / (rest - mpmath.floor(rest))
                before, k = k, int(mpmath.floor(rest)) * k + before
    return found


@cache
def turns(name: str) -> list[float]:
    """Return the points at which the row `name` may change its ways."""
    row = PRIMITIVES[name]
    ends = [x for interval in row.domain for x in (interval.low, interval.high, *interval.holes)]
    numbers = {sign * x for x in (*_numbers(row), 0.0, 1.0, TINY, LARGEST) for sign in (-1.0, 1.0)}
    found = _bisected(row) if len(row.domain) == 1 else []
    return sorted({x for x in (*ends, *row.roots, *numbers, *found) if math.isfinite(x)})


def _numbers(row: Primitive) -> Iterator[float]:
    """Yield the numbers that stand in the formulas of `row`."""
    terms = [Term(f"x{i}") for i in range(len(row.domain))]
    written = [row.evaluate(text, terms), *row.linearize(text, terms, Term("z"), [True] * len(terms))]
    return map(float, NUMBER.findall(" ".join(map(str, written))))


def _bisected(row: Primitive) -> Iterator[float]:
    """Yield the points at which a result of a row of one argument leaves or enters the normal numbers, or 0 or 1."""
    classes = [_classes(row, x) for x in GRID]
    for (low, below), (high, above) in itertools.pairwise(zip(GRID, classes, strict=True)):
        if below != above:
            while math.nextafter(low, high) != high:
                middle = low / 2.0 + high / 2.0
                low, high = (middle, high) if _classes(row, middle) == below else (low, middle)
            yield high


def _classes(row: Primitive, x: float) -> list[tuple[bool, ...]]:
    z, partials = read(ieee, row, [x])
    return [(abs(f) < TINY, f == 0.0, abs(f) < math.inf, abs(f) == 1.0) for f in (z, *partials) if f is not None]

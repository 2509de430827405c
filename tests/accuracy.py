"""How many ulp values and first partials are off, over the whole domain: `python -m tests.accuracy [POINTS]`.

The truth is mpmath's: the value column read at 2,600 bits, and central differences of it, never our partials.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import mpmath
from tqdm import tqdm

from autodiff import PRIMITIVES, Value
from autodiff.apply import call
from autodiff.row import Interval, Primitive

from .conftest import multiprecision

BITS = 2_600  # differences of cosh at 10⁻³⁰⁰ lose 2,200
NORMAL = (2.0**-1021, 2.0**1023)


class Worst(NamedTuple):
    """The largest error of a column, in ulp of the truth, and where."""

    column: str
    ulps: float
    point: tuple[float, ...]


def sweep(row: Primitive, count: int) -> list[Worst]:
    """Return the worst value and partials of `row` over `count` points."""
    rng = random.Random(row.name)
    worst: dict[str, Worst] = {}
    for _ in range(count):
        point = tuple(draw(interval, rng) for interval in row.domain)
        for column, found, truth in columns(row, point):
            error = ulps(found, truth)
            if error is not None and (column not in worst or error > worst[column].ulps):
                worst[column] = Worst(column, error, point)
    return list(worst.values())


def columns(row: Primitive, point: tuple[float, ...]) -> Iterator[tuple[str, float, Any]]:
    """Yield (column, found, truth) for the value and each partial at `point`."""
    node = call(row.name, *map(Value, point))
    with mpmath.workprec(BITS):
        exact = [mpmath.mpf(x) for x in point]
        yield "value", node.data, row.evaluate(multiprecision, exact)
        for i, found in enumerate(node.partials):
            if found is not None and not any(abs(point[0] - root) < 1.0 for root in row.roots):
                yield f"∂{i}", found, _slope(row, exact, i)


def _slope(row: Primitive, exact: list[Any], i: int) -> Any:
    step = (min(1, abs(exact[i])) or 1) * mpmath.mpf(2) ** -200
    above, below = ([x + sign * step if k == i else x for k, x in enumerate(exact)] for sign in (1, -1))
    return (row.evaluate(multiprecision, above) - row.evaluate(multiprecision, below)) / (2 * step)


def ulps(found: float, truth: Any) -> float | None:
    """Return the error in ulp, None where the truth is no normal number."""
    if isinstance(truth, mpmath.mpc) or not NORMAL[0] < abs(truth) < NORMAL[1]:
        return None
    if not math.isfinite(found):
        return math.inf
    return float(abs(mpmath.mpf(found) - truth) / math.ulp(float(truth)))


def draw(interval: Interval, rng: random.Random) -> float:
    """Return a point of the interval: near 0, of any size, or beside an edge."""
    while True:
        x = _candidate(interval, rng)
        if interval.low < x < interval.high and x not in interval.holes:
            return x


def _candidate(interval: Interval, rng: random.Random) -> float:
    if interval.integers:
        return float(rng.randint(int(interval.low) + 1, int(interval.high) - 1))
    kind = rng.randrange(4)
    if kind == 0:
        return rng.uniform(-5.0, 5.0)
    if kind == 1:
        return rng.choice((-1.0, 1.0)) * 10.0 ** rng.uniform(-300.0, 300.0)
    if kind == 2:
        return rng.uniform(-750.0, 750.0)
    edges = [x for x in (interval.low, interval.high, *interval.holes, -1.0, 0.0, 1.0) if math.isfinite(x)]
    return rng.choice(edges) + rng.choice((-1.0, 1.0)) * 10.0 ** rng.uniform(-17.0, 0.0)


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    print(f"{count} points a row; the error in ulp of the truth where that is a normal number\n")
    print("| row | column | worst | at |\n|---|---|---|---|")
    rows = [row for row in PRIMITIVES.values() if not row.variadic]
    for row in tqdm(rows, file=sys.stderr, disable=None):
        for worst in sweep(row, count):
            print(
                f"| {row.name} | {worst.column} | {worst.ulps:.2f} | {', '.join(map(repr, worst.point))} |", flush=True
            )


if __name__ == "__main__":
    main()

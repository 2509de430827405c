"""How far second and third derivatives are off: `python -m tests.support.orders [POINTS] [--write]`.

The truth is differences of textbook slopes by mpmath, with as many bits as their steps cost; at the worst points it is
made again with smaller steps. An error is counted in ulp of the derivative, or of what an argument's relative change by
2⁻⁵² makes of it where that is more: beside an inflection no digit of a derivative can be had from a rounded argument.
"""

from __future__ import annotations

import argparse
import itertools
import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

import mpmath
import numpy as np
from mpmath import mpf

from autodiff import PRIMITIVES, compile, grad
from autodiff.apply import call
from autodiff.row import Interval, Primitive

from .accuracy import PAGE, chunks, platform_name, swept
from .sampling import TINY, draw
from .sections import replace_section
from .textbook import slopes, value

CHUNK, STEP, LARGEST = 500, 96, 2.0**1023
SIZE = 1e75  # of arguments at most, and its inverse at least: third derivatives of most rows are no floats beyond
CONSTANT_SLOPES = ("add", "sub", "neg", "relu", "abs", "sign", "maximum", "minimum", "copysign", "fmod", "mod")
CONSTANT_SLOPES += ("ieee_remainder",)
Index = tuple[int, ...]
# coefficients of the central difference of each order, by the number of steps from the point
DIFFERENCES: list[dict[int, float]] = [{0: 1.0}, {-1: -0.5, 1: 0.5}, {-1: 1.0, 0: -2.0, 1: 1.0}]
DIFFERENCES.append({-2: -0.5, -1: 1.0, 1: -1.0, 2: 0.5})


class Worst(NamedTuple):
    """The largest error of an order, and the derivative and the point at which it is."""

    order: int
    error: float
    index: Index
    point: tuple[float, ...]


def judged(row: Primitive) -> bool:
    """Tell whether the sweep judges `row`: it takes one or two numbers, and its slopes are not constants in pieces."""
    return len(row.domain) < 3 and (row.variadic or any(row.partials)) and row.name not in CONSTANT_SLOPES


def sweep(row: Primitive, count: int) -> list[Worst]:
    """Return the worst errors of `row` in each order. Raises ArithmeticError where the steps are too long."""
    return confirmed(row, merged(part(row.name, *chunk) for chunk in chunks(count, CHUNK)))


def part(name: str, k: int, size: int) -> list[Worst]:
    """Return the worst errors of a row over the `size` points of chunk k."""
    row, rng = PRIMITIVES[name], random.Random(f"{name} {k} of orders")
    points = [drawn(row, rng) for _ in range(size)]
    found = derivatives(row, points)
    return merged(errors(row, point, numbers) for point, numbers in zip(points, found, strict=True))


def drawn(row: Primitive, rng: random.Random) -> tuple[float, ...]:
    """Return a point of the domain of `row` whose numbers have the sizes that are judged."""
    while True:
        point = draw(row, rng)[: len(row.domain)]
        if len(point) == len(row.domain) and all(1.0 / SIZE <= abs(x) <= SIZE for x in point):
            return point


def merged(parts: Iterable[Iterable[Worst]]) -> list[Worst]:
    """Return the worst of each order, the first of equals."""
    worst: dict[int, Worst] = {}
    for one in (one for some in parts for one in some):
        if one.order not in worst or one.error > worst[one.order].error:
            worst[one.order] = one
    return [worst[order] for order in sorted(worst)]


def confirmed(row: Primitive, found: list[Worst]) -> list[Worst]:
    """Return `found`. Raises ArithmeticError if smaller steps give another error at one of the points."""
    for worst in found:
        numbers = derivatives(row, [worst.point])[0]
        again = {one.index: one.error for one in errors(row, worst.point, numbers, STEP + 32)}
        if not math.isclose(again[worst.index], worst.error, rel_tol=1e-3, abs_tol=1e-3):
            raise ArithmeticError(f"`{row.name}`: {worst}, but {again[worst.index]} with smaller steps")
    return found


def indices(row: Primitive, order: int) -> list[Index]:
    """Return how often each argument is differentiated by, in every derivative of an order."""
    counts = itertools.product(range(order + 1), repeat=len(row.domain))
    return [index for index in counts if sum(index) == order]


def derivatives(row: Primitive, points: Sequence[Sequence[float]]) -> list[dict[Index, float]]:
    """Return our second and third derivatives at each of the points, by nested gradients."""
    columns = [np.array([point[i] for point in points]) for i in range(len(row.domain))]
    found = {index: nested(row.name, index).map(*columns) for order in (2, 3) for index in indices(row, order)}
    return [{index: float(numbers[k]) for index, numbers in found.items()} for k in range(len(points))]


@cache
def nested(name: str, index: Index) -> Any:
    """Return a derivative of a row as a compiled function."""
    f: Callable[..., Any] = lambda *xs: call(name, *xs)  # noqa: E731
    for i, count in enumerate(index):
        for _ in range(count):
            f = grad(f, i)
    return compile(f)


def errors(row: Primitive, point: tuple[float, ...], found: dict[Index, float], step: int = STEP) -> Iterator[Worst]:
    """Yield the error, in the unit of the sweep, of each derivative that is normal, after none that overflows."""
    truths = Truths(row, point, step)
    least = 1.0 if row.name == "logsumexp" else 0.0  # it reads differences: equal arguments are its inflection
    for index, number in found.items():
        with mpmath.workprec(truths.bits):
            right = truths[index]
            beside = [
                max(abs(mpf(x)), least) * truths[*index[:i], index[i] + 1, *index[i + 1 :]] for i, x in enumerate(point)
            ]
            scale, size = float(max(map(abs, [right, *beside]))), abs(float(right))
            if not (right == 0.0 or TINY <= size <= LARGEST) or scale > LARGEST or truths.overflows_before(index):
                continue
            off = abs(right - number) if math.isfinite(number) else mpf("inf")
            yield Worst(sum(index), float(off / math.ulp(scale)) if off else 0.0, index, point)


class Truths(dict[Index, Any]):
    """The derivatives of a row at a point, each made when it is first asked for."""

    def __init__(self, row: Primitive, point: tuple[float, ...], step: int) -> None:
        super().__init__()
        self.row, self.point = row, point
        exponents = [_exponent(x, interval, row, point) - step for x, interval in zip(point, row.domain, strict=True)]
        apart = max(abs(math.frexp(x)[1]) for x in point)
        tail = max(min(0.75 * x * x, 1_700.0) if abs(x) < 1e4 else 0.0 for x in point)  # e⁻ˣ, e^(-x²/2) beside 1
        self.bits = 400 - 3 * min(exponents) + 4 * apart + int(tail)
        self.steps = [mpmath.ldexp(mpf(1), exponent) for exponent in exponents]
        self.slopes: dict[tuple[int, ...], list[Any]] = {}

    def __missing__(self, index: Index) -> Any:
        i = next(i for i, count in enumerate(index) if count)
        left = [count - (k == i) for k, count in enumerate(index)]
        terms = []
        for lattice in itertools.product(*(DIFFERENCES[count].items() for count in left)):
            weight = math.prod(coefficient for _, coefficient in lattice)
            terms.append(weight * (self._slopes(tuple(k for k, _ in lattice))[i] or mpf(0)))
        total = mpmath.fsum(terms)
        if abs(total) <= mpmath.ldexp(max(map(abs, terms)), 32 - self.bits):
            total = mpf(0)  # the rest of what cancels
        scale = mpf(1)
        for step, count in zip(self.steps, left, strict=True):
            scale *= step**count
        self[index] = total / scale
        return self[index]

    def overflows_before(self, index: Index) -> bool:
        """Tell whether the value, or a derivative of a lower order on the way to that of `index`, is no float."""
        lower = [*itertools.product(*(range(count + 1) for count in index))][1:-1]
        numbers = [value(self.row, [mpf(x) for x in self.point]), *(self[less] for less in lower)]
        return max(map(abs, numbers)) > LARGEST

    def _slopes(self, lattice: tuple[int, ...]) -> list[Any]:
        if lattice not in self.slopes:
            moved = [mpf(x) + k * step for x, k, step in zip(self.point, lattice, self.steps, strict=True)]
            self.slopes[lattice] = slopes(self.row, moved)
        return self.slopes[lattice]


def _exponent(x: float, interval: Interval, row: Primitive, point: Sequence[float]) -> int:
    """Return over what power of two the derivatives by x change: within the domain, for a base by its exponent too."""
    ends = [end for end in (interval.low, interval.high, *interval.holes) if math.isfinite(end)]
    steep = max(1.0, *map(abs, point)) if row.name == "pow" else 1.0
    return math.frexp(min(abs(x), 1.0, *(abs(x - end) for end in ends)))[1] - math.frexp(steep)[1]


def report(found: dict[str, list[Worst]], count: int) -> str:
    """Return the table of the worst errors, and how it was made."""
    lines = [
        f"Made by `python -m tests.support.orders {count} --write`: {count:,} points a row, {platform_name()}.",
        "",
        "| row | order 2: ulp | at | order 3: ulp | at |",
        "|---|--:|---|--:|---|",
    ]
    for name, worst in found.items():
        by_order = {one.order: one for one in worst}
        lines.append(f"| {name} | {' | '.join(_cells(by_order.get(order)) for order in (2, 3))} |")
    return "\n".join(lines)


def _cells(worst: Worst | None) -> str:
    if worst is None:
        return "– | –"
    return f"{worst.error:.1f} | {', '.join(map(repr, worst.point))}" if worst.error else "0 | –"


def main() -> None:
    """Print the table of a sweep, or write it into the documentation."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.support.orders", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("points", type=int, nargs="?", default=500, help="points a row; 20000 for the documentation")
    names = [name for name, row in PRIMITIVES.items() if judged(row)]
    parser.add_argument("--rows", nargs="*", choices=names, metavar="ROW", help="only these rows")
    parser.add_argument("--write", action="store_true", help=f"write the table into docs/{PAGE.name}")
    options = parser.parse_args()
    parts = swept(options.rows or names, chunks(options.points, CHUNK), part)
    found = {name: confirmed(PRIMITIVES[name], merged(worst)) for name, worst in parts.items()}
    table = report(found, options.points)
    print(table)
    if options.write:
        replace_section(PAGE, "orders", table)


if __name__ == "__main__":
    main()

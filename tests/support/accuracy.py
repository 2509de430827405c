"""How many ulp values and first partials are off: `python -m tests.support.accuracy [POINTS] [--write]`.

The truth is mpmath's at 240 bits: textbook formulas for values and slopes, never our partials; the worst points are
computed again at 960 bits. The result does not depend on the number of processes.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import platform
import random
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import mpmath
from mpmath import mpf
from tqdm import tqdm

from autodiff import PRIMITIVES, Value
from autodiff.apply import call
from autodiff.row import Primitive

from .sampling import TINY, draw
from .sections import replace_section
from .textbook import slopes, value

PAGE = Path(__file__).parents[2] / "docs" / "accuracy.md"
BITS, CHUNK = 240, 1_000
T = TypeVar("T")
PROMISED = {"normal": 4.0, "subnormal": 4.0, "root": 1.5e-16}  # ulp; ulp or 2⁻¹⁰⁷⁴·max(1, |∂|); absolute


def promised(name: str, worst: Worst) -> float:
    """Return how large an error of the row `name` may be, in the unit of its kind."""
    if name == "logsumexp" and worst.column == "∂":
        return 4.0 + len(worst.point)  # not promised: the sum adds up to half an ulp a term
    return 0.0 if name in STEPS else PROMISED[worst.kind]


class Worst(NamedTuple):
    """The largest error of a column where operands and results are of one kind, and the point at which it is."""

    column: str
    kind: str
    error: float
    point: tuple[float, ...]


def sweep(row: Primitive, count: int) -> list[Worst]:
    """Return the worst errors of `row` over `count` points. Raises ArithmeticError where 240 bits are too few."""
    return confirmed(row, merged(part(row.name, *chunk) for chunk in chunks(count)))


def chunks(count: int, most: int = CHUNK) -> list[tuple[int, int]]:
    """Return (number, size) of the parts in which `count` points are swept, each with its own seed."""
    return [(k, min(most, count - start)) for k, start in enumerate(range(0, count, most))]


def part(name: str, k: int, size: int) -> list[Worst]:
    """Return the worst errors of a row over the `size` points of chunk k."""
    row, rng = PRIMITIVES[name], random.Random(f"{name} {k}")
    with mpmath.workprec(BITS):
        return merged(errors(row, draw(row, rng)) for _ in range(size))


def merged(parts: Iterable[Iterable[Worst]]) -> list[Worst]:
    """Return the worst of each column and kind, the first of equals."""
    worst: dict[tuple[str, str], Worst] = {}
    for one in (one for some in parts for one in some):
        key = one.column, one.kind
        if key not in worst or one.error > worst[key].error:
            worst[key] = one
    return list(worst.values())


def confirmed(row: Primitive, found: list[Worst]) -> list[Worst]:
    """Return `found`. Raises ArithmeticError if four times the bits give another error at one of the points."""
    for worst in found:
        with mpmath.workprec(4 * BITS):
            again = next(one for one in merged([errors(row, worst.point)]) if one[:2] == worst[:2])
        if not math.isclose(again.error, worst.error, rel_tol=1e-6, abs_tol=1e-9):
            raise ArithmeticError(f"`{row.name}`: {worst} at {BITS} bits, but {again.error} at {4 * BITS}")
    return found


def errors(row: Primitive, point: tuple[float, ...]) -> Iterator[Worst]:
    """Yield the error of the value and of each partial at `point`, unless it or the value overflows."""
    node = call(row.name, *map(Value, point))
    exact = [mpf(x) for x in point]
    truths = [mpf(STEPS[row.name](point)) if row.name in STEPS else value(row, exact)]
    nearest = float(truths[0])
    if math.isinf(nearest):
        return
    truths += slopes(row, exact)
    floats = [nearest, *(0.0 if d is None else float(d) for d in truths[1:])]
    steepest = max(map(abs, floats[1:]))
    subnormal = any(0.0 < abs(x) < TINY for x in point)
    beside = any(abs(point[0] - root) < 1.0 for root in row.roots)
    scale = max(abs(nearest), abs(max(point))) if row.name == "logsumexp" else nearest
    for i, (found, right, near) in enumerate(zip((node.data, *node.partials), truths, floats, strict=True)):
        if found is None or math.isinf(near):
            continue
        off = _off(found, right, near)
        if beside and i:
            yield Worst(_column(row, i), "root", float(off), point)
        elif subnormal or 0.0 < abs(near) < TINY:
            yield Worst(_column(row, i), "subnormal", _in_least(off, near, steepest), point)
        else:
            yield Worst(_column(row, i), "normal", _in_ulps(off, near if i else scale), point)


def _column(row: Primitive, i: int) -> str:
    return ("∂" if row.variadic else f"∂{i - 1}") if i else "value"


def _off(found: float, right: Any, near: float) -> Any:
    """Return |found - right|: an overflow counts as 2¹⁰²⁴, nan as infinitely wrong."""
    if found == near and right == near:
        return 0.0
    if math.isfinite(found):
        return abs(right - found)
    return abs(right - mpf(2) ** 1024 * mpmath.sign(found)) if found == found else mpmath.inf


def _in_ulps(off: Any, scale: float) -> float:
    return float(off / math.ulp(scale)) if off else 0.0


def _in_least(off: Any, near: float, steepest: float) -> float:
    """Return the error among subnormal numbers: in ulp, or in 2⁻¹⁰⁷⁴·max(1, |∂|), ∂ the steepest partial."""
    return min(_in_ulps(off, near), float(mpmath.ldexp(off, 1074) / max(1.0, steepest))) if off else 0.0


def _stepwise(terms: Iterable[Fraction]) -> float:
    """Return the sum from left to right, every term and every step rounded; inf where one overflows."""
    try:
        total, *others = map(float, terms)
        for x in others:
            total = float(Fraction(total) + Fraction(x))
    except OverflowError:
        return math.inf
    return total


def _products(point: Sequence[float]) -> Iterator[Fraction]:
    half = len(point) // 2
    return (Fraction(x) * Fraction(y) for x, y in zip(point[:half], point[half:], strict=True))


STEPS: dict[str, Callable[[Sequence[float]], float]] = {
    "sum": lambda xs: _stepwise(map(Fraction, xs)),
    "dot": lambda xs: _stepwise(_products(xs)),
}


def swept(names: Sequence[str], parts: Sequence[tuple[int, int]], sweep: Callable[..., T]) -> dict[str, list[T]]:
    """Return what `sweep(row, number, size)` finds in each part of the points of each row, by a process a core."""
    tasks = [(name, *one) for name in names for one in parts]
    found: dict[str, list[T]] = {name: [] for name in names}
    with multiprocessing.Pool() as pool, tqdm(total=len(names) * sum(size for _, size in parts), unit=" points") as bar:
        for (name, _, size), worst in zip(tasks, pool.imap(partial(_applied, sweep), tasks), strict=True):
            found[name].append(worst)
            bar.update(size)
    return found


def _applied(sweep: Callable[..., T], task: tuple[str, int, int]) -> T:
    return sweep(*task)


def report(found: dict[str, list[Worst]], count: int) -> str:
    """Return the table of the worst errors, and where and when it was made."""
    lines = [
        f"Made by `python -m tests.support.accuracy {count} --write` on {date.today()}: "
        f"{count:,} points a row, {platform_name()}.",
        "",
        "| row | column | ulp | at | among subnormal numbers | at |",
        "|---|---|--:|---|--:|---|",
    ]
    for name, worst in found.items():
        by_kind = {(one.column, one.kind): one for one in worst}
        for column in sorted({one.column for one in worst if one.kind != "root"}, key=lambda c: (c != "value", c)):
            cells = [_cells(by_kind.get((column, kind))) for kind in ("normal", "subnormal")]
            lines.append(f"| {name} | {column} | {' | '.join(cells)} |")
    lines += ["", "Beside roots, the absolute error:", "", "| row | column | error | at |", "|---|---|--:|---|"]
    beside = [(name, one) for name, worst in found.items() for one in worst if one.kind == "root"]
    lines += [f"| {name} | {one.column} | {one.error:.2e} | {one.point[0]!r} |" for name, one in beside]
    return "\n".join(lines)


def _cells(worst: Worst | None) -> str:
    return f"{worst.error:.2f} | {', '.join(map(repr, worst.point))}" if worst else "– | –"


def platform_name() -> str:
    """Return on which Python, C library, machine and mpmath a table is made."""
    libc = " ".join(platform.libc_ver()) or platform.system()
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{python}, {libc}, {platform.machine()}, mpmath {mpmath.__version__} ({mpmath.libmp.BACKEND})"


def main() -> None:
    """Print the table of a sweep, or write it into the documentation."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.support.accuracy", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("points", type=int, nargs="?", default=2_000, help="points a row; 200000 for the documentation")
    parser.add_argument("--rows", nargs="*", choices=[*PRIMITIVES], metavar="ROW", help="only these rows")
    parser.add_argument("--write", action="store_true", help=f"write the table into docs/{PAGE.name}")
    options = parser.parse_args()
    parts = swept(options.rows or [*PRIMITIVES], chunks(options.points), part)
    found = {name: confirmed(PRIMITIVES[name], merged(worst)) for name, worst in parts.items()}
    table = report(found, options.points)
    print(table)
    if options.write:
        replace_section(PAGE, "sweep", table)
    missed = [(name, one) for name, worst in found.items() for one in worst if one.error > promised(name, one)]
    sys.exit("\n".join(f"misses the promise: `{name}` {one}" for name, one in missed) or None)


if __name__ == "__main__":
    main()

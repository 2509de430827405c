"""The true derivatives of a program by mpmath, and what error float64 may make: a ladder of lower precisions.

Values are the rows' own, read by mpmath; first partials are the textbook formulas of `truth.py`, second ones central
differences of these; the chain rule is written out here once more. Nothing of it is shared with the product.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import mpmath
from mpmath import mpf
from mpmath.libmp import from_float

from autodiff.row import PRIMITIVES, Primitive

from .programs import KINKED, Decisions, Program, decisions
from .truth import slopes, value

Edge = tuple[int, Any, Any]  # an operand, the slope, the slope's derivative along a tangent
TRUE, RUNGS = 800, (34, 36, 38, 40)
ZERO = mpf(0)
TOGETHER = KINKED | {"sum", "dot"}


class UnsureError(Exception):
    """No comparison can be made at this point: what the message says."""


class Bound(NamedTuple):
    """A true number and by how much float64 may miss it."""

    truth: Any
    tolerance: Any

    def holds(self, found: float) -> bool:
        return bool(abs(mpf(found) - self.truth) <= self.tolerance)


class Sweep(NamedTuple):
    """A program at its point: value, gradient, derivative along a tangent, that of the gradient; how it came about."""

    numbers: list[Any]
    nodes: list[Any]
    margins: list[Any]  # between operands and the edges of their domains
    sizes: list[Any]  # of each number: the sum of the sizes of its contributions, where it is an adjoint
    cancelled: list[bool]  # of each node: whether contributions to its adjoint, products that may be rounded, add to 0


def bounds(program: Program, tangent: Sequence[float], *, second: bool = False) -> tuple[list[Bound], Decisions]:
    """Return what numbers a sweep should give in float64, and how piecewise rows should decide.

    Raises UnsureError where the truth is not finite or not normal, a row is at an edge of the table or is so for a
    lower precision, a piecewise row decides otherwise there, or no rung sees the truth (1 - erf(6) is 0 on each).
    """
    truth, *rungs = (sweep(program, tangent, bits, second=second) for bits in (TRUE, *RUNGS))
    found = decisions(program, truth.nodes)
    if any(decisions(program, rung.nodes) != found for rung in rungs):
        raise UnsureError("a piecewise row decides otherwise at low precision")
    if any(abs(p - m) > abs(m) / 2 for rung in rungs for p, m in zip(rung.margins, truth.margins, strict=True)):
        raise UnsureError("an operand may be at an edge of its domain for a low precision")
    for v, *lower in zip(truth.nodes, *(rung.nodes for rung in rungs), strict=True):
        if 0 < 8 * _error(v, lower) < abs(v) * mpf(2) ** -54:
            raise UnsureError("low precision happens to round better than float64")
    if any(map(all, zip(truth.cancelled, *(rung.cancelled for rung in rungs), strict=True))):
        raise UnsureError("what is rounded happens to cancel at every precision")
    ladder = zip(truth.numbers, truth.sizes, *(rung.numbers for rung in rungs), strict=True)
    return [Bound(g, _tolerance(g, size, lower)) for g, size, *lower in ladder], found


def _error(g: Any, lower: Sequence[Any]) -> Any:
    """Return the error in float64 that those of the ladder suggest: max |g_p - g|·2^(p-53)."""
    return max(abs(g_p - g) * mpf(2) ** (p - 53) for p, g_p in zip(RUNGS, lower, strict=True))


def _tolerance(g: Any, size: Any, lower: Sequence[Any]) -> Any:
    """Return 8·(max |g_p - g|·2^(p-53) + 4 ulp(g)), the maximum over the ladder, and one rounding of what cancels."""
    if g and not 2.0**-1021 < abs(g) < 2.0**1023:
        raise UnsureError("the truth is outside the normal range")
    ulp = math.ulp(float(g))
    if min(abs(g_p - g) for g_p in lower) > max(4 * ulp, 2 * (max(lower) - min(lower))):
        raise UnsureError("the truth is made of what vanishes at every low precision")
    return 8 * (_error(g, lower) + 4 * mpf(ulp)) + size * mpf(2) ** -52


def sweep(program: Program, tangent: Sequence[float], bits: int, *, second: bool = False) -> Sweep:
    """Return all about `program` along `tangent`, computed with `bits` bits; `second` order if that is asked for."""
    nodes, tangents = (list(map(_exact, xs)) for xs in (program.inputs, tangent))
    edges: list[list[Edge]] = [[] for _ in nodes]
    margins: list[Any] = []
    with mpmath.workprec(bits):
        for name, operands in program.steps:
            xs = [nodes[o] if type(o) is int else _exact(o) for o in operands]
            ts = [tangents[o] if type(o) is int else ZERO for o in operands]
            edges.append(_edges(name, operands, xs, ts, second))
            margins += _margins(PRIMITIVES[name], xs)
            nodes.append(mpmath.mpmathify(value(PRIMITIVES[name], xs)))
            if type(nodes[-1]) is not mpf:
                raise UnsureError("the reference is complex")
            tangents.append(sum((slope * tangents[o] for o, slope, _ in edges[-1]), ZERO))
        adjoints, turns, sizes, rounded = _pull(edges)
    n = len(program.inputs)
    numbers = [nodes[-1], *adjoints[:n], tangents[-1], *(turns[:n] if second else ())]
    along = sum((abs(t * size) for t, size in zip(tangent, sizes, strict=False)), ZERO)
    if not all(map(mpmath.isfinite, numbers)):
        raise UnsureError("the reference is not finite")
    cancelled = [on and size > 0 and not a for a, size, on in zip(adjoints, sizes, rounded, strict=True)]
    return Sweep(numbers, nodes, margins, [ZERO, *sizes[:n], along, *([ZERO] * n if second else ())], cancelled)


def _margins(row: Primitive, xs: Sequence[Any]) -> list[Any]:
    """Return how far xs are from the edges of their domains; for hypot and atan2, from the origin."""
    if row.name in ("hypot", "atan2"):
        return [max(map(abs, xs))]
    ends = [(x, (i.low, i.high, *i.holes)) for x, i in zip(xs, row.domain, strict=False) if not i.integers]
    return [x - end for x, edges in ends for end in edges if math.isfinite(end)]


def _exact(x: Any) -> Any:
    """Return x as it is, at any precision."""
    return x if isinstance(x, mpf) else mpmath.make_mpf(from_float(x))


def _pull(edges: Sequence[list[Edge]]) -> tuple[list[Any], list[Any], list[Any], list[bool]]:
    """Return the adjoints of all nodes, their derivatives along the tangent, and of what the adjoints add up the sizes.

    Last comes whether any of that may be rounded: it is a product with another slope than 1 and -1.
    """
    adjoints, turns, sizes = ([ZERO] * len(edges) for _ in range(3))
    rounded = [False] * len(edges)
    adjoints[-1] = mpf(1)
    for i in reversed(_postorder(edges)):
        for o, slope, bend in edges[i]:
            adjoints[o] += slope * adjoints[i]
            sizes[o] += abs(slope * adjoints[i])
            rounded[o] |= abs(slope) != 1
            if bend is not None:
                turns[o] += bend * adjoints[i] + slope * turns[i]
    return adjoints, turns, sizes, rounded


def _postorder(edges: Sequence[list[Edge]]) -> list[int]:
    """Return what the last node depends on depth first: the order of contributions is part of the meaning."""
    order: dict[int, None] = {}

    def visit(i: int) -> None:
        for o, _, _ in edges[i]:
            if o not in order:
                visit(o)
        order[i] = None

    visit(len(edges) - 1)
    return list(order)


def _edges(name: str, operands: Sequence[Any], xs: list[Any], ts: list[Any], second: bool) -> list[Edge]:
    """Return (operand, slope, its derivative along the tangents) for each operand of a step that has a slope."""
    row = PRIMITIVES[name]
    try:
        found = slopes(row, xs)
        bends = _bends(row, xs, ts) if second else [None] * len(xs)
    except ZeroDivisionError as error:
        raise UnsureError("a row is at an edge, where the table and not mathematics decides") from error
    triples = zip(operands, found, bends, strict=True)
    return [(o, s, b) for o, s, b in triples if type(o) is int and s is not None]


def _bends(row: Primitive, xs: list[Any], ts: list[Any]) -> list[Any]:
    """Return the derivatives of the slopes along ts by central differences of slopes as exact as the rows' are.

    Operands move one by one, each by its own step, so that equal terms err apart; together where ties must remain.
    Near 0 a step is a part of the operand, as slopes may vary on that scale.
    """
    bends, bits = [ZERO] * len(xs), mpmath.mp.prec
    moves = [[t if i == k else ZERO for i, t in enumerate(ts)] for k in range(len(ts)) if ts[k]]
    for k, move in enumerate([ts] if row.name in TOGETHER and moves else moves):
        with mpmath.workprec(2 * bits - 3):  # slopes to the 4 ulp that rows promise, half of the bits lost
            near = max(abs(x) for x, t in zip(xs, move, strict=True) if t) or 1
            h = mpf(2) ** -bits * (1 + mpf(k) / 8) * min(near, 1)
            above, below = (slopes(row, [x + s * t for x, t in zip(xs, move, strict=True)]) for s in (h, -h))
            differences = [ZERO if a is None else (a - b) / (2 * h) for a, b in zip(above, below, strict=True)]
        bends = [bend + d for bend, d in zip(bends, differences, strict=True)]
    return bends

"""A row read under any arithmetic, at points of its domain, as floats."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import numpy as np

from autodiff import Value
from autodiff.apply import values as graphs
from autodiff.arithmetic import Arithmetic, floats
from autodiff.row import Primitive
from autodiff.text import Term, term, text, whole

from ..conftest import sample


def active(row: Primitive) -> list[int]:
    """Return the arguments by which `row` can be differentiated."""
    return [i for i, interval in enumerate(row.domain) if not interval.integers and (row.variadic or row.partials[i])]


def points(row: Primitive, count: int = 12) -> list[list[float]]:
    rng = random.Random(row.name)
    return [sample(row, rng) for _ in range(count)]


def read(m: Arithmetic, row: Primitive, point: Sequence[float]) -> tuple[float, list[float | None]]:
    """Return value and partials of `row` under `m`, as floats."""
    if m is text:
        return read_text(row, point)
    primals = [m.lift(x) for x in point]
    if m is graphs:
        primals = [Value(x) for x in point]
    with np.errstate(all="ignore"):
        z = row.evaluate(m, primals)
        partials = row.linearize(m, primals, m.lift(m.lower(z)), [True] * len(point))
    return m.lower(z), [None if d is None else m.lower(d) for d in partials]


def read_text(row: Primitive, point: Sequence[float]) -> tuple[float, list[float | None]]:
    names = {f"x{i}": x for i, x in enumerate(point)}
    scope = {"m": floats, "math": math, "inf": math.inf, "nan": math.nan, **names}
    terms = [Term(name) for name in names]
    z = eval(str(whole(term(row.evaluate(text, terms)))), dict(scope))
    partials = row.linearize(text, terms, Term("z"), [True] * len(point))
    return float(z), [None if d is None else float(eval(str(whole(term(d))), {**scope, "z": z})) for d in partials]

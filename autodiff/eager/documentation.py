"""Docstrings of operations: the textbook form of a row, how it is computed where that differs, and its edges."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from ..arithmetic import ieee
from ..row import Edge, Interval, Primitive
from ..text import Term, term, text
from ..textbook import Form, evaluate, parse
from .statements import terms

LONG, MOST_EDGES = 72, 8  # the longest rule that is shown, in characters; the edges that are listed
LEGEND = {
    "σ": "σ(x) = 1/(1 + e^(-x)).",
    "Φ": "Φ and φ are the distribution function and the density of the standard normal distribution.",
}


def summary(row: Primitive, names: Sequence[str]) -> str:
    """Return the docstring of a method: the value, the names of its operands, and the function that documents it."""
    roles = " and ".join(f"{x} is {name}" for x, name in zip(row.arguments, names, strict=True))
    z = f"z = {row.textbook[0]}" if any(row.textbook[:1]) else f"{row.name}({', '.join(row.arguments)})"
    return f"Return {z}, where {roles}; see `autodiff.{row.name}`."


def documentation(row: Primitive) -> str:
    """Return the docstring of the function of a row."""
    value, partials = terms(row, row.arguments, [True] * row.arity)
    forms = row.textbook or (None,) * (1 + len(partials))
    call = f"{row.name}({', '.join(row.arguments)})"
    lines = [f"Return {stated('z', forms[0], value) or call}."]
    slopes = zip(row.arguments, forms[1:], partials, strict=True)
    slopes_written = [stated(f"∂z/∂{x}", form, computed) for x, form, computed in slopes]
    shown = "".join(form for form in row.textbook if form)
    notes = [explained for sign, explained in LEGEND.items() if sign in shown]
    notes += ["It has no derivative."] if not any(row.partials) else smoothness(row)
    paragraphs = [lines, [line for line in slopes_written if line], notes, list(_edges(row))]
    return "\n\n".join("\n".join(paragraph) for paragraph in paragraphs if paragraph)


def equations(row: Primitive) -> list[str]:
    """Return the textbook forms of a row as equations, z = tanh x and ∂z/∂x = 1 - z² for tanh; none without forms."""
    names = ("xᵢ", "yᵢ") if row.variadic else row.arguments
    columns = ["z", *(f"∂z/∂{x}" for x in names)]
    return [f"{column} = {form}" for column, form in zip(columns, row.textbook, strict=False) if form]


def stated(name: str, form: str | None, computed: Term | None) -> str:
    """Return `name` = its textbook form, with the computed one where it differs and is short; "" without either."""
    if form is None:
        return f"{name} = {computed}" if _is_short(computed) else ""
    return f"{name} = {form}" + (f", computed as {computed}" if _differs(form, computed) else "")


def computed_as(row: Primitive, names: Sequence[str]) -> list[str | None]:
    """Return the rule of the value and of each partial as text, None where it is long or is the textbook form."""
    every = [True] * row.arity
    (value, partials), (renamed, others) = terms(row, row.arguments, every), terms(row, names, every)
    columns = zip(row.textbook, (value, *partials), (renamed, *others), strict=True)
    return [str(shown) if form and _differs(form, computed) else None for form, computed, shown in columns]


def _is_short(computed: Term | None) -> bool:
    return computed is not None and len(str(computed)) <= LONG and "nan" not in str(computed)


def _differs(form: str, computed: Term | None) -> bool:
    """Return whether a rule is short and another formula than the textbook form."""
    if not _is_short(computed):
        return False
    parsed = _folded(parse(form))
    names = {name: Term(name) for name in parsed.names()}
    stated_so = str(term(evaluate(parsed, text, names)).number())
    return stated_so.replace(" != 0.0", "") != str(computed)  # a condition is a number that is not 0


def _folded(form: Form) -> Form:
    """Return a form with each constant part, such as ln 2, as a number."""
    if form.operands and not any(form.names()):
        return Form(repr(float(evaluate(form, ieee, {}))))
    return Form(form.head, tuple(map(_folded, form.operands)))


def smoothness(row: Primitive) -> Iterator[str]:
    """Yield the sentence "Smooth where …" for a row of one or two arguments, unless it is smooth everywhere."""
    conditions: list[str] = []
    for x, interval in zip(row.arguments, row.domain, strict=True):
        conditions += [_place(x, interval), *(f"{x} ≠ {hole:g}" for hole in interval.holes)]
    if row.arity <= 2 and any(conditions):
        yield f"Smooth where {' and '.join(filter(None, conditions))}."


def _edges(row: Primitive) -> Iterator[str]:
    """Yield a line for each of the first edges, and how many more there are."""
    for edge in row.edges[:MOST_EDGES]:
        yield outcome_at(row, edge)
    if len(row.edges) > MOST_EDGES:
        yield f'{len(row.edges) - MOST_EDGES} more stand in autodiff.PRIMITIVES["{row.name}"].edges.'


def outcome_at(row: Primitive, edge: Edge) -> str:
    """Return an edge in a line: x = 0: z = -inf, ∂z/∂x = inf."""
    place, outcome = edge
    names = [f"x{i + 1}" for i in range(len(place))] if row.variadic else row.arguments
    where = ", ".join(filter(None, map(_place, names, place)))
    columns = ["z", *(f"∂z/∂{x}" for x in names)]
    numbers = [(name, x) for name, x in zip(columns, outcome, strict=True) if isinstance(x, float)]
    if len(numbers) == len(columns) > 1 and all(math.isnan(x) for _, x in numbers):
        return f"{where}: nan, and so each partial"
    return f"{where}: {', '.join(f'{name} = {x:g}' for name, x in numbers)}"


def _place(name: str, x: Any) -> str:
    """Return the condition on an argument: x = 0, x > 0, -1 < x < 1; "" for any number."""
    if not isinstance(x, Interval):
        return "" if x is ... else f"{name} is nan" if math.isnan(x) else f"{name} = {x:.4g}"
    if x.low == x.high:
        return f"{name} = {x.low:g}"
    low = "" if x.low == -math.inf else f"{_rounded(x.low)} < "
    high = "" if x.high == math.inf else f" < {_rounded(x.high)}"
    if not high:
        return f"{name} > {low[:-3]}" if low else ""
    return f"{low}{name}{high}"


def _rounded(end: float) -> str:
    """Return the end of an interval, the number beside it if that is the rounder one: 0 for 5e-324."""
    return f"{end + 0.0:.4g}" if abs(end) > 1e-300 else "0"

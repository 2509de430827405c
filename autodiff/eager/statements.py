"""The terms of a row, and statements that compute them: one assignment for each common subexpression.

The value and the derivative of sigmoid both contain exp(-|x|), which is written once:

    t0 = math.exp(x if x < 0.0 else -x)
    z = (1.0 if x >= 0.0 else t0) / (1.0 + t0)
    dx = t0 / (1.0 + t0 * (2.0 + t0))
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..row import Primitive
from ..text import Term, term, text


def terms(row: Primitive, names: Sequence[str], active: Sequence[bool]) -> tuple[Term, list[Term | None]]:
    """Return the value of `row`, and the partials of its active arguments, as text in `names` and z."""
    primals = list(map(Term, names))
    partials = row.linearize(text, primals, Term("z"), active)
    return term(row.evaluate(text, primals)).number(), [None if d is None else term(d).number() for d in partials]


def statements(z: Term, partials: Sequence[Term | None]) -> tuple[list[str], list[str | None]]:
    """Return the assignments that compute z and the partials, and the name of each partial."""
    uses = Counter[str]()
    for whole in (z, *partials):
        _count(whole, uses)
    lines: list[str] = []
    names: dict[str, Term] = {}
    lines.append(f"z = {_shared(z, uses, names, lines)}")
    slopes: list[str | None] = []
    for name, partial in zip(("dx", "dy"), partials, strict=False):
        slope = None if partial is None else str(_shared(partial, uses, names, lines))
        if slope is not None and not (slope.isidentifier() or _is_number(slope)):
            lines.append(f"{name} = {slope}")
            slope = name
        slopes.append(slope)
    return lines, slopes


def _is_number(source: str) -> bool:
    return source.replace(".", "").lstrip("-").isdigit()


def _count(term: Term | None, uses: Counter[str]) -> None:
    if term is None or not term.operands:
        return
    uses[str(term)] += 1
    if uses[str(term)] == 1:
        for operand in term.operands:
            _count(operand, uses)


def _shared(term: Term, uses: Counter[str], names: dict[str, Term], lines: list[str]) -> Term:
    """Return `term` with each common subexpression replaced by its name, which is assigned in `lines`."""
    if str(term) in names:
        return names[str(term)]
    part = Term(term.template, *(_shared(o, uses, names, lines) for o in term.operands), level=term.level)
    if uses[str(term)] < 2:
        return part
    name = f"{'c' if term.is_test else 't'}{len(names)}"  # a compiler wants one type of a name
    names[str(term)] = Term(name)
    lines.append(f"{name} = {part}")
    return names[str(term)]

"""Common subexpressions: what terms have in common is given a name once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from autodiff.text import Term

from .simplify import SLOPE

SHORT = 10  # characters that are rather repeated


def named_apart(lines: Sequence[tuple[Term, Term]]) -> list[tuple[Term, Term]]:
    """Return definitions (name, term), with one more before it for each term that is in them twice, `⟦s1⟧` and so on.

    >>> x = Term("x")
    >>> e = Term("math.exp({})", x * x)
    >>> for name, term in named_apart([(Term("y"), e / (1.0 + e))]):
    ...     print(name, "=", term)
    ⟦s0⟧ = math.exp(x * x)
    y = ⟦s0⟧ / (1.0 + ⟦s0⟧)
    """
    counts: Counter[str] = Counter()
    for _, term in lines:
        _count(term, counts)
    known: dict[str, Term] = {}
    found: list[tuple[Term, Term]] = []
    for name, term in lines:
        whole = _replaced(term, counts, known, found, top=True)
        found.append((name, whole))
    return found


def _count(t: Term, counts: Counter[str]) -> None:
    if _is_worth(t):
        counts[t.source] += 1
        if counts[t.source] > 1:
            return  # what is in it counts once with it
    for operand in t.operands:
        _count(operand, counts)


def _replaced(
    t: Term, counts: Counter[str], known: dict[str, Term], found: list[tuple[Term, Term]], *, top: bool = False
) -> Term:
    if t.source in known:
        return known[t.source]
    if not t.operands or t.template == SLOPE:
        return t
    operands = [_replaced(o, counts, known, found) for o in t.operands]
    term = Term(t.template, *operands, level=t.level)
    if top or counts[t.source] < 2:
        return term
    known[t.source] = name = Term(f"⟦s{len(known)}⟧")
    found.append((name, term))
    return name


def _is_worth(t: Term) -> bool:
    return bool(t.operands) and len(t.source) > SHORT and t.level not in (Term.BOTH, Term.TEST) and t.template != SLOPE

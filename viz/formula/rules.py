"""The rows of the table as terms: what a node computes, and its partials, as a reader wants them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from autodiff.row import PRIMITIVES, Primitive
from autodiff.text import Term, text

from .simplify import GROUP, POWER, TRUE, simplified

LONG_RULE = 500  # characters of a rule for two operands beyond which it is called by name
INDICES = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def value(node: Any, operands: Sequence[Term]) -> Term:
    """Return a row at its operands: its rule if that says each operand once, a power, or else a call by name.

    >>> from autodiff import Value
    >>> x = Value(2.0)
    >>> [str(value(node, [Term("x")])) for node in (-x, x**2, x.relu())]
    ['-x', 'x**2.0', 'relu(x)']
    """
    row: Primitive | None = PRIMITIVES.get(node.op)
    if row is not None:
        probes = [Term(f"⟦x{k}⟧") for k in range(len(operands))]
        rule = TRUE if _is_long(row) else simplified(row.evaluate(text, probes))
        if not re.search(r"\bif\b", rule.source) and all(rule.source.count(p.source) == 1 for p in probes):
            return simplified(renamed(rule, {p.source: o for p, o in zip(probes, operands, strict=True)}))
        if row.symbol.startswith("**"):
            exponent = operands[1] if len(operands) > 1 else Term(repr(float(row.symbol[2:])))
            return Term(POWER, _grouped(operands[0]), _grouped(exponent))
    return Term(f"{node.op}({', '.join(['{}'] * len(operands))})", *operands)


def slopes(node: Any) -> list[Term | None]:
    """Return the partials that carry a gradient, as terms in ⟦x0⟧, ⟦x1⟧, …, ⟦z⟧ and the plain operands.

    >>> from autodiff import Value
    >>> print(*slopes(Value(2.0) * 3.0), *slopes(Value(2.0).tan()))
    3.0 None 1.0 + ⟦z⟧ * ⟦z⟧
    """
    row, partials = PRIMITIVES.get(node.op), node.partials
    if row is None:
        return [None if d is None else Term(repr(d)) for d in partials]
    primals: list[Any] = [Term(repr(a)) if type(a) is float else Term(f"⟦x{k}⟧") for k, a in enumerate(node.args)]
    if _is_long(row):
        call = f"{node.op}({', '.join(['{}'] * len(primals))})"
        named = [Term(f"∂{str(k).translate(INDICES)}{call}", *primals) for k in range(1, len(primals) + 1)]
        return [None if d is None else term for d, term in zip(partials, named, strict=True)]
    found = row.linearize(text, primals, Term("⟦z⟧"), [d is not None for d in partials])
    terms = [
        None if d is None else simplified((d if isinstance(d, Term) else Term(repr(float(d)))).number()) for d in found
    ]
    if not row.symbol.startswith("**") or len(primals) < 2:
        return terms
    base, exponent = primals
    less = Term(repr(node.args[1] - 1.0)) if type(node.args[1]) is float else exponent - 1.0
    lower = simplified(Term(POWER, _grouped(base), _grouped(less)))
    return [None if term is None else _replaced(term, f"⟦z⟧ / {base}", lower) for term in terms]


def _replaced(t: Term, source: str, other: Term) -> Term:
    """Return a term with each part that reads `source` replaced: the table has x**y / x, a reader wants x**(y - 1)."""
    if t.source == source:
        return other
    return Term(t.template, *(_replaced(o, source, other) for o in t.operands), level=t.level) if t.operands else t


def renamed(t: Term, names: dict[str, Term]) -> Term:
    """Return a term with the names in it replaced; no term is so deep that recursion could not follow it.

    >>> str(renamed(Term("x") * 2.0, {"x": Term("a") + 1.0}))
    '(a + 1.0) * 2.0'
    """
    if not t.operands:
        return names.get(t.source, t)
    return Term(t.template, *(renamed(o, names) for o in t.operands), level=t.level)


def _grouped(t: Term) -> Term:
    return Term(GROUP, t) if t.level < Term.ATOM or t.template == POWER else t


def _is_long(row: Primitive) -> bool:
    """Tell whether the text of a variadic rule, which may double with each operand, is more than can be read."""
    return row.variadic and len(str(row.evaluate(text, [Term("x"), Term("y")]))) > LONG_RULE

"""Rules as a reader wants them: without what they do for nan, infinities, and numbers too small to be normal."""

from __future__ import annotations

from operator import eq, ge, gt, le, lt, ne

from autodiff.text import TESTS, Term, text

ADD, SUB, MUL, DIV, NEG = "{} + {}", "{} - {}", "{} * {}", "{} / {}", "-{}"
CHOICE, BOTH = "{1} if {0} else {2}", "{} and {}"
ABS, POWER, GROUP, SLOPE = "math.fabs({})", "{}**{}", "({})", "∂{}/∂{}"
GT, GE, LT, LE, EQ, NE = (getattr(text, name)(Term("x"), Term("y")).template for name in TESTS)
TRUE, FALSE = Term("1.0"), Term("0.0")
TINY = 2.2250738585072014e-308  # the smallest normal float


def simplified(t: Term) -> Term:
    """Return a term without what does not change it, and without the branches for other than normal numbers.

    >>> x = Term("x")
    >>> str(simplified(text.where(text.ge(x, 0.0), x, float("nan")) + 0.0)), str(simplified(1.0 * x))
    ('x', 'x')
    """
    if not t.operands:
        return t
    operands = [simplified(o) for o in t.operands]
    for reduced in (_choice, _test, _operation):
        if (found := reduced(t, operands)) is not None:
            return found
    return t if all(map(_same, operands, t.operands)) else Term(t.template, *operands, level=t.level)


def _operation(t: Term, operands: list[Term]) -> Term | None:
    template, sources = t.template, [o.source for o in operands]
    if template in (ADD, SUB) and sources[1] in ("0.0", "-0.0"):
        return operands[0]
    if template == ADD and sources[0] in ("0.0", "-0.0"):
        return operands[1]
    if template == MUL and "0.0" in sources:
        return FALSE
    if template in (MUL, DIV) and sources[1] == "1.0":
        return operands[0]
    if template == MUL and sources[0] in ("1.0", "-1.0"):
        return operands[1] if sources[0] == "1.0" else simplified(-operands[1])
    if template == MUL and sources[1] == "-1.0":
        return simplified(-operands[0])
    if template == NEG and operands[0].template == NEG:
        return operands[0].operands[0]
    if template == NEG and operands[0].template in (MUL, DIV) and operands[0].operands[0].template == NEG:
        return Term(
            operands[0].template, operands[0].operands[0].operands[0], operands[0].operands[1], level=Term.PRODUCT
        )
    if template == NEG and _is_number(operands[0]):
        return Term(repr(-float(sources[0])))
    return None


def _test(t: Term, operands: list[Term]) -> Term | None:
    """Return TRUE or FALSE for a comparison that has one answer for normal numbers."""
    if t.template == BOTH:
        if "0.0" in (operands[0].source, operands[1].source):
            return FALSE
        return operands[1] if operands[0].source == "1.0" else operands[0] if operands[1].source == "1.0" else None
    if t.level != Term.TEST:
        return None
    x, y = operands
    if _same(x, y):
        return TRUE if t.template in (EQ, GE, LE) else FALSE
    if _is_number(x) and _is_number(y):
        numbers = float(x.source), float(y.source)
        return TRUE if {GT: gt, GE: ge, LT: lt, LE: le, EQ: eq, NE: ne}[t.template](*numbers) else FALSE
    if y.source == "inf":
        return TRUE if t.template in (LT, LE, NE) else FALSE
    if x.template == ABS and y.source == repr(TINY):
        return TRUE if t.template in (GT, GE) else FALSE
    return None


def _choice(t: Term, operands: list[Term]) -> Term | None:
    if t.template != CHOICE:
        return None
    test, x, y = operands
    if test.source in ("0.0", "1.0"):
        return x if test.source == "1.0" else y
    if y.source == "nan" or _same(x, y):
        return x
    if x.source == "nan":
        return y
    if test.template in (LT, LE, GT, GE) and test.operands[1].source == "0.0":
        size = Term(ABS, test.operands[0])
        if _same(test.operands[0], x) and _same(simplified(-x), y):
            return -size if test.template in (LT, LE) else size
    return None


def _same(x: Term, y: Term) -> bool:
    return x.source == y.source


def _is_number(x: Term) -> bool:
    if x.operands:
        return False
    try:
        float(x.source)
    except ValueError:
        return False
    return True

"""Simplification of forms: numbers are folded, signs and factors put in order, cases with a known test resolved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from functools import reduce

from autodiff.arithmetic import floats
from autodiff.textbook import RELATIONS, Form, evaluate

ZERO, ONE = Form("0"), Form("1")
SHORT = 8  # characters of a quotient of decimals that is written as one
EQUAL = ("=", "≤", "≥")  # relations that hold for equal operands


def number(x: float | Fraction) -> Form:
    """Return a number as a form: as Python writes it, without a `.0`. Raises OverflowError for no float64.

    >>> number(2.0), number(-0.5).head
    (Form(head='2', operands=()), 'neg')
    """
    if x < 0:
        return Form("neg", (number(-x),))
    if float(x) == 0.0 != x:
        raise OverflowError("a number too small for float64")
    return Form(repr(float(x) + 0.0).removesuffix(".0").replace("inf", "∞"))


def simplified(form: Form) -> Form:
    """Return a form with sums, powers and cases of numbers carried out, and products as n x y with their sign before.

    >>> from autodiff.textbook import parse
    >>> from autodiff.typesetting import plain
    >>> plain(simplified(parse("1 x^(3 - 1) + 0"))), plain(simplified(parse("x if 1 = 2 else -y 2")))
    ('x²', '-2y')
    """
    if not form.operands:
        return form
    return _reduced(Form(form.head, tuple(map(simplified, form.operands))))


def _reduced(form: Form) -> Form:
    """Return a form, whose operands are simplified, in fewer or better ordered operations."""
    match form:
        case Form("+" | "-" | "=" | "≠", (x, y)) if _is_signed(x) and _is_signed(y):
            return number(evaluate(form, floats, {}))
        case Form("+" | "-", (x, Form("0"))) | Form("+", (Form("0"), x)):
            return x
        case Form("-", (Form("0"), x)):
            return _negative(x)
        case Form("+" | "-" as sign, (x, Form("neg", (y,)))):
            return Form("-" if sign == "+" else "+", (x, y))
        case Form("neg", (x,)):
            return _negative(x)
        case Form("*", (Form("0"), _) | (_, Form("0"))):
            return ZERO
        case Form("*", (Form("1"), x) | (x, Form("1"))) | Form("/" | "^", (x, Form("1"))):
            return x
        case Form("*" | "/" as head, (Form("neg", (x,)), y)) | Form("*" | "/" as head, (x, Form("neg", (y,)))):
            return _negative(_reduced(Form(head, (x, y))))
        case Form("*", (x, y)) if y.is_number and not x.is_number:
            return Form("*", (y, x))
        case Form("*", (x, y)) if x == y:
            return Form("^", (x, Form("2")))
        case Form("*", (Form("^", (x, Form("2"))), y)) if x == y:
            return Form("^", (x, Form("3")))
        case Form("^", (_, Form("0"))):
            return ONE
        case Form("≠", (Form("if", (test, Form("1"), Form("0"))), Form("0"))):
            return test
        case Form("if", (Form("1"), x, _)) | Form("if", (Form("0"), _, x)):
            return x
        case Form("if", (Form(relation, (x, y)), value, other)) if x == y and relation in RELATIONS:
            return value if relation in EQUAL else other
        case Form("if", (_, x, y)) if x == y:
            return x
    return form


def _is_signed(x: Form) -> bool:
    return x.is_number or (x.head == "neg" and x.operands[0].is_number)


def _negative(x: Form) -> Form:
    return x.operands[0] if x.head == "neg" else x if x == ZERO else Form("neg", (x,))


def product(*factors: Form) -> Form:
    """Return a product as one quotient: its number first, then the factors in their order.

    >>> from autodiff.textbook import parse
    >>> from autodiff.typesetting import plain
    >>> plain(product(parse("2(a - 1)"), parse("1/2"))), plain(product(parse("-x/y²"), parse("∂z/∂w")))
    ('a - 1', '-(x/y²) ∂z/∂w')
    """
    sides: tuple[list[Form], list[Form]] = ([], [])
    scales = [Fraction(1), Fraction(1)]
    negative = reduce(lambda sign, factor: sign ^ _collect(factor, 0, sides, scales), factors, False)
    try:
        above, below = map(number, _in_lowest_terms(*scales))
    except OverflowError:  # the product of the numbers is no float64
        return _times(factors)
    if above == ZERO:
        return ZERO
    given = [x for x in sides[0] if x.head.startswith("∂")]  # stands beside the quotient
    others = _times([above, *_powers([x for x in sides[0] if x not in given])])
    divisor = _times([below, *_powers(sides[1])])
    result = _times([others if divisor == ONE else Form("/", (others, divisor)), *given])
    return Form("neg", (result,)) if negative else result


def _collect(form: Form, side: int, sides: tuple[list[Form], list[Form]], scales: list[Fraction]) -> bool:
    """Add the factors of a form to those above (0) or below the line (1); return whether it is negative."""
    if form.is_number:
        scales[side] *= Fraction(form.head)
        return False
    if form.head not in ("neg", "*", "/") or (side and form.head == "/"):
        sides[side].append(form)
        return False
    turned = (side, 1 - side if form.head == "/" else side)
    signs = [_collect(x, where, sides, scales) for x, where in zip(form.operands, turned, strict=False)]
    return (form.head == "neg") ^ (sum(signs) == 1)


def _powers(factors: Sequence[Form]) -> list[Form]:
    """Return factors with powers of one base by whole numbers put together: x y x² as x³ y."""
    exponents: Counter[Form] = Counter()
    for factor in factors:
        is_power = factor.head == "^" and factor.operands[1].head.isdecimal()
        base, exponent = factor.operands if is_power else (factor, ONE)
        exponents[base] += int(exponent.head)
    return [_reduced(Form("^", (base, number(exponent)))) for base, exponent in exponents.items()]


def _times(factors: Sequence[Form]) -> Form:
    return reduce(lambda x, y: Form("*", (x, y)), [x for x in factors if x != ONE] or [ONE])


def _in_lowest_terms(above: Fraction, below: Fraction) -> tuple[Fraction, Fraction]:
    """Return a quotient of two numbers by whole numbers, as one short decimal, or as it is."""
    if below == 0:
        return above, below
    quotient = above / below
    if above.denominator == below.denominator == 1:
        return Fraction(quotient.numerator), Fraction(quotient.denominator)
    return (quotient, Fraction(1)) if len(repr(float(quotient))) <= SHORT else (above, below)


def total(terms: Sequence[Form]) -> Form:
    """Return a sum in which equal terms are counted.

    >>> from autodiff.textbook import parse
    >>> from autodiff.typesetting import plain
    >>> plain(total([parse("2x"), parse("-y"), parse("2x")]))
    '4x - y'
    """
    counted = [product(number(count), term) for term, count in Counter(terms).items()]
    return reduce(lambda x, y: _reduced(Form("+", (x, y))), counted, ZERO)

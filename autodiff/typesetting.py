"""Textbook forms as plain text and as LaTeX: one writer in two styles, with the parentheses that precedence asks for.

Plain text is the notation that `autodiff.textbook` reads: a form is written as it may be read again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple
from unicodedata import normalize

from .textbook import INDICES, RELATIONS, SUPERSCRIPTS, WORDS, Form

CASES, TEST, SUM, QUOTIENT, PRODUCT, POWER, ATOM = range(7)  # how tightly a form binds
Operands = tuple[Form, ...]
Rule = tuple[str, int, tuple[int, ...]]  # a template, how tightly it binds, how tightly its operands must


class Style(NamedTuple):
    """A style of writing: the rules of operators, the spelling of names and functions, parentheses and separators."""

    rules: dict[str, Rule]
    symbol: Callable[[str], str]
    function: Callable[[str], str]
    parentheses: str
    space: str
    times: str
    indices: dict[str, str]
    cases: tuple[str, str, str, str, int]  # a case, the separator, the last case, the whole, how tightly it binds


def plain(form: Form) -> str:
    """Return a form in the notation that it is read from.

    >>> from autodiff.textbook import parse
    >>> plain(parse("(x) (y^(2))"))
    'x y²'
    """
    return _write(form, CASES, PLAIN)


def latex(form: Form) -> str:
    r"""Return a form in LaTeX's mathematics.

    >>> from autodiff.textbook import parse
    >>> print(latex(parse("1/(1 + e^(-x))")))
    \frac{1}{1 + e^{-x}}
    """
    return _write(form, CASES, LATEX)


def symbol(name: str) -> str:
    r"""Return a name, a number or a derivative in LaTeX: digits at a name's end as an index, a long name upright.

    >>> print(symbol("x1"), symbol("w.0"), symbol("low"), symbol("π"), symbol("1e-05"), symbol("∂y/∂x"))
    x_{1} w_{0} \mathrm{low} \pi 10^{-5} \frac{\partial y}{\partial x}
    """
    if name in CONSTANTS:
        return CONSTANTS[name]
    if name[:1].isdigit():
        digits, _, exponent = name.partition("e")
        scale = f"10^{{{int(exponent)}}}" if exponent else ""
        return scale if scale and digits == "1" else rf"{digits} \cdot {scale}" if scale else digits
    if name.startswith("∂"):
        result, _, by = name[1:].partition("/∂")
        return rf"\frac{{\partial {symbol(result)}}}{{\partial {symbol(by)}}}"
    digits = normalize("NFKC", name)  # x₁ as x1
    stem, index = re.fullmatch(r"(.*?)[._]?([\d.]*)", digits, re.DOTALL).groups()  # type: ignore[union-attr]
    written = stem if len(stem) == 1 else _upright("mathrm", stem)
    return f"{written}_{{{index.replace('.', ',')}}}" if index else written


def _write(form: Form, floor: int, style: Style) -> str:
    """Return the text of a form, in parentheses if it binds less tightly than `floor`."""
    written, level = _written(form, floor, style)
    return written if level >= floor else style.parentheses.format(written)


def _written(form: Form, floor: int, style: Style) -> tuple[str, int]:
    """Return the text of a form, without parentheses around it, and how tightly it binds."""
    head, operands = form
    if not operands:
        return style.symbol(head), ATOM
    if head == "index":
        return style.symbol(operands[0].head) + style.indices[operands[1].head], ATOM
    if head == "if":
        return _cases(form, style)
    if head == "and":
        return _chain(operands, style), TEST
    if head == "*":
        return _product(operands, floor, style)
    if head == "^" and style is PLAIN and operands[1].head in POWERS:
        return _write(operands[0], ATOM, style) + POWERS[operands[1].head], POWER
    if head in style.rules:
        template, level, floors = style.rules[head]
        return template.format(*(_write(x, least, style) for x, least in zip(operands, floors, strict=True))), level
    if _is_bare(form, floor):
        return f"{style.function(head)} {_write(operands[0], CASES, style)}", QUOTIENT
    arguments = ", ".join(_write(x, CASES, style) for x in operands)
    return style.function(head) + style.parentheses.format(arguments), ATOM


def _is_bare(form: Form, floor: int) -> bool:
    """Tell whether a function is written without parentheses: ln x, but not where another factor follows."""
    return form.head in WORDS and floor <= QUOTIENT and (not form.operands[0].operands or form.operands[0].head == "Σ")


def _product(factors: Operands, floor: int, style: Style) -> tuple[str, int]:
    """Return a product: its factors side by side."""
    x, y = factors
    bare = _is_bare(y, floor if floor <= PRODUCT else CASES)  # inside parentheses no factor follows
    left, right = _write(x, PRODUCT, style), _write(y, QUOTIENT if bare else POWER, style)
    together = right.startswith(style.parentheses.partition("{")[0])
    together |= x.is_number and "e" not in x.head and not re.match(APART, right)
    between = style.times if right[:1].isdigit() else "" if together else style.space
    return left + between + right, QUOTIENT if bare else PRODUCT


def _chain(tests: Operands, style: Style) -> str:
    """Return two comparisons that share a term: low ≤ x ≤ high."""
    first, second = tests
    below, above = (style.rules[test.head][0].format("", "") for test in (first, second))
    low, x, high = (_write(term, SUM, style) for term in (*first.operands, second.operands[1]))
    return low + below + x + above + high


def _cases(form: Form, style: Style) -> tuple[str, int]:
    case, separator, otherwise, template, level = style.cases
    written = []
    while form.head == "if":
        test, x, form = form.operands
        written.append(case.format(_write(x, SUM, style), _write(test, TEST, style)))
    return template.format(separator.join([*written, otherwise.format(_write(form, SUM, style))])), level


def _upright(command: str, name: str) -> str:
    return rf"\{command}{{{name}}}".replace("_", r"\_")


def _function(name: str) -> str:
    if name.startswith("∂"):  # ∂₁f, the partial derivative of a function by its first argument
        index, name = re.fullmatch(r"∂([₀-₉]*)(.*)", name).groups()  # type: ignore[union-attr]
        return rf"\partial_{{{normalize('NFKC', index)}}} {_function(name)}"
    return FUNCTIONS.get(name) or (rf"\{name}" if name in NAMED else _upright("operatorname", name))


APART = r"e\d|∂|[^\W\d_²³₀-₉]{2}"  # right of a number: 2 e5, 2 ∂y/∂x, 2 sin x, but 2x
POWERS = {digit: sign for sign, digit in SUPERSCRIPTS.items()}
GREEK = {"π": r"\pi", "σ": r"\sigma", "Φ": r"\Phi", "φ": r"\varphi"}
CONSTANTS = GREEK | {"∞": r"\infty"}
SIGNS = {sign: sign for sign in RELATIONS} | {"≤": r"\le", "≥": r"\ge", "≠": r"\ne"}
FUNCTIONS = GREEK | {"log₂": r"\log_2", "log₁₀": r"\log_{10}"}
NAMED = ("sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan", "ln", "max", "min")
COMMON: dict[str, Rule] = {
    "+": ("{} + {}", SUM, (SUM, QUOTIENT)),
    "-": ("{} - {}", SUM, (SUM, QUOTIENT)),
    "neg": ("-{}", SUM, (QUOTIENT,)),
}
PLAIN = Style(
    rules={
        **COMMON,
        **{sign: (f"{{}} {sign} {{}}", TEST, (SUM, SUM)) for sign in RELATIONS},
        "/": ("{}/{}", QUOTIENT, (PRODUCT, POWER)),
        "^": ("{}^{}", POWER, (ATOM, ATOM)),
        "√": ("√{}", POWER, (ATOM,)),
        "∛": ("∛{}", POWER, (ATOM,)),
        "|": ("|{}|", ATOM, (CASES,)),
        "⌊": ("⌊{}⌋", ATOM, (CASES,)),
        "Σ": ("Σ {}", QUOTIENT, (PRODUCT,)),
    },
    symbol=str,
    function=str,
    parentheses="({})",
    space=" ",
    times=" · ",
    indices={name: sign for sign, name in INDICES.items()},
    cases=("{} if {}", " else ", "{}", "{}", CASES),
)
LATEX = Style(
    rules={
        **COMMON,
        **{sign: (f"{{}} {written} {{}}", TEST, (SUM, SUM)) for sign, written in SIGNS.items()},
        "/": (r"\frac{{{}}}{{{}}}", POWER, (CASES, CASES)),
        "^": ("{}^{{{}}}", POWER, (ATOM, CASES)),
        "√": (r"\sqrt{{{}}}", POWER, (CASES,)),
        "∛": (r"\sqrt[3]{{{}}}", POWER, (CASES,)),
        "|": (r"\left|{}\right|", ATOM, (CASES,)),
        "⌊": (r"\left\lfloor {} \right\rfloor", ATOM, (CASES,)),
        "Σ": (r"\sum_i {}", QUOTIENT, (PRODUCT,)),
    },
    symbol=symbol,
    function=_function,
    parentheses=r"\left({}\right)",
    space=r" \, ",
    times=r" \cdot ",
    indices={name: f"_{name}" for name in INDICES.values()},
    cases=("{} & {}", r" \\ ", r"{} & \text{{otherwise}}", r"\begin{{cases}} {} \end{{cases}}", ATOM),
)

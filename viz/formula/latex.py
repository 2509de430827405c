"""Terms → LaTeX: the same tree that is written as text, with fractions, roots, powers and cases."""

from __future__ import annotations

import re
import unicodedata

from autodiff.text import Term

from .simplify import ABS, ADD, BOTH, CHOICE, DIV, EQ, GE, GROUP, GT, LE, LT, MUL, NE, NEG, POWER, SLOPE, SUB

INFIX = {ADD: "{} + {}", SUB: "{} - {}", NEG: "-{}", GT: "{} > {}", GE: r"{} \ge {}", LT: "{} < {}", LE: r"{} \le {}"}
INFIX |= {EQ: "{} = {}", NE: r"{} \ne {}", BOTH: r"{} \wedge {}"}
ENCLOSED = {  # templates whose operands need no parentheses
    DIV: r"\frac{{{}}}{{{}}}",
    CHOICE: r"\begin{{cases}} {1} & {0} \\ {2} & \text{{otherwise}} \end{{cases}}",
    ABS: r"\left|{}\right|",
    SLOPE: r"\frac{{\partial {}}}{{\partial {}}}",
    GROUP: r"\left({}\right)",
    "math.exp({})": r"e^{{{}}}",
    "math.sqrt({})": r"\sqrt{{{}}}",
    "math.cbrt({})": r"\sqrt[3]{{{}}}",
    "math.copysign(math.floor({0}), {0})": r"\left\lfloor{}\right\rfloor",
}
TIMES, SPACE = r"\cdot", r"\,"
NAMES = {name: rf"\{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")}
NAMES |= {f"a{name}": rf"\arc{name}" for name in ("sin", "cos", "tan")}
NAMES |= {"log": r"\ln", "log2": r"\log_{2}", "log10": r"\log_{10}"}
SPECIAL = str.maketrans({c: rf"\{c}" for c in "_$%&#{}"} | {"\\": r"\backslash ", "^": r"\hat{}", "~": r"\tilde{}"})


def latex(t: Term) -> str:
    r"""Return a term in LaTeX's mathematics.

    >>> x = Term("x")
    >>> print(latex(1.0 / (1.0 + x)), latex(Term("w.0")))
    \frac{1}{1 + x} w_{0}
    """
    if not t.operands:
        return symbol(t.source)
    if t.template == POWER:
        base, exponent = t.operands
        return f"{_bracketed(base, loose=bool(base.operands))}^{{{latex(exponent)}}}"
    floors = (t.level, t.level + 1)
    if t.template == MUL or t.template in INFIX:
        parts = [_bracketed(o, loose=_level(o) < floor) for o, floor in zip(t.operands, floors, strict=False)]
        if t.template == MUL:
            return f" {TIMES if parts[1][:1].isdigit() else SPACE} ".join(parts)
        return INFIX[t.template].format(*parts)
    parts = [latex(o) for o in t.operands]
    if t.template in ENCLOSED:
        return ENCLOSED[t.template].format(*parts)
    slope, name = re.match(r"(?:∂([₀-₉]+))?(.*)", t.template, re.DOTALL).groups()  # type: ignore[union-attr]
    name = _called(name)
    by = rf"\partial_{{{unicodedata.normalize('NFKC', slope)}}} " if slope else ""
    return rf"{by}{NAMES.get(name) or _operator(name)}\left({', '.join(parts)}\right)"


def symbol(name: str) -> str:
    r"""Return a name or a number in LaTeX: digits and what follows a dot as an index, long names upright.

    >>> print(symbol("x1"), symbol("loss"), symbol("1e-05"), symbol("2.0"), symbol("inf"))
    x_{1} \mathrm{loss} 10^{-5} 2 \infty
    """
    if re.fullmatch(r"-?[\d.]+(e[+-]?\d+)?", name):
        return _number(name)
    if name in ("inf", "-inf"):
        return name.replace("inf", r"\infty")
    stem, index = re.fullmatch(r"(.*?)[._]?([\d.]*)", name, re.DOTALL).groups()  # type: ignore[union-attr]
    written = stem if len(stem) == 1 and stem.isalpha() else rf"\mathrm{{{stem.translate(SPECIAL)}}}"
    return f"{written}_{{{index.replace('.', ',')}}}" if index and stem else written if stem else index


def _number(name: str) -> str:
    digits, _, exponent = name.removesuffix(".0").partition("e")
    if not exponent:
        return digits
    power = f"10^{{{int(exponent)}}}"
    return power if digits == "1" else rf"-{power}" if digits == "-1" else rf"{digits} \cdot {power}"


def _level(t: Term) -> int:
    return Term.ATOM if t.template in ENCLOSED else t.level


def _bracketed(t: Term, *, loose: bool) -> str:
    if t.template == GROUP:
        return latex(t)
    return rf"\left({latex(t)}\right)" if loose else latex(t)


def _called(template: str) -> str:
    """Return the name of the function that a template calls."""
    return re.findall(r"(\w+)\(", template)[-1] if "(" in template else template


def _operator(name: str) -> str:
    return rf"\operatorname{{{name.translate(SPECIAL)}}}"

"""Textbook forms: the notation of a row's `textbook`, such as `y x^(y - 1)`, read and evaluated.

Factors stand side by side: `x Φ(x)`, `2x`, `z(1 - z)`, `2 · 3`. `/` divides by the next factor alone. `x²` and `x^y`
are powers, `e^x` is exp. A function of a name needs no parentheses: `ln x`, `√x`. Cases are `x if x > 0 else 0`. In
rows of any number of arguments `xᵢ` is argument i, `xₖ` the argument with index k, and `Σ xᵢ yᵢ` a sum over i.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, reduce
from operator import add, mul, neg, sub, truediv
from typing import Any, NamedTuple

from .arithmetic import FUNCTIONS as ELEMENTARY
from .arithmetic import INF, NAN

RELATIONS = {"<": "lt", "≤": "le", ">": "gt", "≥": "ge", "=": "eq", "≠": "ne"}
INDICES, SUPERSCRIPTS = {"ᵢ": "i", "ₖ": "k"}, {"²": "2", "³": "3"}
# functions that need no parentheses about a name, and what `m` calls them
WORDS = {"ln": "log", "log₂": "log2", "log₁₀": "log10", "arcsin": "asin", "arccos": "acos", "arctan": "atan"}
WORDS |= {name: name for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")}
WORDS |= {f"ar{name}": f"a{name}" for name in ("sinh", "cosh", "tanh")}
CONSTANTS: dict[str, Callable[[Any], Any]] = {
    "π": lambda m: m.acos(-1.0),
    "e": lambda m: m.exp(1.0),
    "∞": lambda m: INF,
    "nan": lambda m: NAN,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{word: lambda m, x, name=name: getattr(m, name)(x) for word, name in WORDS.items()},
    "√": lambda m, x: m.sqrt(x),
    "∛": lambda m, x: m.cbrt(x),
    "|": lambda m, x: m.abs(x),
    "⌊": lambda m, x: m.floor(x),
    "arctan2": lambda m, x, y: m.atan2(x, y),
    "max": lambda m, x, y: m.where(m.gt(x, y), x, y),
    "min": lambda m, x, y: m.where(m.lt(x, y), x, y),
    "sign": lambda m, x: m.where(m.gt(x, 0.0), 1.0, m.where(m.lt(x, 0.0), -1.0, 0.0)),
    "σ": lambda m, x: 1.0 / (1.0 + m.exp(-x)),
    "Φ": lambda m, x: m.erfc(-x / m.sqrt(2.0)) / 2.0,
    "φ": lambda m, x: m.exp(-(x * x) / 2.0) / m.sqrt(2.0 * CONSTANTS["π"](m)),
    "if": lambda m, test, x, y: m.where(test, x, y),
    "and": lambda m, test, other: m.where(test, other, 0.0),
    **{sign: lambda m, x, y, name=name: getattr(m, name)(x, y) for sign, name in RELATIONS.items()},
}
OF_TWO = ("max", "min", "arctan2")
NUMERIC: dict[str, Callable[..., Any]] = {"+": add, "-": sub, "*": mul, "/": truediv, "neg": neg}
ENCLOSING = {"(": ")", "|": "|", "⌊": "⌋"}
NAME = r"[^\W\d][A-Za-z0-9_]*[₀-₉]*(?:\.[A-Za-z0-9_]+)*"  # w, x₁, layers.0.b
TOKEN = re.compile(
    rf"\s*([²³]|[ᵢₖ]|\d+(?:\.\d+)?(?:e[-+]?\d+)?|[Σ√∛πσΦφ]|∂{NAME}/∂{NAME}|{NAME}|[-+/^(),|⌊⌋<≤>≥=≠]|\S)"
)


class Form(NamedTuple):
    """An expression: a name or number, or an operator or function and its operands."""

    head: str
    operands: tuple[Form, ...] = ()

    @property
    def is_number(self) -> bool:
        """Whether this is a number without a sign."""
        return not self.operands and self.head.lstrip("-")[:1].isdigit()

    def names(self) -> Iterator[str]:
        """Yield the names in this expression from left to right, each as often as it occurs."""
        if not self.operands and not self.is_number and self.head not in CONSTANTS:
            yield self.head
        for operand in self.operands:
            yield from operand.names()


@lru_cache(maxsize=1024)
def parse(text: str) -> Form:
    """Return the form in `text`. Raises ValueError with a caret under the first token that does not fit.

    >>> parse("2x")
    Form(head='*', operands=(Form(head='2', operands=()), Form(head='x', operands=())))
    """
    try:
        return _Parser(text).whole()
    except RecursionError:
        raise ValueError(f"cannot read the textbook form: it is nested too deep\n  {text:.80}") from None


def check(text: str, names: Iterable[str]) -> None:
    """Raise ValueError if `text` is no form, or contains a name that is not in `names`.

    >>> check("x y", ["x", "z"])
    Traceback (most recent call last):
    ValueError: the textbook form `x y` has the unknown name `y`; known are x, z
    """
    known = list(names)
    for name in parse(text).names():
        if name not in known:
            raise ValueError(f"the textbook form `{text}` has the unknown name `{name}`; known are {', '.join(known)}")


def evaluate(form: Form, m: Any, names: Mapping[str, Any]) -> Any:
    """Return the value of a form under the arithmetic `m`, with the values of names; that of x is a list for `xᵢ`.

    >>> from autodiff.arithmetic import floats
    >>> evaluate(parse("x² if x > 0 else Σ yᵢ"), floats, {"x": -1.0, "y": [2.0, 3.0]})
    5.0
    """
    head, operands = form
    if not operands:
        return float(head) if form.is_number else names[head] if head in names else CONSTANTS[head](m)
    if head == "index":
        return names[operands[0].head][int(names[operands[1].head])]
    if head == "Σ":
        length = next(len(x) for x in names.values() if isinstance(x, (list, tuple)))
        terms = [evaluate(operands[0], m, {**names, "i": i}) for i in range(length)]
        return reduce(add, terms) if terms else 0.0
    if head == "^":
        return _power(operands[0], operands[1], m, names)
    xs = [evaluate(operand, m, names) for operand in operands]
    if head in NUMERIC:
        return NUMERIC[head](*xs)
    return FUNCTIONS[head](m, *xs) if head in FUNCTIONS else getattr(m, head)(*xs)


def substitute(form: Form, names: Mapping[str, Any]) -> Form:
    """Return a form with names replaced by forms, and each sum written out; that of x is a list for `xᵢ`.

    >>> substitute(parse("Σ xᵢ"), {"x": [Form("a"), Form("b")]}) == parse("a + b")
    True
    """
    head, operands = form
    if not operands:
        return names.get(head, form)  # type: ignore[no-any-return]
    if head == "index":
        return names[operands[0].head][int(names[operands[1].head].head)]  # type: ignore[no-any-return]
    if head == "Σ":
        length = next(len(x) for x in names.values() if isinstance(x, list))
        terms = [substitute(operands[0], {**names, "i": Form(str(i))}) for i in range(length)]
        return reduce(lambda x, y: Form("+", (x, y)), terms) if terms else Form("0")
    return Form(head, tuple(substitute(operand, names) for operand in operands))


def bind(value: Form, operands: Sequence[Any]) -> dict[str, Any]:
    """Return the operands of a row of any number of arguments by the names in its value form: lists, then numbers.

    >>> bind(parse("Σ xᵢ yᵢ"), [1.0, 2.0, 3.0, 4.0]), bind(parse("xₖ"), [5.0, 6.0, 1.0])
    ({'x': [1.0, 2.0], 'y': [3.0, 4.0]}, {'x': [5.0, 6.0], 'k': 1.0})
    """
    names = sorted({*value.names()} - {"i"}, key=lambda name: (name == "k", name))
    series = [name for name in names if name != "k"]
    size = (len(operands) - ("k" in names)) // len(series)
    bound: dict[str, Any] = {name: list(operands[n * size :][:size]) for n, name in enumerate(series)}
    return bound | ({"k": operands[-1]} if "k" in names else {})


def _power(base: Form, exponent: Form, m: Any, names: Mapping[str, Any]) -> Any:
    """Return a power as rules compute it: by exp or exp2 of a constant base, by products for ² and ³."""
    if base == Form("e") and "e" not in names:
        return m.exp(evaluate(exponent, m, names))
    if base == Form("2"):
        return m.exp2(evaluate(exponent, m, names))
    x = evaluate(base, m, names)
    if exponent.is_number and exponent.head in SUPERSCRIPTS.values():
        return x * x if exponent.head == "2" else (x * x) * x
    return m.pow(x, evaluate(exponent, m, names))


class _Parser:
    """A parser by recursive descent: a method for each level of the notation, the loosest first."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = [(match[1], match.start(1)) for match in TOKEN.finditer(text)] + [("", len(text))]
        self.at = 0
        self.closing = ""  # the token that ends the innermost parentheses

    @property
    def next(self) -> str:
        return self.tokens[self.at][0]

    def take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1][0]

    def expect(self, token: str) -> None:
        if self.next != token:
            raise self.error(f"`{token}` is missing here")
        self.at += 1

    def error(self, what: str) -> ValueError:
        caret = " " * self.tokens[self.at][1] + "^"
        return ValueError(f"cannot read the textbook form: {what}\n  {self.text}\n  {caret}")

    def whole(self) -> Form:
        form = self.cases()
        if self.next:
            raise self.error(f"`{self.next}` does not follow from what stands before it; parentheses may help")
        return form

    def cases(self) -> Form:
        form = self.sum()
        if self.next != "if":
            return form
        self.at += 1
        test = self.test()
        self.expect("else")
        return Form("if", (test, form, self.cases()))

    def test(self) -> Form:
        """Read a comparison, or a chain of two: low ≤ x ≤ high."""
        found, term = [], self.sum()
        while self.next in RELATIONS:
            found.append(Form(self.take(), (term, term := self.sum())))
        if not found:
            raise self.error("a comparison such as `x > 0` must stand between `if` and `else`")
        return reduce(lambda x, y: Form("and", (x, y)), found)

    def sum(self) -> Form:
        if self.next == "-":
            self.at += 1
            form = Form("neg", (self.quotient(),))
        else:
            form = self.quotient()
        while self.next in ("+", "-"):
            form = Form(self.take(), (form, self.quotient()))
        return form

    def quotient(self) -> Form:
        form = self.product()
        return Form(self.take(), (form, self.power())) if self.next == "/" else form

    def product(self) -> Form:
        form = self.power()
        while self.starts_a_factor() or self.next == "·":
            self.at += self.next == "·"
            form = Form("*", (form, self.power()))
        return form

    def starts_a_factor(self) -> bool:
        word = self.next[:1]
        if word == "|":
            return self.closing != "|"
        return word in ("√", "∛", "⌊", "(", "∂", "∞") or (word.isalpha() and self.next not in ("if", "else", *INDICES))

    def power(self) -> Form:
        form = self.atom()
        if self.next in SUPERSCRIPTS:
            return Form("^", (form, Form(SUPERSCRIPTS[self.take()])))
        return Form(self.take(), (form, self.atom())) if self.next == "^" else form

    def atom(self) -> Form:
        if self.next in ENCLOSING:
            opening = self.take()
            (form,) = self.enclosed(ENCLOSING[opening])
            self.expect(ENCLOSING[opening])
            return form if opening == "(" else Form(opening, (form,))
        if not (self.next[:1].isalnum() or self.next[:1] in ("√", "∛", "∂", "∞")) or self.next in ("", "if", "else"):
            raise self.error(f"`{self.next}` cannot stand here" if self.next else "something is missing at the end")
        head = self.take()
        if head == "Σ":
            return Form("Σ", (self.product(),))
        if head in FUNCTIONS or (head in ELEMENTARY and self.next == "("):
            return self.call(head)
        if self.next in INDICES:
            return Form("index", (Form(head), Form(INDICES[self.take()])))
        return Form(head)

    def call(self, function: str) -> Form:
        if self.next != "(":
            if function in WORDS or function in ("√", "∛"):
                return Form(function, (self.power() if function in WORDS else self.atom(),))
            raise self.error(f"`{function}` needs its arguments in parentheses")
        self.at += 1
        operands = self.enclosed(")", several=True)
        if function in FUNCTIONS and len(operands) != 1 + (function in OF_TWO):
            raise self.error(f"`{function}` takes {1 + (function in OF_TWO)} arguments, got {len(operands)}")
        self.expect(")")
        return Form(function, operands)

    def enclosed(self, closing: str, *, several: bool = False) -> tuple[Form, ...]:
        """Read what stands in parentheses or bars, before the `closing` one: a form, or several with commas."""
        outer, self.closing = self.closing, closing
        operands = [self.cases()]
        while several and self.next == ",":
            self.at += 1
            operands.append(self.cases())
        self.closing = outer
        return tuple(operands)

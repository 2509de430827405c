"""The text arithmetic: rules read as Python source, with the parentheses that precedence asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .arithmetic import FUNCTIONS, INF, Arithmetic, Function


class Term:
    """A piece of Python source: a template, the terms in it, and how tightly it binds."""

    __slots__ = ("level", "operands", "source", "template")
    CHOICE, BOTH, TEST, SUM, PRODUCT, SIGN, ATOM = range(7)  # how tightly a term binds

    def __init__(self, template: str, *operands: Any, level: int = ATOM) -> None:
        self.template, self.level = template, level
        self.operands = tuple(term(o) for o in operands)
        self.source = self._write()

    def _write(self) -> str:
        """Return the source: the template with each operand in the parentheses that it needs."""
        floor = [self.level if i == 0 else self.level + 1 for i in range(len(self.operands))]
        if self.level == Term.ATOM:
            floor = [Term.CHOICE] * len(self.operands)
        elif self.level == Term.CHOICE:
            floor = [Term.BOTH, Term.BOTH, Term.CHOICE]
        pairs = zip(self.operands, floor, strict=True)
        return self.template.format(*(o.source if o.level >= least else f"({o.source})" for o, least in pairs))

    def __str__(self) -> str:
        return self.source

    def number(self) -> Term:
        """Return this term as a float: 1.0 or 0.0 for a comparison."""
        return Term("{1} if {0} else {2}", self, 1.0, 0.0, level=Term.CHOICE) if self.is_test else self

    @property
    def is_test(self) -> bool:
        """Whether this is a comparison, or several joined by `and`."""
        return self.level in (Term.BOTH, Term.TEST)

    def __bool__(self) -> bool:
        raise TypeError("a rule cannot branch, since it is read once for all numbers: use `m.where(c, x, y)` for `if`")

    def __pow__(self, other: Any) -> Term:
        raise TypeError("a rule writes x ** y as `m.pow(x, y)`, so that no arithmetic raises or goes complex")

    def __gt__(self, other: Any) -> Term:
        raise TypeError("a rule compares with `m.gt`, `m.ge`, `m.lt`, `m.le`, `m.eq` and `m.ne`, which give 1.0 or 0.0")

    __ge__ = __lt__ = __le__ = __eq__ = __ne__ = __gt__  # type: ignore[assignment]
    __hash__ = object.__hash__

    def __neg__(self) -> Term:
        return Term("-{}", self.number(), level=Term.SIGN)


def term(x: Any) -> Term:
    """Return x, a term or a number, as a term."""
    return x if isinstance(x, Term) else Term(repr(float(x)))


def whole(term: Term, template: str = "({near} if {low} <= {{0}} <= {high} else m.{name}({{0}}))") -> Term:
    """Return `term` with the functions that libm does not know at large numbers written by `template`."""
    written = {
        f.text: template.format(near=f.text.format("{0}"), low=-f.far, high=f.far, name=f.name)
        for f in FUNCTIONS.values()
        if f.far < INF
    }
    operands = (whole(o, template) for o in term.operands)
    return Term(written.get(term.template, term.template), *operands, level=term.level)


def _operator(template: str, level: int, reflected: bool) -> Callable[[Term, Any], Term]:
    def operate(x: Term, y: Any) -> Term:
        pair = (x.number(), term(y).number())
        return Term(template, *(reversed(pair) if reflected else pair), level=level)

    return operate


for _name, _template, _level in (
    ("add", "{} + {}", Term.SUM),
    ("sub", "{} - {}", Term.SUM),
    ("mul", "{} * {}", Term.PRODUCT),
    ("truediv", "{} / {}", Term.PRODUCT),
):
    setattr(Term, f"__{_name}__", _operator(_template, _level, False))
    setattr(Term, f"__r{_name}__", _operator(_template, _level, True))


def _textual(function: Function) -> Callable[..., Term]:
    def write(*operands: Any) -> Term:
        template = function.text or f"m.{function.name}({', '.join(['{}'] * len(operands))})"
        if function.kind == "identity":
            return term(operands[0])
        if function.kind != "choice":
            numbers = [term(o).number() for o in operands]
            return Term(template, *numbers, level=Term.TEST if function.kind == "test" else Term.ATOM)
        c, x, y = operands
        if isinstance(x, Term) and x.is_test and type(y) is float and y == 0.0:
            return Term("{} and {}", c, x, level=Term.BOTH)
        choices = [term(o).number() for o in (x, y)]
        taken = [_assuming(c, term, 1 + i) for i, term in enumerate(choices)]
        return Term(template, c, *taken, level=Term.CHOICE)

    return write


def _assuming(test: Any, term: Term, branch: int) -> Term:
    """Return `term` inside branch 1 or 2 of a choice by `test`, with each further choice by `test` resolved."""
    if str(test) not in term.source:
        return term
    if term.level == Term.CHOICE and str(term.operands[0]) == str(test):
        return _assuming(test, term.operands[branch], branch)
    return Term(term.template, *(_assuming(test, o, branch) for o in term.operands), level=term.level)


text = Arithmetic("text", _textual, lift=lambda x: Term(repr(x)))

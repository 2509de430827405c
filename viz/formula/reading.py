"""The arithmetic of forms: a rule read as an expression in textbook notation, for rows that state none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autodiff.arithmetic import Function, Reading
from autodiff.textbook import RELATIONS, WORDS, Form

from .simplify import ONE, ZERO, number

SIGNS = {name: sign for sign, name in RELATIONS.items()}
NAMES = {name: word for word, name in WORDS.items()} | {"sqrt": "√", "cbrt": "∛", "abs": "|", "floor": "⌊", "pow": "^"}
BASES = {"exp": Form("e"), "exp2": Form("2")}


class FormExpression:
    """A form with the operators of numbers, as a rule takes and gives it."""

    def __init__(self, form: Form) -> None:
        self.form = form

    def __neg__(self) -> FormExpression:
        return FormExpression(Form("neg", (as_number(self),)))


def as_number(x: Any) -> Form:
    """Return an operand or the result of a rule as a form that is a number: 1 or 0 for a comparison.

    >>> as_number(2.5)
    Form(head='2.5', operands=())
    """
    if not isinstance(x, FormExpression):
        return number(float(x))
    return Form("if", (x.form, ONE, ZERO)) if x.form.head in RELATIONS else x.form


def _operator(head: str, *, reflected: bool) -> Callable[[FormExpression, Any], FormExpression]:
    def operate(x: FormExpression, y: Any) -> FormExpression:
        pair = (as_number(x), as_number(y))
        return FormExpression(Form(head, pair[::-1] if reflected else pair))

    return operate


for _name, _head in (("add", "+"), ("sub", "-"), ("mul", "*"), ("truediv", "/")):
    setattr(FormExpression, f"__{_name}__", _operator(_head, reflected=False))
    setattr(FormExpression, f"__r{_name}__", _operator(_head, reflected=True))


def _written(function: Function) -> Callable[..., FormExpression]:
    def write(*operands: Any) -> FormExpression:
        xs = tuple(map(as_number, operands))
        if function.kind == "identity":
            return FormExpression(xs[0])
        if function.kind == "choice":
            return FormExpression(Form("if", (_test(operands[0]), *xs[1:])))
        if function.kind == "test":
            return FormExpression(Form(SIGNS[function.name], xs))
        if function.name in BASES:
            return FormExpression(Form("^", (BASES[function.name], *xs)))
        return FormExpression(Form(NAMES.get(function.name, function.name), xs))

    return write


def _test(x: Any) -> Form:
    found = x.form if isinstance(x, FormExpression) else number(float(x))
    return found if found.head in RELATIONS else Form("≠", (found, ZERO))


forms = Reading(_written)

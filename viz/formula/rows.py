"""The rows of the table as forms: what an operation computes, and its partials, in its operands and its result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autodiff.row import PRIMITIVES, Primitive
from autodiff.textbook import Form, bind, parse, substitute
from autodiff.typesetting import plain

from .reading import FormExpression, as_number, forms
from .simplify import number, simplified

LONG_RULE = 500  # characters of a rule beyond which it is called by name
INDICES = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
Columns = tuple[Form, list[Form | None]]


def columns(node: Any, operands: Sequence[Form], z: Form) -> Columns:
    """Return the value and the partials of a node in `operands` and z.

    They are the textbook forms of its row; without those its rules, or where these are too long a call by name. The
    partial by an argument without a derivative is None.

    >>> from autodiff import Value
    >>> value, slopes = columns(Value(2.0).tanh(), [Form("x")], Form("z"))
    >>> plain(value), plain(slopes[0])
    ('tanh x', '1 - z²')
    """
    row = PRIMITIVES.get(node.op)
    if row is None:
        return Form(node.op, tuple(operands)), [None if d is None else number(d) for d in node.partials]
    value, slopes = _stated(row, operands, z) if row.textbook else _read(row, operands, z)
    return simplified(value), [None if form is None else simplified(form) for form in slopes]


def _stated(row: Primitive, operands: Sequence[Form], z: Form) -> Columns:
    """Return the textbook forms of a row at its operands."""
    value, *slopes = [None if form is None else parse(form) for form in row.textbook]
    assert value is not None
    if not row.variadic:
        names: dict[str, Any] = {**dict(zip(row.arguments, operands, strict=True)), "z": z}
        return substitute(value, names), [None if form is None else substitute(form, names) for form in slopes]
    series = bind(value, operands)
    found: list[Form | None] = []
    for name, form in zip(series, slopes, strict=True):
        places = range(len(series[name])) if name != "k" else range(1)
        names = {**series, "z": z}
        found += [None if form is None else substitute(form, {**names, "i": Form(str(i))}) for i in places]
    unknown = "k" in series and not series["k"].is_number  # an index that is data
    return Form(row.name, tuple(operands)) if unknown else substitute(value, series), found


def _read(row: Primitive, operands: Sequence[Form], z: Form) -> Columns:
    """Return the rules of a row at its operands, or calls by name, ∂₁f(x, y) for a partial."""
    primals = list(map(FormExpression, operands))
    value = as_number(row.evaluate(forms, primals))
    found = row.linearize(forms, primals, FormExpression(z))
    slopes = [None if d is None else as_number(d) for d in found]
    if max(len(plain(form)) for form in (value, *slopes) if form is not None) <= LONG_RULE:
        return value, slopes
    calls = (Form(f"∂{str(k + 1).translate(INDICES)}{row.name}", tuple(operands)) for k in range(len(operands)))
    named = zip(slopes, calls, strict=True)
    return Form(row.name, tuple(operands)), [None if d is None else call for d, call in named]

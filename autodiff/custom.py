"""primitive: add a row of one's own to the table; it works in every mode, as the built-in rows do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from . import value
from .row import PRIMITIVES, Edges, Interval, Rule, Textbook, functions, register


def primitive(
    name: str,
    value_rule: Rule,
    *partials: Rule | None,
    domain: Sequence[Interval] | None = None,
    edges: Edges = (),
    textbook: Textbook = (),
) -> Callable[..., Any]:
    """Add a row to the table and return its function, of Values, numbers and arrays.

    `value_rule(m, x, y, …)` gives the value and each of `partials`, `rule(m, x, y, …, z)`, the derivative by one
    argument (None: locally constant) as terms in the arithmetic `m`, the arguments and the value z, with `m.where`
    and `m.gt` in place of `if`. `domain` has an interval for each argument in which tests sample it, `edges` what is
    adopted at single points: arguments → (value, partial, …). `textbook` states value and partials for `help`,
    formulas and pictures: ("x³", "3x²") say, in the notation of `autodiff.textbook`, None for no derivative. Raises
    ValueError for a taken name, for rules that do not fit, and for textbook forms that cannot be read.

    >>> from autodiff import Value, primitive
    >>> cube = primitive("cube", lambda m, x: x * x * x, lambda m, x, z: 3.0 * (x * x), textbook=("x³", "3x²"))
    >>> x = Value(2.0)
    >>> cube(x).backward()
    >>> x.grad
    12.0
    """
    from .eager import standalone  # here, since a wheel does without them
    from .textbook import check

    row = register(name, value_rule, *partials, domain=domain, edges=edges, textbook=textbook)
    try:
        for form in filter(None, textbook):
            check(form, (*row.arguments, "z"))
    except ValueError as error:
        del PRIMITIVES[name]
        raise ValueError(f"`{name}`: {error}") from None
    try:
        source = standalone(row)
    except Exception as error:
        del PRIMITIVES[name]
        raise ValueError(f"the rules of `{name}` cannot be read: {type(error).__name__}: {error}") from error
    function: Callable[..., Any] = value.execute(source, f"<autodiff.{name}>", dict(vars(value)))["public"]
    function.__name__ = function.__qualname__ = name
    functions[name] = function
    return function

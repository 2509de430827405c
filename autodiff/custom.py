"""Rows of one's own: a primitive added to the table works in every mode, as the built-in ones do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from . import value
from .row import PRIMITIVES, Edges, Interval, Rule, functions, register


def primitive(
    name: str,
    value_rule: Rule,
    *partials: Rule | None,
    domain: Sequence[Interval] | None = None,
    edges: Edges = (),
) -> Callable[..., Any]:
    """Add a row to the table and return its function, of Values, numbers and arrays.

    `value_rule(m, x, y, …)` gives the value and each of `partials`, `rule(m, x, y, …, z)`, the derivative by one
    argument (None: locally constant) as terms in the arithmetic `m`, the arguments and the value z, with `m.where`
    and `m.gt` in place of `if`. `domain` has an interval for each argument in which tests sample it, `edges` what is
    adopted at single points: arguments → (value, partial, …). Raises ValueError for a taken name and for rules that
    do not fit.

    >>> from autodiff import Value, primitive
    >>> cube = primitive("cube", lambda m, x: x * x * x, lambda m, x, z: 3.0 * (x * x))
    >>> x = Value(2.0)
    >>> cube(x).backward()
    >>> x.grad
    12.0
    """
    from .eager import standalone  # here, since a wheel does without it

    row = register(name, value_rule, *partials, domain=domain, edges=edges)
    try:
        source = standalone(row)
    except Exception as error:
        del PRIMITIVES[name]
        raise ValueError(f"the rules of `{name}` cannot be read: {type(error).__name__}: {error}") from error
    function: Callable[..., Any] = value.execute(source, f"<autodiff.{name}>", dict(vars(value)))["public"]
    function.__name__ = function.__qualname__ = name
    functions[name] = function
    return function

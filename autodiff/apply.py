"""Apply a row to operands of any kind: what the generated fast paths do for Values and floats, for everything."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from .arithmetic import FLOAT_ERRORS, Arithmetic, Function, floats, ieee, is_array, number
from .contexts import current_trace, detect_on, no_grad_on, user_line, watch
from .node import Node
from .row import PRIMITIVES, Primitive, functions


def call(name: str, *operands: Any) -> Any:
    """Return the row `name` of `operands`: a Value, a float if all are plain numbers, an array if one is an array.

    Rows are read under plain floats; where those raise, under IEEE floats.
    """
    if any(is_array(operand) for operand in operands):
        from .value_array import elementwise

        return elementwise(functions[name], operands)
    row = PRIMITIVES[name]
    active = [isinstance(operand, Node) for operand in operands]
    numbers = [o._data if on else number(o, name) for o, on in zip(operands, active, strict=True)]
    if row.constants and not active[1] and numbers[1] in row.constants:
        return functions[row.constants[numbers[1]]](operands[0])
    try:
        result = _linearize(row, floats, numbers, active)
    except FLOAT_ERRORS:
        result = None
    value, partials = result or _linearize(row, ieee, [ieee.lift(x) for x in numbers], active)
    if True not in active:
        return value
    kind = type(operands[active.index(True)])
    return _record(
        kind, name, value, [o if on else x for o, x, on in zip(operands, numbers, active, strict=False)], partials
    )


def _linearize(
    row: Primitive, m: Arithmetic, primals: Sequence[Any], active: Sequence[bool]
) -> tuple[float, list[float | None]]:
    z = row.evaluate(m, primals)
    if True not in active:
        return float(z), []
    return float(z), [d if d is None else float(d) for d in row.linearize(m, primals, z, active)]


def _record(kind: type, name: str, value: float, operands: Sequence[Any], partials: Sequence[float | None]) -> Any:
    node: Any = object.__new__(kind)
    node._data, node._grad, node.op, node.label, node.scope = value, 0.0, name, "", None
    node.x, node.y = (*operands, None, None)[:2]
    dx, dy = (*partials, None, None)[:2]
    node.dx, node.dy = 0.0 if dx is None else dx, 0.0 if dy is None else dy
    node.rest = (tuple(operands[2:]), tuple(partials[2:])) if len(operands) > 2 else None
    further = any(d is not None for d in partials[2:])
    node.edges = (dx is not None) | (dy is not None) << 1 | further << 2
    return finish(node) if watch.active else node


def finish(node: Any) -> Any:
    """Return a node that was just made as the switches that are on want it."""
    if detect_on.get():
        _check_finite(node)
    if no_grad_on.get():
        node.scope = current_trace.get()
        node.op, node.x, node.y, node.dx, node.dy, node.edges, node.rest = "", None, None, 0.0, 0.0, 0, None
    return node


def _check_finite(node: Any) -> None:
    operands = ", ".join(str(a.data if isinstance(a, Node) else a) for a in node.args)
    if not math.isfinite(node._data):
        raise FloatingPointError(f"{user_line()}: `{node.op}` of {operands} has the value {node._data}") from None
    for i, partial in enumerate(node.partials):
        if partial is not None and not math.isfinite(partial):
            raise FloatingPointError(
                f"{user_line()}: `{node.op}` of {operands} has the partial {partial} for argument {i}"
            ) from None


def _graphical(function: Function) -> Callable[..., Any]:
    def build(*operands: Any) -> Any:
        if function.name == "where" and not isinstance(operands[0], Node):
            return operands[1] if operands[0] else operands[2]  # a constant condition is no data: no branch to keep
        if not any(isinstance(operand, Node) for operand in operands):
            return float(getattr(ieee, function.name)(*operands))
        if function.name not in functions:
            raise NotImplementedError(
                f"m.{function.name} of a Value needs a row `{function.name}` in the table: add one with "
                f"`autodiff.primitive` to differentiate a rule that uses it"
            )
        return functions[function.name](*operands)

    return build


values = Arithmetic("values", _graphical, lift=lambda x: x, lower=lambda x: x.data if isinstance(x, Node) else x)

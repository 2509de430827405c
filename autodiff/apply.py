"""The general path of an operation: apply a row to operands of any kind, where the generated methods give up."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from .arithmetic import (
    FLOAT_ERRORS,
    Arithmetic,
    Function,
    comparable,
    floats,
    ieee,
    is_array,
    is_array_scalar,
    is_comparison,
    number,
)
from .contexts import (
    TraceError,
    check_context,
    current_scope,
    current_trace,
    detect_switch,
    no_grad_switch,
    program_trace,
    undetected,
    user_line,
)
from .memory import check_room
from .node import Node
from .row import PRIMITIVES, Primitive, functions
from .watch import watch

CHECKED = 0xFFFF  # memory is looked at once in so many operations of a trace, which takes some 30 µs


def call(name: str, *operands: Any) -> Any:
    """Return the row `name` of `operands`: a Value, a float if all are plain numbers, an array if one is an array.

    Rows are read under plain floats; where those raise, under IEEE floats.
    """
    row = PRIMITIVES[name]
    kinds = set(map(type, operands))
    kind = next((k for k in kinds if issubclass(k, Node)), float)
    if kinds - {kind, float}:
        if any(map(is_array, operands)):
            from .value_array import elementwise

            return elementwise(functions[name], operands)
        if any(is_array_scalar(o) and o.dtype == object for o in operands):
            return call(name, *(o.item() if is_array_scalar(o) else o for o in operands))
        if len(operands) == 2 and is_comparison(name):
            operands = comparable(name, *operands)
        operands = tuple(o if type(o) is kind else number(o, name) for o in operands)
    if kind is float:
        return _plain(row, operands)
    if row.constants and type(operands[1]) is float and operands[1] in row.constants:
        return functions[row.constants[operands[1]]](operands[0])
    if kinds == {kind}:
        active: list[bool] | None = None
        nodes: tuple[Node, ...] = operands
        numbers = [o._data for o in nodes]
    else:
        active = [type(o) is kind for o in operands]
        numbers = [o if type(o) is float else o._data for o in operands]
    try:
        result = _linearize(row, floats, numbers, active)
    except FLOAT_ERRORS:
        result = None
    value, partials = result or _linearize(row, ieee, [ieee.lift(x) for x in numbers], active)
    return _record(kind, name, value, operands, partials)


def operate(name: str, x: Any, other: Any, reflected: str) -> Any:
    """Return `call(name, x, other)`; for an object whose class has an operator of its own, what `reflected` gives.

    So `v * obj` is `obj.__rmul__(v)`, as it is for a float, but with our error where the object knows no better.
    """
    try:
        return call(name, x, other)
    except TraceError:
        raise
    except TypeError:
        owner = next((c for c in type(other).__mro__ if reflected in vars(c)), object)
        if owner.__module__ in ("builtins", "decimal", "numpy"):
            raise
        result = getattr(owner, reflected)(other, x)
        if result is NotImplemented:
            raise
        return result


def dot(xs: list[Any], ys: list[Any]) -> Any:
    """Return `call("dot", *xs, *ys)`, computed in one native loop where this module is compiled."""
    kind: Any = None
    z = 0.0
    for i in range(len(xs)):
        a, b = xs[i], ys[i]
        if isinstance(a, Node):
            kind = type(a)
        elif type(a) is not float:
            return call("dot", *xs, *ys)
        if isinstance(b, Node):
            kind = type(b)
        elif type(b) is not float:
            return call("dot", *xs, *ys)
        term = _primal(a) * _primal(b)
        z = z + term if i else term
    if kind is None:
        return call("dot", *xs, *ys)
    partials: list[float | None] = [_primal(ys[i]) if isinstance(xs[i], Node) else None for i in range(len(xs))]
    for i in range(len(xs)):
        partials.append(_primal(xs[i]) if isinstance(ys[i], Node) else None)  # noqa: PERF401
    return _record(kind, "dot", z, xs + ys, partials)


def _primal(x: Any) -> float:
    if type(x) is float:
        return x
    node: Node = x
    return node._data


def _plain(row: Primitive, numbers: Sequence[float]) -> float:
    """Return the value of `row` at floats; for an exponent with a row of its own, such as 2, of that row."""
    if row.constants and numbers[1] in row.constants:
        return _plain(PRIMITIVES[row.constants[numbers[1]]], numbers[:1])
    try:
        value = float(row.evaluate(floats, numbers))
    except FLOAT_ERRORS:
        value = float(row.evaluate(ieee, [ieee.lift(x) for x in numbers]))
    if watch.active and detect_switch.get().on and not math.isfinite(value):
        raise FloatingPointError(f"{user_line()}: {_called(row.name, numbers)} has the value {value}")
    return value


def _linearize(
    row: Primitive, m: Arithmetic, primals: Sequence[Any], active: Sequence[bool] | None
) -> tuple[float, list[float | None]]:
    z = row.evaluate(m, primals)
    partials = row.linearize(m, primals, z, active)
    if m is ieee or not row.variadic:  # rules of our variadic rows give floats for floats
        partials = [None if d is None else float(d) for d in partials]
    return float(z), partials


def _record(kind: Any, name: str, value: float, operands: Sequence[Any], partials: Sequence[float | None]) -> Any:
    node: Node = kind.__new__(kind, 0.0)
    node._data, node._grad, node.op, node.tag = value, 0.0, name, None
    node.x, node.y = operands[0], operands[1] if len(operands) > 1 else None
    dx, dy = partials[0], partials[1] if len(partials) > 1 else None
    node._dx, node._dy = 0.0 if dx is None else dx, 0.0 if dy is None else dy
    node.edges = (dx is not None) | (dy is not None) << 1
    node._rest = None
    if len(operands) > 2:
        node._rest = further, slopes = tuple(operands[2:]), tuple(partials[2:])
        node.edges |= (slopes != (None,) * len(further)) << 2
    return finish(node) if watch.active else node


def linear(kind: Any, value: float, operands: Sequence[Any], partials: Sequence[float]) -> Any:
    """Return a node with the given value, operands and partials: a compiled function is one operation of the graph."""
    return _record(kind, "compiled", value, operands, partials)


def finish(node: Node) -> Any:
    """Apply the active switches to a new node: check it, name its scope and trace, cut its edges under `no_grad`."""
    if detect_switch.get().on:
        check_finite(node)
    if scope := current_scope.get():
        node.tag = ("", None, scope)
    if watch.programs:
        trace = program_trace()
        if trace is not None:
            trace.remaining -= 1
            if trace.remaining < 0 or not trace.remaining & CHECKED:
                check_room(trace)
            node.tag = ("", current_trace.get(), scope)
            if no_grad_switch.get().on:
                node.edges = 0
            return node
        for operand in node.args:
            if isinstance(operand, Node):
                check_context(operand)
    if no_grad_switch.get().on:
        node.tag = ("", current_trace.get(), scope)
        node.op, node.x, node.y, node._dx, node._dy, node.edges, node._rest = "", None, None, 0.0, 0.0, 0, None
    return node


def check_finite(node: Node) -> None:
    """Raise FloatingPointError, naming operation, operands and line, if value or a partial of `node` is nan or inf."""
    if not math.isfinite(node._data):
        value = f"{_called(node.op, node.args)} has the value {node._data}"
        raise FloatingPointError(f"{user_line()}: {value}") from None
    _check_partials(node.op, node.args, node._partials())


def _check_partials(name: str, operands: Sequence[Any], partials: Sequence[Any]) -> None:
    for i, partial in enumerate(partials):
        slope = _number(partial)
        if slope is not None and not math.isfinite(slope):
            found = f"{_called(name, operands)} has the partial {slope} for argument {i}"
            raise FloatingPointError(f"{user_line()}: {found}") from None


def _called(name: str, operands: Sequence[Any]) -> str:
    return f"`{name}` of {', '.join(str(_number(o)) for o in operands)}"


def _number(x: Any) -> Any:
    return x._data if isinstance(x, Node) else x


def graphic_partials(row: Primitive, operands: Sequence[Any], z: Any, active: Sequence[bool] | None) -> list[Any]:
    """Return the partials of `row` as nodes of a graph, for higher derivatives; a constant partial is a float."""
    lifted = [o if isinstance(o, Node) else ieee.lift(o) for o in operands]
    with undetected():
        partials = row.linearize(values, lifted, z, active)
    if detect_switch.get().on:
        _check_partials(row.name, operands, partials)
    return [d if d is None or isinstance(d, Node) else float(d) for d in partials]


def _graphical(function: Function) -> Callable[..., Any]:
    def build(*operands: Any) -> Any:
        if function.kind == "choice" and not isinstance(operands[0], Node):
            return operands[1] if operands[0] else operands[2]  # a constant condition is no data: no branch to keep
        if function.name == "along":
            return _along(operands[0], operands[1]())
        if not any(isinstance(operand, Node) for operand in operands):
            return getattr(ieee, function.name)(*operands)
        if function.name not in functions:
            raise NotImplementedError(
                f"m.{function.name} of a Value needs a row `{function.name}` in the table: add one with "
                f"`autodiff.primitive` to differentiate a rule that uses it"
            )
        return functions[function.name](*operands)

    return build


def _along(x: Any, path: Any) -> Any:
    """Return x with the derivatives of `path`, which is equal to it but for rounding."""
    if not isinstance(x, Node):
        return x
    detach = functions["detach"]
    return detach(x) - (detach(path) - path) if isinstance(path, Node) else detach(x)  # which keeps the sign of a zero


values = Arithmetic("values", _graphical, lift=lambda x: x, lower=_number)

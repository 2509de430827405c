"""A graph read again under any arithmetic: its gradient by the sweep that `backward` makes for floats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autodiff.apply import call, graphic_partials
from autodiff.arithmetic import Arithmetic
from autodiff.graph import is_node, postorder
from autodiff.row import PRIMITIVES, Primitive
from autodiff.value import Value


def graph_of_partials(row: Primitive, point: Sequence[float]) -> tuple[list[Value], list[Any]]:
    """Return leaves at `point` and the partials of `row` by them: Values, numbers where constant, None for no edge."""
    leaves = [Value(x) for x in point]
    return leaves, graphic_partials(row, leaves, call(row.name, *leaves), None)


def gradient(m: Arithmetic, root: Value, leaves: Sequence[Value], primals: Sequence[Any]) -> list[Any]:
    """Return the derivative of `root` by each of its leaves, read under m where these are `primals`.

    Nodes and contributions come in the order of `backward`; a leaf that the root does not depend on gets 0.0.
    """
    numbers: dict[int, Any] = {id(leaf): x for leaf, x in zip(leaves, primals, strict=True)}
    slopes: dict[int, list[Any]] = {}

    def number(x: Any) -> Any:
        return numbers[id(x)] if id(x) in numbers else m.lift(x.data if is_node(x) else x)

    for node in postorder([root], everything=True):
        if node.op:
            row, operands = PRIMITIVES[node.op], [number(a) for a in node.args]
            numbers[id(node)] = z = row.evaluate(m, operands)
            slopes[id(node)] = row.linearize(m, operands, z, [d is not None for d in node.partials])
    adjoint: dict[int, Any] = {id(root): m.lift(1.0)}
    for node in reversed(postorder([root])):
        if node.op:
            for operand, slope in zip(node.args, slopes[id(node)], strict=True):
                if slope is not None:
                    adjoint[id(operand)] = adjoint.get(id(operand), m.lift(0.0)) + slope * adjoint[id(node)]
    return [adjoint.get(id(leaf), m.lift(0.0)) for leaf in leaves]


def total_of_paths(root: Value, leaves: Sequence[Value]) -> list[float]:
    """Return Σ over all paths from `root` of the absolute products of partials: what its gradient may cancel from."""
    total = {id(root): 1.0}
    for node in reversed(postorder([root])):
        for operand, slope in zip(node.args, node.partials, strict=True):
            if slope is not None:
                total[id(operand)] = total.get(id(operand), 0.0) + abs(slope) * total[id(node)]
    return [total.get(id(leaf), 0.0) for leaf in leaves]

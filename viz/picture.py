"""What a picture shows of a graph: boxes and arrows, before any layout.

Boxes are numbered in the order of evaluation, so that a picture is the same in every run. `x + x` has two arrows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from autodiff.graph import postorder
from autodiff.node import Node
from autodiff.row import PRIMITIVES

from .labels import shown
from .size import check_layout, check_values

FIELDS = ("label", "data", "grad")
VALUES = ("leaf", "inner", "result")


@dataclass(frozen=True, slots=True)
class Box:
    """A value (its kind one of VALUES), an "operation", or a plain "number" that one was applied to.

    `rows` are pairs of a key and a number; `title` tells all of it in words, numbers in full.
    """

    id: str
    kind: str
    name: str
    rows: tuple[tuple[str, str], ...] = ()
    title: str = ""


@dataclass(frozen=True, slots=True)
class Arrow:
    """From an operand, "live" if a gradient flows back to it, else "dead"; from a "plain" number; "out" to a result."""

    id: str
    tail: str
    head: str
    kind: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """Boxes and arrows in the order of evaluation; `note` is what the reader must be told, `summary` what this is."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    note: str
    summary: str


def picture(roots: Sequence[Node], *, show: Collection[str] = FIELDS, fmt: str = ".4g") -> Picture:
    """Return the picture of all that `roots` were computed from. Raises SizeError if it cannot be laid out.

    >>> from autodiff import Value
    >>> [box.name for box in picture([Value(3.0, label="x") * 2.0]).boxes]
    ['x', '2', '*', '']
    """
    nodes = postorder(roots, everything=True)
    check_values(len(nodes))
    ids = {id(node): f"n{i}" for i, node in enumerate(nodes)}
    results = {id(root) for root in roots}
    boxes: list[Box] = []
    arrows: list[Arrow] = []
    for node in nodes:
        name = ids[id(node)]
        if node.op:
            boxes += _numbers(node, name, fmt)
            boxes.append(Box(f"{name}o", "operation", _symbol(node), title=f"operation {node.op}"))
            arrows += _arrows(node, name, ids)
        kind = "result" if id(node) in results else "inner" if node.op else "leaf"
        boxes.append(_value(node, name, kind, show, fmt))
    check_layout([box.id for box in boxes], [(arrow.tail, arrow.head) for arrow in arrows])
    note = _note(roots, nodes) if "grad" in show else ""
    operations = sum(bool(node.op) for node in nodes)
    sizes = f"{len(nodes)} value{'s' * (len(nodes) != 1)}, {operations} operation{'s' * (operations != 1)}"
    summary = f"Computation graph: {sizes}{note and '; '}{note}"
    return Picture(tuple(boxes), tuple(arrows), note, summary)


def _plain(node: Node) -> Iterator[tuple[int, float]]:
    """Yield the place and the number of each plain operand that the symbol of the operation does not show."""
    in_symbol = _symbol(node) != _row_symbol(node)
    return ((i, a) for i, a in enumerate(node.args) if not isinstance(a, Node) and not in_symbol)


def _row_symbol(node: Node) -> str:
    return PRIMITIVES[node.op].symbol if node.op in PRIMITIVES else node.op


def _symbol(node: Any) -> str:
    """Return the symbol of the operation, the exponent included: `**3`."""
    return node._op if node.op in PRIMITIVES else str(node.op)


def _numbers(node: Node, name: str, fmt: str) -> Iterator[Box]:
    return (Box(f"{name}c{i}", "number", shown(format(x, fmt)), title=f"number {x!r}") for i, x in _plain(node))


def _arrows(node: Node, name: str, ids: dict[int, str]) -> Iterator[Arrow]:
    tags = {i for i, _ in _plain(node)}
    for i, (operand, partial) in enumerate(zip(node.args, node.partials, strict=True)):
        edge = f"{name}e{i}"
        if isinstance(operand, Node):
            title = "no gradient" if partial is None else f"partial derivative {partial!r}"
            yield Arrow(edge, ids[id(operand)], f"{name}o", "dead" if partial is None else "live", title)
        elif i in tags:
            yield Arrow(edge, f"{name}c{i}", f"{name}o", "plain")
    yield Arrow(f"{name}z", f"{name}o", name, "out")


def _value(node: Node, name: str, kind: str, show: Collection[str], fmt: str) -> Box:
    label = shown("" if node.label is None else str(node.label))
    numbers = {"data": node.data, "grad": node.grad}
    rows = tuple((key, shown(format(x, fmt))) for key, x in numbers.items() if key in show)
    title = f"{label or 'value'}: data {node.data!r}, grad {node.grad!r}"
    return Box(name, kind, label if "label" in show else "", rows, title)


def _note(roots: Sequence[Node], nodes: Sequence[Node]) -> str:
    """Return what the gradients do not mean: after backward() from a root its own is 1."""
    if any(root.grad != 0.0 for root in roots):
        return ""
    if all(node.grad == 0.0 for node in nodes):
        return "backward() not run: every grad is 0"
    return "backward() not run from the result: its grad is 0, those of others are from another pass"

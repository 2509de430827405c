"""Graph traversal: the order in which nodes are visited, and the reverse sweep. Nothing recurses, at any depth.

The order is part of the meaning: depth-first post-order from the root, operands in written order, and for the sweep
its reverse. Contributions are added in that order, starting from 0.0, so that every run gives the same bits.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .contexts import detect_switch, user_line
from .locks import lock
from .watch import watch

if TYPE_CHECKING:
    from .node import Node

_sweeping = lock(0)  # threads may share leaves: one sweep at a time adds to them


def postorder(roots: Iterable[Any], *, everything: bool = False, stop: frozenset[int] = frozenset()) -> list[Any]:
    """Return the nodes that `roots` depend on in depth-first post-order, operands in written order.

    Only edges that carry a gradient are followed, with `everything` all; not below nodes whose id is in `stop`.
    """
    order: list[Any] = []
    seen = set[int]()
    path: list[Any] = list(roots)[::-1]  # nodes whose operands are not done
    while path:
        node = path.pop()
        if id(node) in seen:
            continue
        while True:
            edges = 0 if stop and id(node) in stop else 7 if everything else node.edges
            operand = node.x
            if edges & 1 and operand is not None and type(operand) is not float and id(operand) not in seen:
                path.append(node)
                node = operand
                continue
            operand = node.y
            if edges & 2 and operand is not None and type(operand) is not float and id(operand) not in seen:
                path.append(node)
                node = operand
                continue
            break
        waiting = _waiting(node, seen, everything) if edges & 4 and node._rest else None
        if waiting:
            path.append(node)
            path += reversed(waiting)
        else:
            seen.add(id(node))
            order.append(node)
    return order


def _waiting(node: Any, seen: set[int], everything: bool) -> list[Any]:
    """Return the operands of `node` from the third on that are followed and not yet visited."""
    pairs = zip(*node._rest, strict=True)
    return [a for a, d in pairs if (is_node(a) if everything else d is not None) and id(a) not in seen]


def is_node(operand: Any) -> bool:
    """Tell whether an operand of a node is a node: the others are floats, and None for no operand."""
    return operand is not None and type(operand) is not float


def sweep(root: Node) -> None:
    """Add the derivative of `root` by each leaf to the leaf's adjoint; set the adjoints of the nodes between.

    Each adjoint starts at 0.0; the total is added once to the gradient of a leaf. An exception restores them all.
    """
    if _sweeping._is_owned():
        raise RuntimeError("`backward` was called inside another `backward`, from a signal handler or a finalizer")
    with _sweeping:
        order: list[Node] = []  # nodes with operands, in post-order
        leaves: list[Node] = []
        held: list[float] = []
        try:
            _open(root, order, leaves, held)
            root._grad = 1.0
            _propagate(order)
            if watch.active and detect_switch.get().on:
                _check_finite(order, leaves)
            n = len(order)
            for i in range(len(leaves)):
                node = leaves[i]
                node.edges = 0
                if not node.op:
                    node._grad = held[n + i] + node._grad
        except BaseException:
            for node in order:
                node.edges &= 7
            for node in leaves:
                node.edges &= 7
            for node, before in zip(order + leaves, held):  # noqa: B905
                node._grad = before
            raise


def nonfinite(kind: str, name: str, data: float, derivative: float) -> FloatingPointError:
    """Return the exception for a derivative by or of a node that is nan or inf, naming the user's line."""
    return FloatingPointError(f"{user_line()}: the {kind} `{name}` = {data} is {derivative}")


def _propagate(order: list[Node]) -> None:
    """Add partial · adjoint to the adjoint of each operand, last nodes first; clear the marks of the visit."""
    for node in reversed(order):
        edges = node.edges
        grad = node._grad
        if edges & 1:
            x: Node = node.x
            x._grad += node._dx * grad
        if edges & 2:
            y: Node = node.y
            y._grad += node._dy * grad
        if edges & 4 and node._rest is not None:
            operands, partials = node._rest
            for operand, partial in zip(operands, partials):  # noqa: B905
                if partial is not None:
                    further: Node = operand
                    further._grad += partial * grad
        node.edges = edges & 7


def _check_finite(order: list[Node], leaves: list[Node]) -> None:
    for node in (*reversed(order), *leaves):
        if not math.isfinite(node._grad):
            raise nonfinite("gradient by", node.label or node.op or "a leaf", node._data, node._grad)


def _open(root: Node, order: list[Node], leaves: list[Node], held: list[float]) -> None:
    """Fill `order` with the post-order and `leaves` apart; set every adjoint to 0.0, its value before into `held`.

    A node that was visited has bit 3 of its `edges` set: that costs half of what a set of the visited would.
    """
    node = root
    path: list[Node] = []  # from the root to the node
    while True:
        edges = node.edges
        if edges & 1:
            x: Node = node.x
            if x.edges < 8:
                if x.edges:
                    path.append(node)
                    node = x
                    continue
                leaves.append(x)
                x.edges = 8
        if edges & 2:
            y: Node = node.y
            if y.edges < 8:
                if y.edges:
                    path.append(node)
                    node = y
                    continue
                leaves.append(y)
                y.edges = 8
        if edges & 4 and (interior := _visit_rest(node, leaves)):
            path.append(node)
            path += interior
            node = path.pop()
            continue
        if edges < 8:
            if edges:
                order.append(node)
                held.append(node._grad)
                node._grad = 0.0
            else:
                leaves.append(node)
            node.edges = edges | 8  # after it is listed: what is listed can be undone
        if not path:
            break
        node = path.pop()
    for node in leaves:
        held.append(node._grad)
        node._grad = 0.0


def _visit_rest(node: Node, leaves: list[Node]) -> list[Node]:
    """Append the leaves from the third operand on to `leaves`; return the others not yet visited, last first."""
    interior: list[Node] = []
    if node._rest is not None:
        operands, partials = node._rest
        for operand, partial in zip(operands, partials):  # noqa: B905
            if partial is not None:
                further: Node = operand
                if not further.edges:
                    leaves.append(further)
                    further.edges = 8
                elif further.edges < 8:
                    interior.append(further)
    interior.reverse()
    return interior

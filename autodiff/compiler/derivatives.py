"""The derivatives of a trace as more instructions: the sweep of `backward`, on slots in place of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..graph import is_node
from .builder import Builder


def derivatives(builder: Builder, root: Any, slots: dict[int, int], targets: Sequence[Any]) -> list[int | None]:
    """Return the slot of the derivative of `root` by each target that it depends on, by the sweep of `backward`.

    Contributions are added in that order; that every adjoint starts at 0.0 only matters for the sign of a zero, which
    whoever takes the derivative sets right by adding 0.0.
    """
    wanted = {id(v) for v in targets if v is not None}
    order = _active_order(root, wanted)
    if order is None:
        return [None] * len(targets)
    adjoint: dict[int, int | float] = {id(root): 1.0}
    reached = {id(v) for v in order} | wanted
    for node in reversed(order):
        if id(node) not in adjoint:
            continue
        seed = adjoint[id(node)]
        operands = [(a, d is not None and id(a) in reached) for a, d in zip(node.args, node.partials, strict=True)]
        given = [slots[id(a)] if is_node(a) else builder.constant(a) for a, _ in operands]
        partials = builder.partials(node.op, given, slots[id(node)], [on for _, on in operands])
        for (operand, on), partial in zip(operands, partials, strict=True):
            if on and partial is not None:
                part = builder.times(partial, seed)
                before = adjoint.get(id(operand))
                adjoint[id(operand)] = part if before is None else builder.plus(before, part)
    found = [None if v is None else adjoint.get(id(v)) for v in targets]
    return [None if d is None else builder.kept(d) for d in found]


def _active_order(root: Any, wanted: set[int]) -> list[Any] | None:
    """Return the nodes between targets and `root` in the post-order along edges; None if no target is reached."""
    order: list[Any] = []
    seen: dict[int, bool] = dict.fromkeys(wanted, True)
    path = [root]
    while path:
        node = path[-1]
        if id(node) in seen:
            path.pop()
            continue
        active = [a for a, d in zip(node.args, node.partials, strict=True) if d is not None]
        waiting = [a for a in active if id(a) not in seen]
        if waiting:
            path.extend(reversed(waiting))
        else:
            seen[id(node)] = any(seen[id(a)] for a in active)
            if seen[id(node)]:
                order.append(node)
            path.pop()
    return order if seen[id(root)] else None

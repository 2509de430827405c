"""The steps of a backward pass: each addition to an adjoint, with its numbers, in the order of `backward`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from autodiff.graph import postorder
from autodiff.node import Node


@dataclass(frozen=True, slots=True)
class Addition:
    """An addition to the adjoint of operand number `index`, from 0: after = before + partial · adjoint of the node."""

    operand: Node
    index: int
    partial: float
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class BackwardStep:
    """A step of the pass: the adjoint of `node`, now complete, is propagated to its operands."""

    node: Node
    adjoint: float
    additions: tuple[Addition, ...]


def backward_steps(root: Node) -> list[BackwardStep]:
    """Return the steps of `root.backward()`, nodes from the last to the first, operands in written order.

    Every adjoint starts at 0.0, that of the root at 1.0. No `grad` is changed.

    >>> from autodiff import Value
    >>> x = Value(3.0)
    >>> for step in backward_steps(x * x):
    ...     for a in step.additions:
    ...         print(f"{a.before} + {a.partial} * {step.adjoint} = {a.after}")
    0.0 + 3.0 * 1.0 = 3.0
    3.0 + 3.0 * 1.0 = 6.0
    """
    adjoint: defaultdict[int, float] = defaultdict(float, {id(root): 1.0})
    return [_step(node, adjoint) for node in reversed(postorder([root])) if node.edges]


def adjoints(root: Node, steps: Sequence[BackwardStep]) -> dict[int, float]:
    """Return the adjoint of each node that the steps back from `root` reach, by the id of the node.

    >>> from autodiff import Value
    >>> x = Value(3.0)
    >>> y = x * x
    >>> adjoints(y, backward_steps(y))[id(x)]
    6.0
    """
    return {id(root): 1.0} | {id(a.operand): a.after for step in steps for a in step.additions}


def _step(node: Node, adjoint: defaultdict[int, float]) -> BackwardStep:
    g, additions = adjoint[id(node)], []
    for index, (operand, partial) in enumerate(zip(node.args, node.partials, strict=True)):
        if partial is not None:
            before = adjoint[id(operand)]
            adjoint[id(operand)] = before + partial * g
            additions.append(Addition(operand, index, partial, before, adjoint[id(operand)]))
    return BackwardStep(node, g, tuple(additions))

"""The steps of a backward pass: each addition to an adjoint, with its numbers, in the order of `backward`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from autodiff.graph import postorder
from autodiff.linearization import contributions, written
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
    adjoint = {id(root): 1.0}
    steps = []
    for _, group in groupby(contributions(postorder([root]), adjoint, written), key=lambda found: id(found[0])):
        node, *_ = first = next(group)
        additions = [Addition(of.args[k], k, d, x, x + product) for of, k, d, product, x in (first, *group)]
        steps.append(BackwardStep(node, adjoint[id(node)], tuple(additions)))
    return steps


def adjoints(root: Node, steps: Sequence[BackwardStep]) -> dict[int, float]:
    """Return the adjoint of each node that the steps back from `root` reach, by the id of the node.

    >>> from autodiff import Value
    >>> x = Value(3.0)
    >>> y = x * x
    >>> adjoints(y, backward_steps(y))[id(x)]
    6.0
    """
    return {id(root): 1.0} | {id(a.operand): a.after for step in steps for a in step.additions}

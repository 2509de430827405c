"""Influence: which numbers of a state depend on which of the state before, and whether that is steady.

In a delay line of 300 numbers the first 300 steps read what was there before the loop, and a trace of 100 steps does
not show the rest. With D the matrix of 0 and 1 in which row i names what number i depends on, Dᵏ is the influence over
k steps. Where it comes again with the period of the extrapolation from k on, so does every question of what reaches
what: which instructions are needed, which have a slope, which two are the same. The first and the last k steps may
then differ from the others, and all between are alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...graph import postorder
from ...node import Node

MOST = 2_000  # numbers of a state up to which its influence is computed
Matrix = NDArray[np.bool_]


def is_steady(before: Sequence[Any], after: Sequence[Any], steps: int, period: int) -> bool:
    """Return whether a step from the numbers `before` to those `after` is alike after half the steps and before half.

    What is no Value is computed in Python, unseen: it has to be what it was, and so stays for ever.
    """
    if len(before) > MOST or [_plain(x) for x in before] != [_plain(x) for x in after]:
        return False
    return all(_recurs(_influence(before, after, everything=every), steps // 2, period) for every in (True, False))


def _plain(x: Any) -> Any:
    return None if isinstance(x, Node) else (type(x), repr(x))


def _influence(before: Sequence[Any], after: Sequence[Any], *, everything: bool) -> Matrix:
    """Return which numbers depend on which of the state before, through edges that have a slope or all."""
    reached: dict[int, int] = {}  # the numbers that a node depends on, as bits
    for i, x in enumerate(before):
        if isinstance(x, Node):
            reached[id(x)] = reached.get(id(x), 0) | 1 << i
    order = postorder([x for x in after if isinstance(x, Node)], everything=everything, stop=frozenset(reached))
    for node in order:
        if id(node) not in reached:
            found = 0
            for operand, partial in zip(node.args, node._partials(), strict=True):
                if isinstance(operand, Node) and (everything or partial is not None):
                    found |= reached.get(id(operand), 0)
            reached[id(node)] = found
    size = len(before)
    bits = [reached[id(x)] if isinstance(x, Node) else 0 for x in after]
    return np.array([[row >> j & 1 for j in range(size)] for row in bits], bool).reshape(size, size)


def _recurs(matrix: Matrix, start: int, period: int) -> bool:
    """Return whether the power `start` of a matrix comes again after a period."""
    power = _power(matrix, start)
    return np.array_equal(power, _product(power, _power(matrix, period)))


def _power(matrix: Matrix, exponent: int) -> Matrix:
    found = np.eye(len(matrix), dtype=bool)
    while exponent:
        if exponent & 1:
            found = _product(found, matrix)
        matrix = _product(matrix, matrix)
        exponent >>= 1
    return found


def _product(a: Matrix, b: Matrix) -> Matrix:
    found: Matrix = a.astype(np.float32) @ b.astype(np.float32) > 0.0
    return found

"""Trees: nested lists, tuples, dicts and NumPy arrays of numbers, flattened into leaves and rebuilt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from numbers import Real
from typing import Any

from .arithmetic import is_array, is_array_scalar
from .node import Node


def is_number(x: Any) -> bool:
    """Tell whether x is a leaf that can be differentiated: a Value or a real number, but no bool."""
    if isinstance(x, Node):
        return True
    if is_array_scalar(x):
        return x.dtype.kind in "iuf"
    return isinstance(x, Real) and not isinstance(x, bool)


def leaves(tree: Any) -> list[Any]:
    """Return the numbers and Values of `tree` from left to right; dicts in their own order.

    bool, str, bytes and None are passed over. Raises TypeError for what is neither.
    """
    return list(_walk(tree))


def _walk(tree: Any) -> Iterator[Any]:
    if is_number(tree):
        yield tree
    elif is_array(tree) and tree.dtype.kind in "biufO":
        yield from (x for element in tree.ravel().tolist() for x in _walk(element))
    elif isinstance(tree, list | tuple | dict):
        for branch in tree.values() if isinstance(tree, dict) else tree:
            yield from _walk(branch)
    elif not (tree is None or isinstance(tree, bool | str | bytes) or (is_array_scalar(tree) and tree.dtype == bool)):
        raise TypeError(
            f"cannot differentiate {type(tree).__name__} {tree!r:.60}: arguments and results are numbers, Values, "
            "NumPy arrays, or lists, tuples and dicts of them. Leave it out of `argnums` or close over it"
        )


def rebuild(
    tree: Any,
    items: Sequence[Any],
    *,
    number: Callable[[Any], Any],
    array: Callable[[Any, list[Any]], Any],
    other: Any = ...,
) -> Any:
    """Return `tree` with `number(item)` for each leaf, and `array(x, items)` for an array x, its items in order.

    What is no number (bool, str, bytes, None) stays, unless `other` is to stand in its place.
    """
    remaining = iter(items)

    def put(branch: Any) -> Any:
        if is_number(branch):
            return number(next(remaining))
        if is_array(branch) and branch.dtype != bool:
            return array(branch, [next(remaining) if is_number(x) else x for x in branch.ravel().tolist()])
        if isinstance(branch, dict):
            made = copy(branch)  # a subclass keeps what else it holds
            for key, b in branch.items():
                made[key] = put(b)
            return made
        if isinstance(branch, list | tuple):
            parts = [put(b) for b in branch]
            return type(branch)(*parts) if hasattr(branch, "_fields") else type(branch)(parts)
        return branch if other is ... else other

    return put(tree)


def aligned(tree: Any, pattern: Any) -> Any:
    """Return `tree`, which has the structure of `pattern`, with its dicts in the order of pattern's."""
    if isinstance(pattern, dict):
        return {key: aligned(tree[key], pattern[key]) for key in pattern}
    if isinstance(pattern, list | tuple):
        return [aligned(branch, p) for branch, p in zip(tree, pattern, strict=True)]
    return tree


def structure(tree: Any) -> Any:
    """Return the structure of a tree: its containers, keys and shapes, with `*` for a number."""
    marks = ["*"] * len(leaves(tree))
    return rebuild(tree, marks, number=lambda mark: mark, array=lambda x, _: f"array{x.shape}")


def value_array(x: Any, elements: list[Any]) -> Any:
    """Return a ValueArray of the shape of x."""
    from .value_array import ValueArray

    return ValueArray(elements).reshape(x.shape)


def array(shape: tuple[int, ...], elements: list[Any]) -> Any:
    """Return an array of floats, or a ValueArray if there is a Value among the elements."""
    import numpy as np

    if any(isinstance(x, Node) for x in elements):
        from .value_array import ValueArray

        return ValueArray(elements).reshape(shape)
    return np.array(elements, dtype=np.float64).reshape(shape)

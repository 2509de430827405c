"""Trees: nested lists, tuples, dicts and NumPy arrays of numbers, flattened into leaves and rebuilt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from numbers import Real
from typing import Any

from .arithmetic import is_array, is_array_scalar
from .branches import closed, is_container, opened
from .node import Node


def is_number(x: Any) -> bool:
    """Return whether x is a leaf that can be differentiated: a Value or a real number, but no bool."""
    if type(x) is float or isinstance(x, Node):
        return True
    if is_array_scalar(x):
        return x.dtype.kind in "iuf"
    return isinstance(x, Real) and not isinstance(x, bool)


def is_boxed(x: Any) -> bool:
    """Return whether x is an array of no dimension that holds an object: it stands for that, as `np.where` gives it."""
    return is_array_scalar(x) and x.dtype == object


def unboxed(x: Any) -> Any:
    """Return what an array of no dimension holds if that is an object, else x."""
    return x.item() if is_boxed(x) else x


def leaves(tree: Any) -> list[Any]:
    """Return the numbers and Values of `tree` from left to right; dicts in their own order.

    bool, str, bytes and None are passed over. Raises TypeError for what is neither.
    """
    return list(_walk(tree))


def _walk(tree: Any) -> Iterator[Any]:
    if is_number(tree):
        yield tree
    elif is_container(tree):
        for branch in opened(tree).branches:
            yield from _walk(branch)
    elif is_array(tree):
        yield from filter(is_number, elements(tree))
    elif is_boxed(tree):
        yield from _walk(tree.item())
    elif not (tree is None or isinstance(tree, bool | str | bytes) or (is_array_scalar(tree) and tree.dtype == bool)):
        raise TypeError(
            f"cannot differentiate {type(tree).__name__} {tree!r:.60}: arguments and results are numbers, Values, "
            "NumPy arrays, or lists, tuples and dicts of them. Leave it out of `argnums`, close over it, or let "
            "`autodiff.register_container` say what it holds"
        )


def elements(x: Any) -> list[Any]:
    """Return the elements of an array, one after the other. Raises TypeError for an array that means more than these.

    Masks, indices and units would be lost, and a matrix multiplies in another way.
    """
    check_array(x)
    found: list[Any] = x.ravel().tolist()
    if x.dtype == object and any(is_container(e) or is_array(e) for e in found):
        raise TypeError("an array holds lists, dicts or arrays. Pass a list of them, x.tolist()")
    return found


def check_array(x: Any) -> None:
    """Raise TypeError for what is no plain array of real numbers, bools or Values."""
    import numpy as np

    if type(x) is not np.ndarray and not isinstance(x, np.memmap):
        from .value_array import ValueArray

        if not isinstance(x, ValueArray):
            raise TypeError(
                f"cannot differentiate a {type(x).__module__}.{type(x).__name__}: it is more than its numbers, and its "
                "mask, index, unit or own product would be lost. Pass a plain array, np.asarray(x)"
            )
    if x.dtype.kind not in "biufO":
        raise TypeError(
            f"cannot differentiate an array of dtype {x.dtype}: give real numbers, such as its .real, .imag"
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
        if is_container(branch):
            parts = opened(branch)
            return closed(branch, parts, [put(b) for b in parts.branches])
        if is_array(branch) and branch.dtype != bool:
            return array(branch, [next(remaining) if is_number(x) else x for x in branch.ravel().tolist()])
        if is_boxed(branch):
            return put(branch.item())
        return branch if other is ... else other

    return put(tree)


def aligned(tree: Any, pattern: Any) -> Any:
    """Return `tree`, which has the structure of `pattern`, as lists, with its dicts in the order of pattern's."""
    if not is_container(pattern):
        return tree
    like, parts = opened(pattern), opened(tree)
    if isinstance(pattern, dict):
        found = dict(zip(parts.keys, parts.branches, strict=True))
        parts = parts._replace(branches=[found[key] for key in like.keys])
    return [aligned(branch, p) for branch, p in zip(parts.branches, like.branches, strict=True)]


def structure(tree: Any) -> Any:
    """Return the structure of a tree: its containers, keys and shapes, with `*` for a number."""
    if is_number(tree):
        return "*"
    if is_container(tree):
        parts = opened(tree)
        inner = list(map(structure, parts.branches))
        if isinstance(tree, dict):
            return dict(zip(parts.keys, inner, strict=True))
        return inner if isinstance(tree, list) else tuple(inner) if isinstance(tree, tuple) else {type(tree): inner}
    if is_boxed(tree):
        return structure(tree.item())
    leaves(tree)
    return f"array{tree.shape}" if is_array(tree) and tree.dtype != bool else tree


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


def shown(tree: Any) -> str:
    """Return what a tree is, in words, for messages."""
    if is_number(tree):
        return "one number"
    try:
        return f"{type(tree).__name__} {structure(tree)}"
    except TypeError:
        return f"{type(tree).__name__} {tree!r:.60}"

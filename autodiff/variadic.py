"""Functions of sequences: the rows of any number of arguments, and softmax, log_softmax and norm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

from .apply import call, graphic_partials
from .apply import dot as products
from .arithmetic import is_array, number
from .build import compiled
from .contexts import program_trace
from .node import Node
from .row import PRIMITIVES, functions
from .sums import shares
from .value import Value, add, eq, maximum, neg, sub, where

Number = Value | float
# as logsumexp has them, without the nodes that slopes of their own take
_SHARES = replace(PRIMITIVES["logsumexp"], partials=(lambda m, xs, z: shares(m, xs),))


def sum(xs: Sequence[Number]) -> Any:
    """Return z = Σ xᵢ, summed from left to right, as one node; 0.0 if there are none.

    ∂z/∂xᵢ = 1

    >>> from autodiff import Value, sum
    >>> sum([Value(1.0), 2.0, 3.0])
    Value(data=6.0, grad=0.0)
    """
    return call("sum", *_sequence("sum", xs))


def dot(xs: Sequence[Number], ys: Sequence[Number]) -> Any:
    """Return z = Σ xᵢ yᵢ, summed from left to right, as one node. Raises ValueError unless both are of one length.

    ∂z/∂xᵢ = yᵢ
    ∂z/∂yᵢ = xᵢ

    >>> from autodiff import Value, dot
    >>> w = [Value(2.0), Value(-1.0)]
    >>> dot(w, [3.0, 5.0])
    Value(data=1.0, grad=0.0)
    """
    xs, ys = _sequence("dot", xs), _sequence("dot", ys)
    if len(xs) != len(ys):
        raise ValueError(f"`dot` takes two sequences of one length, got {len(xs)} and {len(ys)} elements")
    return products(list(xs), list(ys)) if compiled else call("dot", *xs, *ys)


def logsumexp(xs: Sequence[Number]) -> Any:
    """Return z = ln Σ e^xᵢ, shifted so that nothing overflows; -inf if all xᵢ are. Raises ValueError without any.

    ∂z/∂xᵢ = e^(xᵢ - z), which is softmax

    >>> from autodiff import logsumexp
    >>> logsumexp([1000.0, 1000.0])
    1000.6931471805599
    """
    return call("logsumexp", *_some("logsumexp", xs))


def take(xs: Sequence[Number], k: Number) -> Any:
    """Return z = xₖ; k counts from 0 and may be a Value that holds an integer.

    ∂z/∂xᵢ = 1 if i = k else 0

    Unlike `xs[k]` it keeps the index as data. Raises IndexError for a k that is none of 0 … len(xs) - 1.

    >>> from autodiff import Value, take
    >>> take([Value(5.0), Value(7.0)], 1)
    Value(data=7.0, grad=0.0)
    """
    return call("take", *_indexed("take", xs, k))


def surprisal(xs: Sequence[Number], k: Number) -> Any:
    """Return z = ln Σ e^xᵢ - xₖ, minus the logarithm of the share of xₖ; k counts from 0 and may be a Value.

    ∂z/∂xᵢ = e^(xᵢ - xₖ - z) - (1 if i = k else 0), of which the first is softmax

    Unlike that difference it keeps its digits where the share is close to 1. Raises IndexError for a k that is none of
    0 … len(xs) - 1.

    >>> from autodiff import surprisal
    >>> surprisal([40.0, 0.0], 0)
    4.248354255291589e-18
    """
    return call("surprisal", *_indexed("surprisal", xs, k))


def softmax(xs: Sequence[Number]) -> list[Any]:
    """Return zᵢ = e^xᵢ/Σ e^xⱼ for each i: the gradient of logsumexp. Raises ValueError without any xᵢ.

    ∂zᵢ/∂xⱼ = zᵢ(1 - zᵢ) if i = j else -zᵢ zⱼ

    >>> from autodiff import softmax
    >>> softmax([0.0, 0.0])
    [0.5, 0.5]
    """
    numbers = [x if isinstance(x, Node) else number(x, "softmax") for x in _some("softmax", xs)]
    return graphic_partials(_SHARES, numbers, None, None)


def log_softmax(xs: Sequence[Number]) -> list[Any]:
    """Return zᵢ = xᵢ - ln Σ e^xⱼ for each i: the logarithm of softmax. Raises ValueError without any xᵢ.

    ∂zᵢ/∂xⱼ = 1 - e^zᵢ if i = j else -e^zⱼ

    >>> from autodiff import log_softmax
    >>> log_softmax([0.0, 1000.0])
    [-1000.0, 0.0]
    """
    numbers: list[Any] = [x if isinstance(x, Node) else number(x, "log_softmax") for x in _some("log_softmax", xs)]
    k = _largest(numbers)
    rest = neg(surprisal(numbers, k))  # the first operand: its slopes are added last, after 1 - 1
    top = take(numbers, k)
    return [add(rest, sub(x, top)) for x in numbers]


def _largest(numbers: Sequence[Any]) -> Any:
    """Return the index of the first of the largest numbers, in a program as data."""
    if program_trace() is None:
        data = [x._data if isinstance(x, Node) else x for x in numbers]
        return float(data.index(max(data)))
    top = reduce(maximum, numbers)
    return reduce(lambda k, i: where(eq(numbers[i], top), float(i), k), range(len(numbers) - 1, -1, -1), 0.0)


def norm(xs: Sequence[Number]) -> Any:
    """Return z = √(Σ xᵢ²) without overflow, as one node. Raises ValueError without any xᵢ.

    ∂z/∂xᵢ = xᵢ/z, 0 at the origin

    >>> from autodiff import norm
    >>> norm([3e300, 4e300])
    5e+300
    """
    return call("norm", *_some("norm", xs))


def _sequence(caller: str, xs: Any) -> Sequence[Any]:
    if isinstance(xs, (list, tuple)):
        return xs
    if isinstance(xs, (str, bytes, Node)) or not hasattr(xs, "__iter__"):
        raise TypeError(f"`{caller}` takes a sequence of Values or numbers, got {type(xs).__name__} {xs!r}")
    if is_array(xs) and xs.ndim > 1:
        raise TypeError(f"`{caller}` takes a sequence, got an array of shape {xs.shape}. Flatten it with `.ravel()`")
    return list(xs)


def _some(caller: str, xs: Any) -> Sequence[Any]:
    elements = _sequence(caller, xs)
    if not elements:
        raise ValueError(f"`{caller}` takes at least one element, got none")
    return elements


def _indexed(caller: str, xs: Any, k: Any) -> Sequence[Any]:
    """Return the elements and the index of one of them, as operands of a row."""
    xs = _some(caller, xs)
    index = k._data if isinstance(k, Node) else number(k, caller)
    if index not in range(len(xs)) and program_trace() is None:  # in a program it is data: nan for a bad row
        raise IndexError(f"`{caller}` counts from 0 to {len(xs) - 1} here, got the index {index:g}")
    return [*xs, k if isinstance(k, Node) else index]


functions.update(sum=sum, dot=dot, norm=norm, logsumexp=logsumexp, surprisal=surprisal, take=take)

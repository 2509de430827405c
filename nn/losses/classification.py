"""Losses of classification: cross-entropies and hinge losses of one example's outputs and its class, as Values."""

from __future__ import annotations

from typing import Any

import numpy as np

import autodiff
from autodiff import Value

from ..checks.vector import vector
from .regression import paired


def cross_entropy(outputs: Any, target: Any) -> Value:
    """Return −log of the probability that softmax(outputs) gives the class: logsumexp(outputs) − outputs[target].

    `outputs` are logits, at least two; `target` is the index of the class, from 0, or a list with a probability for
    each class. Raises ValueError for an index that no output has, and for another number of probabilities.

    >>> round(cross_entropy([Value(0.0), Value(0.0)], 1).data, 6)
    0.693147
    """
    outputs = _several(outputs, "cross_entropy")
    if isinstance(target, (list, tuple, np.ndarray)):
        weights = [p for _, p in paired(outputs, target, "cross_entropy")]
        return -autodiff.dot(weights, autodiff.log_softmax(outputs))  # type: ignore[no-any-return]
    return autodiff.surprisal(outputs, _index(outputs, target, "cross_entropy"))  # type: ignore[no-any-return]


def binary_cross_entropy(outputs: Any, target: Any) -> Value:
    """Return the mean over the outputs a of y·softplus(−a) + (1 − y)·softplus(a): −log of the probability of the class.

    The outputs are logits, sigmoid(a) is the probability of the class 1; the targets y are 0 or 1, or probabilities.
    Lists of one length, or bare numbers or Values. Raises ValueError for other lengths and for a target outside [0, 1].

    >>> round(binary_cross_entropy(Value(0.0), 1).data, 6)
    0.693147
    """
    pairs = paired(outputs, target, "binary_cross_entropy")
    for _, y in pairs:
        if not isinstance(y, Value) and not 0 <= y <= 1:
            raise ValueError(f"`binary_cross_entropy` takes targets from 0 to 1, got {y!r}. From -1 and 1, (y + 1) / 2")
    terms = [y * autodiff.softplus(-a) + (1.0 - y) * autodiff.softplus(a) for a, y in pairs]
    return autodiff.sum(terms) / len(pairs)  # type: ignore[no-any-return]


def hinge(outputs: Any, target: Any) -> Value:
    """Return the mean over the outputs a of max(0, 1 − ya), for targets y of −1 or +1.

    `outputs` and `target` are lists of one length, or bare numbers or Values. Raises ValueError for other lengths and
    for a target that is a number other than ±1.

    >>> hinge(Value(0.25), -1).data
    1.25
    """
    pairs = paired(outputs, target, "hinge")
    for _, y in pairs:
        if not isinstance(y, Value) and y not in (-1, 1):
            raise ValueError(f"`hinge` takes targets of -1 or +1, got {y!r}. From 0 and 1, take 2 * y - 1")
    return autodiff.sum([autodiff.relu(1.0 - y * a) for a, y in pairs]) / len(pairs)  # type: ignore[no-any-return]


def multiclass_hinge(outputs: Any, target: Any) -> Value:
    """Return 1/k Σ max(0, 1 − a_y + a_i) over the k − 1 outputs i other than y, the index of the class, from 0.

    Source: J. Weston and C. Watkins, "Support vector machines for multi-class pattern recognition" (1999); the division
    by k is PyTorch's. Raises ValueError for fewer than two outputs and for an index that no output has.

    >>> multiclass_hinge([Value(2.0), Value(1.5), Value(0.0)], 0).data == 0.5 / 3
    True
    """
    outputs = _several(outputs, "multiclass_hinge")
    own = _chosen(outputs, target, "multiclass_hinge")
    if not isinstance(target, Value):
        own = 1.0 * own  # a node of its own, as `take` is: its k slopes are added there first, compiled or not
    margins = [autodiff.relu(1.0 + (a - own)) for a in outputs]
    return (autodiff.sum(margins) - 1.0) / len(outputs)  # type: ignore[no-any-return]  # that of y itself is 1


def _several(outputs: Any, loss: str) -> list[Any]:
    outputs = vector(outputs, loss)
    if len(outputs) < 2:
        raise ValueError(f"`{loss}` takes at least two outputs, one for each class, got {len(outputs)}")
    return outputs  # type: ignore[no-any-return]


def _chosen(outputs: list[Any], target: Any, loss: str) -> Any:
    """Return the output of the class `target`."""
    index = _index(outputs, target, loss)
    return autodiff.take(outputs, index) if isinstance(index, Value) else outputs[index]


def _index(outputs: list[Any], target: Any, loss: str) -> Any:
    """Return the index of the class `target`: a number or, in a compiled function, a Value."""
    if isinstance(target, Value):
        return target
    if not isinstance(target, (int, float, np.integer, np.floating)) or not float(target).is_integer():
        raise TypeError(f"`{loss}` takes the index of a class, got {type(target).__name__} {target!r:.60}")
    index = int(target)
    if not 0 <= index < len(outputs):
        raise ValueError(f"`{loss}` takes a class from 0 to {len(outputs) - 1}, got {index}")
    return index

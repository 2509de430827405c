"""Losses: how far the outputs of a net for one example are from its target, as a Value."""

from __future__ import annotations

from typing import Any

import autodiff
from autodiff import Value

from .vector import vector


def mse(outputs: Any, target: Any) -> Value:
    """Return the mean over the outputs a of (a − y)².

    `outputs` and `target` are lists of one length, or bare numbers or Values. Raises ValueError for other lengths.

    >>> mse([Value(1.0), Value(2.0)], [0.0, 4.0]).data
    2.5
    """
    pairs = _pairs(outputs, target, "mse")
    return autodiff.sum([(a - y) ** 2 for a, y in pairs]) / len(pairs)  # type: ignore[no-any-return]


def half_mse(outputs: Any, target: Any) -> Value:
    """Return ½ Σ (a − y)² over the outputs a: with the mean over examples taken, the E of `nn.backprop`.

    `outputs` and `target` are lists of one length, or bare numbers or Values. Raises ValueError for other lengths.

    >>> half_mse([Value(1.0), Value(2.0)], [0.0, 4.0]).data
    2.5
    """
    pairs = _pairs(outputs, target, "half_mse")
    return 0.5 * autodiff.sum([(a - y) ** 2 for a, y in pairs])  # type: ignore[no-any-return]


def hinge(outputs: Any, target: Any) -> Value:
    """Return the mean over the outputs a of max(0, 1 − ya), for targets y of −1 or +1.

    `outputs` and `target` are lists of one length, or bare numbers or Values. Raises ValueError for other lengths and
    for a target that is a number other than ±1.

    >>> hinge(Value(0.25), -1).data
    1.25
    """
    pairs = _pairs(outputs, target, "hinge")
    for _, y in pairs:
        if not isinstance(y, Value) and y not in (-1, 1):
            raise ValueError(f"`hinge` takes targets of -1 or +1, got {y!r}. From 0 and 1, take 2 * y - 1")
    return autodiff.sum([autodiff.relu(1.0 - y * a) for a, y in pairs]) / len(pairs)  # type: ignore[no-any-return]


def _pairs(outputs: Any, target: Any, loss: str) -> list[tuple[Any, Any]]:
    outputs, target = vector(outputs, loss), vector(target, loss)
    if len(outputs) != len(target) or not outputs:
        counts = f"{len(outputs)} outputs and {len(target)} targets"
        raise ValueError(f"`{loss}` takes as many targets as outputs, and at least one; got {counts}")
    return list(zip(outputs, target, strict=True))

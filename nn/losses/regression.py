"""Losses of regression: squared, absolute and Huber errors of one example's outputs and targets, as Values."""

from __future__ import annotations

from typing import Any

import autodiff
from autodiff import Value

from ..checks.numbers import positive
from ..checks.vector import vector


def mse(outputs: Any, target: Any) -> Value:
    """Return the mean over the outputs a of (a − y)².

    `outputs` and `target` are lists of one length, or bare numbers or Values. Raises ValueError for other lengths.

    >>> mse([Value(1.0), Value(2.0)], [0.0, 4.0]).data
    2.5
    """
    pairs = paired(outputs, target, "mse")
    return autodiff.sum([(a - y) ** 2 for a, y in pairs]) / len(pairs)  # type: ignore[no-any-return]


def half_mse(outputs: Any, target: Any) -> Value:
    """Return ½ Σ (a − y)² over the outputs a: with the mean over examples taken, the E of `nn.backprop`.

    `outputs` and `target` are lists of one length, or bare numbers or Values. Raises ValueError for other lengths.

    >>> half_mse([Value(1.0), Value(2.0)], [0.0, 4.0]).data
    2.5
    """
    pairs = paired(outputs, target, "half_mse")
    return 0.5 * autodiff.sum([(a - y) ** 2 for a, y in pairs])  # type: ignore[no-any-return]


def mae(outputs: Any, target: Any) -> Value:
    """Return the mean over the outputs a of |a − y|, whose slope at 0 is 0.

    `outputs` and `target` are lists of one length, or bare numbers or Values. Raises ValueError for other lengths.

    >>> mae([Value(1.0), Value(2.0)], [0.0, 4.0]).data
    1.5
    """
    pairs = paired(outputs, target, "mae")
    return autodiff.sum([abs(a - y) for a, y in pairs]) / len(pairs)  # type: ignore[no-any-return]


def huber(outputs: Any, target: Any, *, delta: float = 1.0) -> Value:
    """Return the mean over the outputs a of ½d² where d = a − y is within ±delta, and of delta(|d| − ½delta) beyond.

    `outputs` and `target` are lists of one length, or bare numbers or Values. Source: P. J. Huber, "Robust estimation
    of a location parameter" (1964). Raises ValueError for other lengths and for a `delta` that is not positive.

    >>> huber([Value(0.5), Value(4.0)], [0.0, 2.0]).data
    0.8125
    """
    delta = positive(delta, "delta")
    pairs = paired(outputs, target, "huber")
    return autodiff.sum([_huber(a - y, delta) for a, y in pairs]) / len(pairs)  # type: ignore[no-any-return]


def _huber(d: Any, delta: float) -> Any:
    near = autodiff.clamp(d, -delta, delta)
    return near * (d - 0.5 * near)  # ½d² inside, δ|d| − ½δ² outside, without a branch


def paired(outputs: Any, target: Any, loss: str) -> list[tuple[Any, Any]]:
    """Return the outputs, each with its target. Raises ValueError, naming the loss, if they differ in number.

    >>> paired([1.0, 2.0], [0.0, 4.0], "mse")
    [(1.0, 0.0), (2.0, 4.0)]
    """
    outputs, target = vector(outputs, loss), vector(target, loss)
    if len(outputs) != len(target) or not outputs:
        counts = f"{len(outputs)} outputs and {len(target)} targets"
        raise ValueError(f"`{loss}` takes as many targets as outputs, and at least one; got {counts}")
    return list(zip(outputs, target, strict=True))

"""Objective: the loss and the accuracy of one row, as a function to be compiled or run on Values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

from ...losses.registry import Loss
from ...modules.dropout import given


def objective(
    model: Callable[[Any], Any], loss: Loss, right: Loss | None, *, weighted: bool = False, dropouts: Sequence[Any] = ()
) -> Callable[..., Any]:
    """Return f(x, y, …) = loss(model(x), y), or with `right` the pair of it and right(model(x), y), which is 1 or 0.

    Arguments after x and y are the weight of the row, if `weighted`, and a mask for each of the `dropouts`.

    >>> from nn import mse
    >>> objective(lambda x: x[0], mse, None, weighted=True)([3.0], 1.0, 0.5)
    2.0
    """

    def row(x: Any, y: Any, *rest: Any) -> Any:
        with given(dropouts, rest[weighted:]) if dropouts else nullcontext():
            outputs = model(list(x))
        cost = loss(outputs, y)
        if weighted:
            cost = rest[0] * cost
        return cost if right is None else (cost, right(outputs, y))

    return row

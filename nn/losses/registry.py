"""The table of losses: for each its function, the coding of labels in its targets, and its link function.

The targets and checks of `nn.fit`, the command `train` and the tests read the row of a loss.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from autodiff import Value

from .classification import binary_cross_entropy, cross_entropy, hinge, multiclass_hinge
from .regression import half_mse, huber, mae, mse

Loss = Callable[[Any, Any], Any]


class Coding(NamedTuple):
    """The numbers that stand for labels: `pair` for the two classes of one output, None for the indexes of classes.

    Indexes need an output for each class. If `soft`, targets may also be probabilities.
    """

    pair: tuple[float, float] | None
    soft: bool


class Link(NamedTuple):
    """A function that a loss applies to logits, and a test whether outputs are results of it already."""

    name: str
    gave: Callable[[Sequence[Value]], bool]


@dataclass(frozen=True)
class LossRecord:
    """A row: `labels` is None for a loss of numbers, `link` is None for a loss that takes the outputs as they are."""

    function: Loss
    labels: Coding | None = None
    link: Link | None = None


def _is_softmax(outputs: Sequence[Value]) -> bool:
    """Return whether outputs are quotients by one number that sum to 1."""
    totals = {id(a.args[1]) if a.op == "div" else None for a in outputs}
    return len(outputs) > 1 and len(totals) == 1 and None not in totals and abs(sum(a.data for a in outputs) - 1) < 1e-9


INDEX, BIT, SIGN = Coding(None, True), Coding((0.0, 1.0), True), Coding((-1.0, 1.0), False)
SOFTMAX = Link("softmax", _is_softmax)
SIGMOID = Link("sigmoid", lambda outputs: any(a.op == "sigmoid" for a in outputs))

LOSSES = {
    row.function.__name__: row
    for row in (
        #          function, labels, link
        LossRecord(mse),
        LossRecord(half_mse),
        LossRecord(mae),
        LossRecord(huber),
        LossRecord(cross_entropy, INDEX, SOFTMAX),
        LossRecord(binary_cross_entropy, BIT, SIGMOID),
        LossRecord(hinge, SIGN),
        LossRecord(multiclass_hinge, INDEX),
    )
}


def record(loss: Loss) -> LossRecord | None:
    """Return the row of a loss, None for a function of the user's.

    >>> record(hinge).labels
    Coding(pair=(-1.0, 1.0), soft=False)
    """
    return next((row for row in LOSSES.values() if row.function is loss), None)


def loss_named(loss: str | Loss) -> Loss:
    """Return the loss that `loss` names; a function is returned as it is.

    Raises ValueError for an unknown name, TypeError for anything but a name or a function.

    >>> loss_named("mse").__name__
    'mse'
    """
    if isinstance(loss, str):
        if loss not in LOSSES:
            raise ValueError(f"`loss` is one of {', '.join(LOSSES)}, or a function of outputs and target, got {loss!r}")
        return LOSSES[loss].function
    if not callable(loss):
        raise TypeError(f"`loss` is a name or a function of outputs and target, got {type(loss).__name__} {loss!r:.60}")
    return loss

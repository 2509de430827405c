"""History: loss and accuracy of a training, epoch by epoch, and why it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

CURVES = ("loss", "accuracy", "validation_loss", "validation_accuracy")


@dataclass
class History:
    """The curves of a training, one number an epoch, and the reason why it stopped.

    `loss` is the mean objective over the rows of an epoch, penalties included, and `accuracy` the share of rows that
    are classified correctly, both measured batch by batch before the step. The curves of validation are measured after
    the epoch. A curve without numbers, such as the accuracy of a regression, is empty. `classes` are the labels in the
    order of the outputs, None for numbers; `engine` is the name of the engine.

    >>> History(loss=[0.5, 0.25], stopped="all epochs done")
    History(2 epochs, loss 0.5 → 0.25; all epochs done)
    """

    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)
    stopped: str = ""
    classes: tuple[Any, ...] | None = None
    engine: str = ""

    @property
    def epochs(self) -> int:
        """The number of epochs.

        >>> History(loss=[0.5, 0.25]).epochs
        2
        """
        return len(self.loss)

    def even(self) -> None:
        """Cut the curves to the length of the shortest, which drops an interrupted epoch.

        >>> history = History(loss=[0.5, 0.25], accuracy=[1.0])
        >>> history.even()
        >>> history.loss
        [0.5]
        """
        curves = [curve for curve in (getattr(self, name) for name in CURVES) if curve]
        for curve in curves:
            del curve[min(map(len, curves)) :]

    def __repr__(self) -> str:
        curves = [(name.replace("_", " "), getattr(self, name)) for name in CURVES]
        shown = "".join(f", {name} {xs[0]:.4g} → {xs[-1]:.4g}" for name, xs in curves if xs)
        end = f"; {self.stopped}" if self.stopped else ""
        return f"History({self.epochs} epoch{'s' * (self.epochs != 1)}{shown}{end})"

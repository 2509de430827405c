"""Stopping: the criteria of convergence and of patience, and the best parameters so far."""

from __future__ import annotations

import math
from typing import Any

from autodiff.arrays import Floats

from .history import History


class Stopping:
    """Criteria for ending a training before its last epoch.

    `tolerance` without `patience`: the norm of the gradient of an epoch is below it. `patience`: for this number of
    epochs the loss, that of validation if there is one, did not fall below its best by more than `tolerance`, or 0.
    `keep_best` keeps the parameters of the lowest loss, whatever the tolerance.

    >>> import numpy as np
    >>> rule = Stopping(patience=2)
    >>> [rule.verdict(History(loss=[x]), 1.0, np.empty(0)) for x in (0.5, 0.6, 0.5)]
    ['', '', 'no better loss in 2 epochs']
    """

    def __init__(self, *, tolerance: float | None = None, patience: int | None = None, keep_best: bool = False) -> None:
        self.tolerance, self.patience, self.keep_best = tolerance, patience, keep_best
        self.best, self.waited = math.inf, 0  # by `tolerance`, and epochs since
        self.lowest = math.inf  # the lowest loss at all, that of `parameters`
        self.parameters: Floats | None = None

    @property
    def by_gradient(self) -> bool:
        """Whether the criterion is the norm of the gradient.

        >>> Stopping(tolerance=1e-3).by_gradient
        True
        """
        return self.tolerance is not None and self.patience is None

    def verdict(self, history: History, norm: float, theta: Floats) -> str:
        """Return the reason to end after this epoch, or ""; `theta` are the parameters at which its loss was measured.

        >>> import numpy as np
        >>> Stopping(tolerance=1e-3).verdict(History(loss=[0.5]), 1e-4, np.empty(0))
        'converged: the norm of the gradient is 0.0001'
        """
        curve, name = (
            (history.validation_loss, "validation loss") if history.validation_loss else (history.loss, "loss")
        )
        if self.keep_best and curve[-1] < self.lowest:
            self.lowest, self.parameters = curve[-1], theta.copy()
        if self.by_gradient and norm < (self.tolerance or 0.0):
            return f"converged: the norm of the gradient is {norm:.3g}"
        if self.patience is None:
            return ""
        if curve[-1] < self.best - (self.tolerance or 0.0):
            self.best, self.waited = curve[-1], 0
        else:
            self.waited += 1
        if self.waited >= self.patience:
            return f"no better {name} in {self.patience} epochs"
        return ""

    def state(self) -> tuple[dict[str, Floats], dict[str, Any]]:
        """Return its memory, as arrays by name and as plain data.

        >>> Stopping().state()
        ({}, {'best': inf, 'waited': 0, 'lowest': inf})
        """
        arrays = {} if self.parameters is None else {"best": self.parameters.copy()}
        return arrays, {"best": self.best, "waited": self.waited, "lowest": self.lowest}

    def load_state(self, arrays: dict[str, Floats], numbers: dict[str, Any]) -> None:
        """Set the memory to a `state`.

        >>> import numpy as np
        >>> rule = Stopping(patience=2)
        >>> rule.load_state({}, {"best": 0.5, "waited": 1, "lowest": 0.5})
        >>> rule.verdict(History(loss=[0.7]), 1.0, np.empty(0))
        'no better loss in 2 epochs'
        """
        self.best, self.waited = float(numbers["best"]), int(numbers["waited"])
        self.lowest = float(numbers["lowest"])
        self.parameters = arrays["best"].copy() if "best" in arrays else None

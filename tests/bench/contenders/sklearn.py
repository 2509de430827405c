"""scikit-learn: its MLPClassifier, which has derivatives of its own and gives none away; it trains, and no more."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from ..harness import Run

if TYPE_CHECKING:
    from ..training import Work


class Given(MLPClassifier):
    """A classifier that begins with weights that it is given: pairs of matrices (outputs, inputs) and biases."""

    def __init__(self, start: Any = (), **options: Any) -> None:
        super().__init__(**options)
        self.start = start

    def _init_coef(self, fan_in: int, fan_out: int, dtype: Any) -> tuple[Any, Any]:
        return next((np.array(W.T, dtype), np.array(b, dtype)) for W, b in self.start if W.shape == (fan_out, fan_in))


def training(work: Work) -> dict[str, Run]:
    if work.net.loss == "margin":
        return {}
    X, Y = np.array(work.net.X), np.array(work.net.Y).astype(int)

    def run() -> list[tuple[Any, Any]]:
        model = Given(
            work.net.matrices(),
            hidden_layer_sizes=work.net.sizes[1:-1],
            activation=work.net.activation,
            solver="sgd",
            alpha=0.0,
            batch_size=work.batch,
            learning_rate_init=work.lr,
            momentum=0.0,
            nesterovs_momentum=False,
            max_iter=work.epochs,
            n_iter_no_change=work.epochs + 1,
            tol=0.0,
            shuffle=False,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # the epochs are what is asked for
            model.fit(X, Y)
        return [(W.T, b) for W, b in zip(model.coefs_, model.intercepts_, strict=True)]

    return {"sklearn": run}

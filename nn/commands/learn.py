"""learn: train a net to predict one column of a table from the others, and score it on held-out rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff.arrays import Floats
from autodiff.memory import available

from ..datasets import train_test_split
from ..losses.penalties import L2
from ..losses.registry import INDEX, LOSSES
from ..metrics import accuracy, r2
from ..modules.mlp import MLP
from ..modules.prediction import outputs, predicted
from ..modules.standardization import Standardization, Standardized
from ..optimizers.adam import Adam
from ..saving.safetensors import LARGEST_FILE
from ..tables.csv import Table, TableError
from ..tables.tabular import Tabular, Target, learnable
from ..training.fit import fit
from ..training.history import History

HIDDEN = (30,)
BATCH = 10
DECAY = 1e-3  # strength of the L2 penalty
VALUE = 300  # bytes, of a parameter in a net that is trained: the Value, and its places in arrays of the engine
STEPS, EPOCHS = 5000, 30  # the least of each, unless `epochs` is given


@dataclass(frozen=True)
class Learned:
    """A model trained on a table, the `net` in it, the history of the training, its data and its scores.

    `X` and `y` are the inputs and targets of the training rows, classes as their indexes; `X_held` and `y_held` those
    of the validation rows. `score` is the accuracy or R² on the training rows, `held_score` that on the validation
    rows, None if there are none.
    """

    model: Tabular
    net: MLP
    history: History
    X: Floats
    y: NDArray[Any]
    X_held: Floats
    y_held: NDArray[Any]
    score: float
    held_score: float | None


def learn(
    table: Table,
    target: str,
    *,
    drop: Sequence[str] = (),
    hidden: Sequence[int] = HIDDEN,
    activation: str = "tanh",
    loss: str | None = None,
    epochs: int | None = None,
    batch_size: int = BATCH,
    lr: float = 3e-3,
    validation: float = 0.2,
    seed: int = 0,
    progress: bool = False,
    ready: Callable[[Tabular], None] | None = None,
) -> Learned:
    """Train an MLP with `hidden` layers to predict the column `target` of `table` from all other columns but `drop`.

    Numbers are standardized, categories coded as ones and zeros. The default `loss` is "cross_entropy" for classes and
    "mse" for numbers; the default `epochs` make 5,000 steps, and are at least 30. A share `validation` of the rows, the
    same of each class, is held out. All random numbers depend on `seed` alone. `ready` is called with the model before
    it is trained. Raises TableError for a table that cannot be learned from, and for a net too large for a file.

    >>> table = Table({"x": [str(x) for x in range(20)], "side": ["low"] * 10 + ["high"] * 10})
    >>> learn(table, "side", hidden=[4], epochs=50, lr=0.1).model.predict(Table({"x": ["2", "17"]}))
    ['low', 'high']
    """
    columns, wanted = learnable(table, target, drop=drop)
    loss = loss or ("cross_entropy" if wanted.classes else "mse")
    _check_loss(loss, wanted)
    X = np.hstack([column.encode(table.columns[column.name]) for column in columns])
    y = wanted.encode(table.columns[target])
    draw = np.random.default_rng(seed)
    rows, held = _split(wanted, y, validation, draw)
    X, y, X_held, y_held = X[rows], y[rows], X[held], y[held]
    _check_sizes([X.shape[1], *hidden, len(wanted.classes or "1")])
    net = MLP(X.shape[1], [*hidden, len(wanted.classes or "1")], activation=activation, init="glorot", rng=draw)
    model = Tabular(Standardized(net, Standardization.fit(X)), columns, wanted, dropped=drop)
    if ready is not None:
        ready(model)
    history = fit(
        model,
        X,
        y,
        loss=loss,
        optimizer=Adam(lr=lr),
        epochs=epochs or max(EPOCHS, -(-STEPS // -(-len(X) // batch_size))),
        batch_size=min(batch_size, len(X)),
        validation=(X_held, y_held) if len(X_held) else None,
        penalty=L2(DECAY),
        rng=draw,
        progress=progress,
    )
    held_score = _score(model, X_held, y_held) if len(X_held) else None
    return Learned(model, net, history, X, y, X_held, y_held, _score(model, X, y), held_score)


def _check_loss(loss: str, told: Target) -> None:
    """Raise TableError for a loss that is not of such a target, with an output for each class or one for numbers."""
    suitable = [name for name, row in LOSSES.items() if row.labels == (INDEX if told.classes else None)]
    if loss in LOSSES and loss not in suitable:
        what = f"{len(told.classes)} classes" if told.classes else "numbers"
        raise TableError(f"column `{told.name}` is {what}: the loss is {', '.join(suitable)}, not {loss}")


def _check_sizes(sizes: Sequence[int]) -> None:
    """Raise TableError for layers whose parameters no model file, or not the memory, would hold."""
    count = sum((inputs + 1) * outputs for inputs, outputs in pairwise(sizes))
    most = min(LARGEST_FILE // 8, available() // VALUE)
    if count > most:
        raise TableError(
            f"a net of {'-'.join(map(str, sizes))} has {count:,} parameters; a file, and the memory that is free, hold "
            f"{most:,}. Take smaller --hidden layers, or fewer columns"
        )


def _split(
    target: Target, y: NDArray[Any], share: float, draw: np.random.Generator
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the indexes of the training rows and of the validation rows."""
    rows = np.arange(len(y))
    if not share:
        return rows, rows[:0]
    labels = y if target.classes is None else np.array(target.classes)[y]
    try:
        return train_test_split(rows, labels, test=share, stratified=target.classes is not None, rng=draw)[:2]
    except ValueError as error:
        raise TableError(f"no rows can be kept for validation: {error}. Take --validation 0") from None


def _score(model: Tabular, X: Floats, y: NDArray[Any]) -> float:
    scores = outputs(model, X)
    if model.target.classes is not None:
        return accuracy(predicted(scores), y)
    return r2(scores[:, 0], y) if len(y) > 1 else float("nan")

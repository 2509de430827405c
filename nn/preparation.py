"""prepare: everything that a training needs, checked and put together before anything is changed."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff import TraceError, Value, no_grad

from . import clipping, examples, selection
from .batches import Batches
from .bounds import size
from .dropout import widths
from .engines import Compiled, Eager, Engine
from .history import History
from .holdout import Validation, split
from .modes import Modes
from .module import Module
from .objective import objective
from .optimizers import resolve
from .penalties import Penalties, penalties
from .seeds import generator
from .stopping import Stopping
from .targets import Loss, Targets, loss_named, right, targets
from .training_state import Training
from .vector import vector

Floats = NDArray[np.float64]
ENGINES = ("auto", "compiled", "eager")


def prepare(
    model: Module,
    X: Any,
    Y: Any,
    *,
    loss: Any,
    optimizer: Any,
    batch_size: int | None,
    validation: Any,
    callbacks: Sequence[Callable[[Any], Any]],
    engine: str,
    rng: Any,
    frozen: Any,
    sample_weight: Any,
    class_weight: Any,
    penalty: Any,
    clip: Any,
    schedule: Any,
    tolerance: float | None,
    patience: int | None,
    keep_best: bool,
    seed: int | None = None,
) -> Training:
    """Return the Training that `nn.fit` runs; the arguments are those of `nn.fit`, which documents them.

    `seed` draws the validation rows; without it `rng` does. One that was captured is in what `Training.capture` gives.

    >>> import inspect
    >>> from nn import MLP, fit
    >>> own = inspect.signature(prepare).parameters
    >>> usual = {name: p.default for name, p in inspect.signature(fit).parameters.items() if p.kind is p.KEYWORD_ONLY}
    >>> usual = {name: default for name, default in usual.items() if name in own}
    >>> prepare(MLP(1, [1]), [[1.0], [2.0]], [3.0, 4.0], **usual).run(2).stopped
    'all epochs done'
    """
    if not isinstance(model, Module) or not callable(model):
        raise TypeError(f"`model` is a Module that can be called, got {type(model).__name__} {model!r:.60}")
    if engine not in ENGINES:
        raise ValueError(f"`engine` is one of {', '.join(ENGINES)}, got {engine!r}")
    loss, draw, X = loss_named(loss), generator(rng), examples.rows(X)
    outputs = _outputs(model, X)
    known = _targets(loss, X, Y, outputs, "X", "Y")
    labels = np.asarray(Y).ravel().tolist() if known.classes else None
    weights = examples.weights(sample_weight, class_weight, labels, len(X))
    given = _pair(loss, validation, known, outputs, X.shape[1])
    stopping = Stopping(tolerance=tolerance, patience=patience, keep_best=keep_best)
    parts, clip, factor = penalties(penalty), _clip(clip), _function(schedule, "schedule")
    calls = tuple(_function(callback, "callbacks") for callback in callbacks)
    m = size(len(X) if batch_size is None else batch_size, "batch_size")
    rule = resolve(optimizer)
    parameters, paths = selection.trained(model, rule, frozen)

    arrays = [X, known.Y, *([] if weights is None else [weights])]
    rows = np.arange(len(X))
    if given is None and validation is not None:
        seed = int(draw.integers(2**53)) if seed is None else seed
        rows, held = split(len(X), validation, seed)
        given, arrays = [a[held] for a in arrays[:2]], [a[rows] for a in arrays]
    if weights is not None:
        arrays[2] = arrays[2] / arrays[2].mean()

    modes, tells = Modes(model), right(loss) if known.classes else None
    everything = model.parameters()
    with modes.set(True):
        masked = list(widths(model, X[0].tolist()).values())
        row = objective(model, loss, tells, weighted=weights is not None, dropouts=[one for one, _ in masked])
        example = [*arrays, *(np.ones((len(rows), width)) for _, width in masked)]
        chosen = _engine(engine, row, parameters, everything, example)
        batches = Batches(chosen, arrays, m, masked)
    history = History(classes=known.classes, engine=chosen.name)
    validate = None
    if given is not None:
        with modes.set(False):
            measure = chosen
            if modes.matter:
                measure = _engine(chosen.name, objective(model, loss, tells), parameters, everything, given)
            elif weights is not None:
                given = [*given, np.ones(len(given[0]))]
        validate = Validation(measure, given, modes, history)
    training = Training(
        model, parameters, row, chosen, batches, rule, draw, history, stopping, Penalties(parts, paths), modes, rows
    )
    training.validate, training.schedule, training.clip = validate, factor, clip
    training.callbacks, training.seed = calls, seed
    return training


def _outputs(model: Any, X: Floats) -> int:
    """Return how many outputs the model has for the first row."""
    with no_grad():
        outputs = vector(model(X[0].tolist()), "fit")
    if not outputs or not all(isinstance(a, (Value, Real)) for a in outputs):
        raise TypeError(f"the model gives for a row {outputs!r:.80}. It should give a Value or a list of Values")
    return len(outputs)


def _targets(loss: Loss, X: Floats, Y: Any, outputs: int, x: str, y: str, classes: Any = None) -> Targets:
    known = targets(loss, Y, outputs, name=y, classes=classes)
    if len(known.Y) != len(X):
        raise ValueError(f"`{x}` and `{y}` differ in length: {len(X)} rows and {len(known.Y)} targets")
    examples.all_finite(known.Y, y)
    return known


def _pair(loss: Loss, validation: Any, known: Targets, outputs: int, inputs: int) -> list[Floats] | None:
    """Return X and Y of validation, if it is a pair."""
    if not isinstance(validation, (tuple, list)):
        return None
    if len(validation) != 2:
        raise ValueError(f"`validation` is a share of the rows or a pair (X, Y), got {len(validation)} things")
    X = examples.rows(validation[0], "validation[0]")
    if X.shape[1] != inputs:
        raise ValueError(f"`validation[0]` has {X.shape[1]} columns, `X` {inputs}")
    found = _targets(loss, X, validation[1], outputs, "validation[0]", "validation[1]", known.classes)
    return [X, found.Y]


def _engine(
    choice: str, row: Callable[..., Any], parameters: list[Value], everything: list[Value], example: Sequence[Floats]
) -> Engine:
    if choice != "eager":
        try:
            return Compiled(row, parameters, example)
        except TraceError as error:
            if choice == "compiled":
                raise
            warnings.warn(f"training runs on Values, slowly, since the model cannot be compiled: {error}", stacklevel=4)
    return Eager(row, parameters, everything)


def _clip(clip: Any) -> Any:
    return clipping.by_norm(clip) if isinstance(clip, (int, float)) else _function(clip, "clip")


def _function(f: Any, name: str) -> Any:
    if f is not None and not callable(f):
        raise TypeError(f"`{name}` takes functions, got {type(f).__name__} {f!r:.60}")
    return f

"""The choice of an engine, and its set-up: the objective, the batches, and the rows of validation."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autodiff import TraceError, Value
from autodiff.arrays import Floats
from autodiff.contexts import user_level

from ...modules.dropout import widths
from ...modules.modes import Modes
from ..data.task import Task
from .batches import Batches
from .closed_form import ClosedForm
from .compiled import CompiledEngine
from .eager import EagerEngine
from .engine import Engine
from .objective import objective
from .validation import Validation

ENGINES = ("auto", "compiled", "eager", "backprop")


class Computation(NamedTuple):
    """The computations of a training: the objective of a row, the engine, the batches, and the validation."""

    row: Callable[..., Any]
    engine: Engine
    batches: Batches
    validate: Validation | None

    def refresh(self) -> None:
        """Read again what is not trained or is captured: a callback may have changed it."""
        self.engine.refresh()
        if self.validate is not None:
            self.validate.refresh()


def computation(
    task: Task,
    modes: Modes,
    parameters: list[Value],
    *,
    choice: str,
    size: int,
    shuffle: bool = True,
    held: list[Floats] | None,
) -> Computation:
    """Return the computations of a training of `parameters` by the engine `choice`, one of ENGINES.

    >>> from nn import MLP, mse
    >>> model = MLP(1, [1])
    >>> task = Task.read(model, mse, [[1.0], [2.0]], [3.0, 4.0])
    >>> computation(task, Modes(model), model.parameters(), choice="auto", size=2, held=None).engine.name
    'compiled'
    """
    weighted = task.weights is not None
    with modes.set(True):
        masked = list(widths(task.model, task.X[0].tolist()).values())
        row = objective(task.model, task.loss, task.right, weighted=weighted, dropouts=[one for one, _ in masked])
        example = [*task.arrays, *(np.ones((len(task.X), width)) for _, width in masked)]
        engine = _engine(choice, task, row, parameters, example, weighted=weighted)
        batches = Batches(engine, task.arrays, size, masked, shuffle=shuffle)
    if held is None:
        return Computation(row, engine, batches, None)
    measure = engine
    if modes.matter:  # the model computes something else in evaluation: that is another objective
        with modes.set(False):
            evaluated = objective(task.model, task.loss, task.right)
            measure = _engine(engine.name, task, evaluated, parameters, held, weighted=False)
    elif weighted:
        held = [*held, np.ones(len(held[0]))]
    return Computation(row, engine, batches, Validation(measure, held, modes))


def _engine(
    choice: str,
    task: Task,
    row: Callable[..., Any],
    parameters: list[Value],
    example: Sequence[Floats],
    *,
    weighted: bool,
) -> Engine:
    if choice == "backprop":
        return ClosedForm(task.model, task.loss, task.right, parameters, weighted=weighted)
    if choice != "eager":
        try:
            return CompiledEngine(row, parameters, example)
        except TraceError as error:
            if choice == "compiled":
                raise
            warnings.warn(
                f"training runs on Values, slowly: the model cannot be compiled: {error}", stacklevel=user_level()
            )
    return EagerEngine(row, parameters, task.model.parameters())

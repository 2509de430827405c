"""fit: check the options, prepare the training, resume it from a checkpoint if there is one, and run it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autodiff.arrays import Floats

from ..losses.penalties import Penalties, Penalty
from ..losses.registry import Loss
from ..modules.modes import Modes
from ..modules.module import Module
from ..optimizers.base import Optimizer
from ..optimizers.clipping import Clip
from ..optimizers.schedules import Factor
from .checkpoints import Checkpoints
from .data.task import Task
from .engines.choice import computation
from .history import History
from .options import Options
from .selection import trained
from .state import Training


def fit(
    model: Module,
    X: Any,
    Y: Any,
    *,
    loss: str | Loss = "mse",
    optimizer: str | Optimizer = "adam",
    epochs: int = 100,
    batch_size: int | None = None,
    shuffle: bool = True,
    validation: float | tuple[Any, Any] | None = None,
    callbacks: Sequence[Callable[[Any], Any]] = (),
    engine: str = "auto",
    rng: int | np.random.Generator | None = None,
    frozen: Any = (),
    sample_weight: Any = None,
    class_weight: Mapping[Any, float] | str | None = None,
    penalty: Penalty | Sequence[Penalty] | None = None,
    clip: float | Clip | None = None,
    schedule: Factor | None = None,
    tolerance: float | None = None,
    patience: int | None = None,
    keep_best: bool = False,
    checkpoint: str | os.PathLike[str] | None = None,
    every: int = 1,
    progress: bool = True,
) -> History:
    """Train `model` on the rows of X, shape (m, inputs), and their targets Y, and return the History of the training.

    Each step follows the gradient of the mean `loss` over a batch, plus `penalty`. A batch is `batch_size` rows, all
    rows if that is None; `rng` shuffles the rows in every epoch, unless `shuffle` is False.

    - `loss`: a name (mse, half_mse, mae, huber, cross_entropy, binary_cross_entropy, hinge, multiclass_hinge) or a
      function of outputs and target. The last four take labels, ints or strings, one a row; the others numbers, shape
      (m,) or (m, outputs).
    - `optimizer`: sgd, adam, adamw, rmsprop, adagrad, lbfgs, or an `Optimizer`, which keeps its memory from an earlier
      training of the same parameters.
    - `validation`: a share of the rows, drawn by `rng`, or a pair (X, Y): measured after each epoch, not trained on.
    - `callbacks`: functions of the `Training`, called after each epoch; `training.stop(reason)` ends it.
    - `engine`: "compiled", "eager" (Values and `backward`), "backprop" (the closed form, of an `MLP`), or "auto":
      compiled, and eager if the model cannot be compiled. All agree up to rounding: histories within 10⁻¹⁰, relative,
      in the tests' trainings.
    - `frozen`: Modules, Values, paths or names such as `layers.0.weight`: parameters that are not trained.
    - `sample_weight`: a weight for each row; `class_weight`: a dict from labels to weights, or "balanced". Only ratios
      count.
    - `penalty`: `nn.L1`, `nn.L2`, or several; `clip`: the largest norm of a gradient, or a function from `nn.clipping`;
      `schedule`: a function from the time in epochs to a factor of the learning rate, as in `nn.schedules`.
    - `tolerance` without `patience` ends the training when the norm of the gradient is below it. `patience` ends it
      after this number of epochs in which the loss, that of validation if there is one, did not fall by more than
      `tolerance`. `keep_best` returns to the parameters of the lowest loss: those it was measured at, or with several
      batches and no validation those at the end of its epoch.
    - `checkpoint`: a file to which the training is written, after each `every` epochs and at the end. If the file
      exists, the training resumes from it, with the bits that it would have had without the interruption.

    Ctrl-C ends the training after the last whole step. Raises TypeError or ValueError for wrong arguments, before
    anything is changed. Raises FloatingPointError for a loss or gradient that is not finite, with the step, batch, row
    and first operation that produced it; the parameters are then as they were before the step.

    >>> from nn import MLP
    >>> from nn.datasets import moons
    >>> X, y = moons(100, rng=0)
    >>> model = MLP(2, [8, 1], activation="tanh", rng=0)
    >>> history = fit(model, X, y, loss="hinge", optimizer="adam", epochs=300, progress=False, rng=0)
    >>> history.epochs, history.classes, history.loss[-1] < 0.3 < history.loss[0]
    (300, (-1, 1), True)
    """
    options = Options.checked(locals())
    if options.checkpoint is None:
        return prepare(model, X, Y, options).run(options.epochs, progress=options.progress)
    checkpoints = Checkpoints(options.checkpoint, options.every, options.epochs)
    snapshot = checkpoints.read()
    training = prepare(model, X, Y, options, seed=snapshot.seed if snapshot else None)
    ended = checkpoints.resume(training, snapshot)
    history = training.run(training.epoch if ended else options.epochs, progress=options.progress)
    history.stopped = ended or history.stopped
    return history


def prepare(model: Module, X: Any, Y: Any, options: Options, *, seed: int | None = None) -> Training:
    """Return the Training that `fit` runs: data and model are checked against each other, nothing is changed.

    `seed` draws the rows of a validation share; `options.rng` draws the seed if it is None.

    >>> import inspect
    >>> from nn import MLP
    >>> defaults = {name: p.default for name, p in inspect.signature(fit).parameters.items()}
    >>> prepare(MLP(1, [1]), [[1.0], [2.0]], [3.0, 4.0], Options.checked(defaults)).run(2).stopped
    'all epochs done'
    """
    weights = {"sample_weight": options.sample_weight, "class_weight": options.class_weight}
    task = Task.read(model, options.loss, X, Y, **weights)
    task, held, seed = _held_out(task, model, options, seed)
    parameters, paths = trained(model, options.optimizer, options.frozen)
    modes = Modes(model)
    size = options.batch_size or len(task.X)
    computed = computation(
        task, modes, parameters, choice=options.engine, size=size, shuffle=options.shuffle, held=held
    )
    return Training(model, task, modes, parameters, computed, Penalties(options.penalty, paths), options, seed)


def _held_out(
    task: Task, model: Module, options: Options, seed: int | None
) -> tuple[Task, list[Floats] | None, int | None]:
    """Return the task without its validation rows, the arrays of these, and the seed that drew them."""
    validation = options.validation
    if validation is None:
        return task, None, seed
    if isinstance(validation, (tuple, list)):
        return task, task.others(validation, model), seed
    seed = int(options.rng.integers(2**53)) if seed is None else seed
    return *task.split(validation, seed), seed

"""fit: train a model on arrays."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..losses.penalties import Penalties, Penalty
from ..losses.targets import Loss
from ..modules.modes import Modes
from ..modules.module import Module
from ..optimizers.base import Optimizer
from ..optimizers.clipping import Clip
from ..optimizers.schedules import Factor
from .checkpoints import Checkpoints
from .data.task import Task
from .engines.choice import computation
from .engines.engine import Floats
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
    """Train `model` on the rows of X, (m, inputs), and their targets Y, and return what it was like.

    Each step goes down the gradient of the mean of `loss` over a batch of rows, plus `penalty`: with `batch_size` None
    of all rows, otherwise of so many, shuffled by `rng` in every epoch, or in their order without `shuffle`.

    - `loss`: a name (mse, half_mse, mae, huber, cross_entropy, binary_cross_entropy, hinge, multiclass_hinge) or a
      function of outputs and target. The last four take labels, ints or strings, one for each row; the others numbers,
      (m,) or (m, outputs).
    - `optimizer`: sgd, adam, adamw, rmsprop, adagrad, lbfgs, or an `Optimizer`, which goes on where it was, or starts
      afresh if it moved others of the parameters.
    - `validation`: a share of the rows, drawn by `rng`, or a pair (X, Y); it is not trained on, but measured.
    - `callbacks`: functions of the `Training`, called after each epoch; `training.stop(reason)` ends it.
    - `engine`: "compiled", "eager" (Values and `backward`), "backprop" (the closed form, of an `MLP`), or "auto": the
      first that can. All give the same up to rounding: histories within 10⁻¹⁰, relative, in the tests' trainings.
    - `frozen`: paths, names such as `layers.0.weight`, Modules or Values that stay as they are.
    - `sample_weight`: a number for each row; `class_weight`: a dict from labels, or "balanced". Only ratios count.
    - `penalty`: `nn.L1`, `nn.L2`, or several; `clip`: the largest norm of a gradient, or a function from `nn.clipping`;
      `schedule`: a function of the time in epochs that gives a factor of the learning rate, as in `nn.schedules`.
    - `tolerance` alone ends the training when the norm of the gradient is below it, with `patience` it is what counts
      as better; `patience` ends it after so many epochs without a better loss, of validation if there is one;
      `keep_best` returns to the parameters of the lowest: those that were measured, before the step if there is no
      validation and one batch, otherwise those at the end of its epoch.
    - `checkpoint`: a file to which the whole training is written, after each `every` epochs and at the end, and from
      which it goes on if the file is there: with the bits that it would have had if it had not been killed.

    Ctrl-C ends the training after the last whole step. Raises TypeError or ValueError for what does not fit, before
    anything is changed, and FloatingPointError where a loss or gradient is not finite, with step, batch, row and the
    first operation that made it, and with the parameters as they were before the step.

    >>> from nn import MLP
    >>> from nn.datasets import moons
    >>> X, y = moons(100, rng=0)
    >>> model = MLP(2, [8, 1], activation="tanh", rng=0)
    >>> history = fit(model, X, y, loss="hinge", optimizer="adam", epochs=300, progress=False, rng=0)
    >>> history.epochs, history.classes, history.loss[-1] < 0.3 < history.loss[0]
    (300, (-1, 1), True)
    """
    options = Options.checked(locals())
    checkpoints = None if options.checkpoint is None else Checkpoints(options.checkpoint, options.every, options.epochs)
    snapshot = None if checkpoints is None else checkpoints.read()
    training = prepare(model, X, Y, options, seed=None if snapshot is None else snapshot.seed)
    ended = "" if checkpoints is None else checkpoints.resume(training, snapshot)
    history = training.run(training.epoch if ended else options.epochs, progress=options.progress)
    history.stopped = ended or history.stopped
    return history


def prepare(model: Module, X: Any, Y: Any, options: Options, *, seed: int | None = None) -> Training:
    """Return the Training of `model` on X and Y that `fit` runs: everything is checked, nothing is changed.

    `seed` draws the rows of a validation share; without one, `options.rng` draws the seed.

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
    computed = computation(
        task,
        modes,
        parameters,
        choice=options.engine,
        size=options.batch_size or len(task.X),
        shuffle=options.shuffle,
        held=held,
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

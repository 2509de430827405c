"""Training: the state of a fit and its loop over epochs and batches."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from autodiff import Value
from autodiff.arrays import Floats

from ..checks.numbers import is_plain
from ..losses.penalties import Penalties
from ..modules.modes import Modes
from ..optimizers.lbfgs import LBFGS
from ..optimizers.schedules import Factor
from ..values import read, write
from .data.task import Task
from .diagnosis import culprit, finite
from .engines.choice import Computation
from .history import History
from .options import Options
from .progress import Progress
from .stopping import Stopping

DONE = "all epochs done"


@dataclass
class Training:
    """A fit in progress: the parameters in one array, theta, and all else that the next step depends on.

    `nn.fit` passes it to callbacks. Before they run, the Values of the model are set to theta; after them theta is read
    from the Values again, so that assignments count. `stop(reason)` ends the training after this epoch.

    >>> from nn import MLP, fit
    >>> def look(training):
    ...     if training.history.loss[-1] < 0.1:
    ...         training.stop("good enough")
    >>> fit(MLP(1, [1], rng=0), [1.0, 2.0], [2.0, 4.0], optimizer="lbfgs", callbacks=[look], progress=False).stopped
    'good enough'
    """

    model: Any
    task: Task
    modes: Modes
    parameters: list[Value]
    computation: Computation
    penalties: Penalties
    options: Options
    seed: int | None = None  # drew the validation rows

    def __post_init__(self) -> None:
        options = self.options
        self.optimizer, self.rng, self.callbacks = options.optimizer, options.rng, [*options.callbacks]
        self.schedule, self.clip = options.schedule, options.clip
        self.stopping = Stopping(tolerance=options.tolerance, patience=options.patience, keep_best=options.keep_best)
        self.batches = self.computation.batches
        self.history = History(classes=self.task.classes, engine=self.computation.engine.name)
        self.step = 0
        self.theta: Floats = read(self.parameters)
        self.gradient, self.before = np.empty_like(self.theta), self.theta.copy()
        self.slope = np.zeros_like(self.theta)  # the mean gradient of an epoch, if `tolerance` needs it
        self.moving = False  # within a step: theta is between two states
        self.lr = self.optimizer.lr

    @property
    def epoch(self) -> int:
        """The number of complete epochs."""
        return self.history.epochs

    def stop(self, reason: str) -> None:
        """End the training after this epoch."""
        self.history.stopped = reason

    def run(self, epochs: int, *, progress: bool = False) -> History:
        """Train up to epoch number `epochs`, or until there is a reason to stop, and return the history.

        Ctrl-C ends it after the last whole step. Raises FloatingPointError at a number that is not finite.
        """
        self.history.stopped = ""
        self.optimizer.bind(self.parameters)
        with self.modes.set(True), np.errstate(all="ignore"), Progress(epochs, shown=progress) as bar:
            try:
                if isinstance(self.optimizer, LBFGS) and self.epoch < epochs:
                    self._drive(self.optimizer, epochs, bar)
                while self.epoch < epochs and not self.history.stopped:
                    self._epoch()
                    bar.show(self.history)
            except KeyboardInterrupt:
                self.history.even()
                self.history.stopped = f"interrupted in epoch {self.epoch + 1}"
            finally:
                try:
                    self._settle()
                except KeyboardInterrupt:  # it may be torn halfway, and be done again
                    self._settle()
                    raise
            bar.show(self.history, last=True)
        if self.stopping.parameters is not None:
            np.copyto(self.theta, self.stopping.parameters)
            try:
                write(self.parameters, self.theta)
            except KeyboardInterrupt:
                write(self.parameters, self.theta)
                raise
        self.history.stopped = self.history.stopped or DONE
        return self.history

    def _settle(self) -> None:
        """Give the model the parameters of the last whole step."""
        if self.moving:  # an exception within a step
            np.copyto(self.theta, self.before)
        self.moving, self.optimizer.lr = False, self.lr
        write(self.parameters, self.theta)

    def _epoch(self) -> None:
        """Train for an epoch: a step for each batch."""
        batches = self.batches
        batches.begin(self.rng)
        loss = accuracy = 0.0
        if self.stopping.by_gradient:
            self.slope[:] = 0.0
        for i, count in enumerate(batches.counts):
            if self.schedule is not None:
                self.optimizer.lr = self.lr * self._factor(self.schedule, self.epoch + i / len(batches.counts))
            share = count / batches.rows
            batch_loss, batch_accuracy = self._step(i)
            loss += share * batch_loss
            accuracy += share * batch_accuracy
            if self.stopping.by_gradient:
                self.slope += share * self.gradient
        # the loss of one batch is that of theta before its step; a mean over several is taken as that of the newest
        self._end_epoch(loss, accuracy, self.before if len(batches.counts) == 1 else self.theta)

    def _factor(self, schedule: Factor, t: float) -> float:
        """Return the factor of the learning rate at time t. Raises ValueError unless it is finite and not negative."""
        given: Any = schedule(t)
        factor = float(given) if is_plain(given) else math.nan
        if not 0.0 <= factor < math.inf:
            raise ValueError(f"`schedule` gives a factor of `lr`, 0 or more, got {given!r} at epoch {t:g}")
        return factor

    def _step(self, i: int) -> tuple[float, float]:
        """Take the step of batch i. Raises FloatingPointError, after which `run` restores theta."""
        theta, gradient = self.theta, self.gradient
        loss, accuracy = self._evaluate(i)
        if self.clip is not None:
            self.clip(gradient)
        np.copyto(self.before, theta)
        self.moving = True
        self.optimizer.advance(theta, gradient)
        if not finite(theta):
            raise FloatingPointError(
                f"{self._position(i)}: the step of {self.optimizer!r} leads to parameters that are not finite. "
                "Take a smaller `lr`"
            )
        self.moving = False
        self.step += 1
        return loss, accuracy

    def _evaluate(self, i: int) -> tuple[float, float]:
        """Return loss and accuracy of batch i, penalties included, and leave the gradient in `gradient`.

        Raises FloatingPointError if the loss or the gradient is not finite.
        """
        self.batches.load(i)
        found = self.batches.steps[i](self.theta, self.gradient)
        loss, accuracy = found if type(found) is tuple else (found, math.nan)
        if self.penalties.parts:
            loss += self.penalties.add(self.theta, self.gradient)
        if not (math.isfinite(loss) and finite(self.gradient)):
            raise FloatingPointError(self._diagnosed(i, loss))
        return loss, accuracy

    def _end_epoch(self, loss: float, accuracy: float, at: Floats) -> None:
        """Add an epoch to the history, with its loss `at` these parameters; decide whether to stop; run callbacks."""
        self.history.loss.append(loss)
        if not math.isnan(accuracy):
            self.history.accuracy.append(accuracy)
        if self.computation.validate is not None:
            held_loss, *held_accuracy = self.computation.validate(self.theta)
            self.history.validation_loss.append(held_loss)
            self.history.validation_accuracy += held_accuracy
            at = self.theta
        reason = self.stopping.verdict(self.history, math.sqrt(self.slope.dot(self.slope)), at)
        self.history.stopped = self.history.stopped or reason
        if self.callbacks:
            self._call_back()

    def _call_back(self) -> None:
        """Run the callbacks on the model in evaluation, and read what they changed."""
        write(self.parameters, self.theta)
        with self.modes.set(False):
            for callback in self.callbacks:
                callback(self)
        np.copyto(self.theta, read(self.parameters))
        self.computation.refresh()

    def _drive(self, optimizer: LBFGS, epochs: int, bar: Progress) -> None:
        """Run L-BFGS, which chooses its points itself, up to epoch number `epochs`."""
        latest = before = math.nan, math.nan  # loss and accuracy at the last point, and at the last accepted

        def evaluate(p: Floats) -> tuple[float, Floats]:
            nonlocal latest
            np.copyto(self.theta, p)
            latest = self._evaluate(0)
            return latest[0], self.gradient.copy()

        def accept(p: Floats) -> str:
            nonlocal before
            measured = self.before.copy()
            np.copyto(self.theta, p)
            np.copyto(self.before, p)
            np.copyto(self.slope, self.gradient)
            self.step += 1
            self._end_epoch(*before, measured)
            before = latest
            bar.show(self.history)
            return self.history.stopped

        self.batches.begin(self.rng)
        np.copyto(self.before, self.theta)
        self.moving = True
        before = self._evaluate(0)
        self.history.stopped = optimizer.drive(evaluate, self.theta.copy(), accept, epochs - self.epoch) or DONE

    def _position(self, i: int) -> str:
        """Return the position of batch i in the training, in words."""
        return f"step {self.step + 1}, epoch {self.epoch + 1}, batch {i + 1} of {len(self.batches.counts)}"

    def _diagnosed(self, i: int, loss: float) -> str:
        """Return the message that the loss or gradient of batch i is not finite, with the first such operation."""
        what = "the gradient" if math.isfinite(loss) else f"the loss is {loss}: it"
        found = culprit(self.computation.row, self.parameters, self.theta, self.batches.buffers[self.batches.counts[i]])
        after = "The parameters are as they were before the step"
        if found is None:
            return f"{self._position(i)}: {what} is not finite, though every operation is: a sum overflows. {after}"
        row = self.task.rows[self.batches.order[self.batches.parts[i]][found[0]]]
        return f"{self._position(i)}: {what} is not finite. In row {row} {found[1]}. {after}"

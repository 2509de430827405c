"""Training: what changes while a model is fitted, one epoch after the other; it can be captured and gone on from."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff import Value

from .batches import Batches
from .clipping import Clip
from .engines import Engine
from .finiteness import culprit, finite
from .history import CURVES, History
from .modes import Modes
from .module import Module
from .optimizer import Optimizer
from .penalties import Penalties
from .progress import Progress
from .schedules import Factor
from .stopping import Stopping
from .storage import read, write

Floats = NDArray[np.float64]


@dataclass
class Training:
    """A fit in progress: the parameters in one array, theta, and everything that the next step depends on.

    `nn.fit` makes it, and callbacks are given it. Values have the numbers of theta whenever a callback or the user
    looks; what a callback assigns to them counts. `stop(reason)` ends the training after this epoch.
    """

    model: Module
    parameters: list[Value]
    row: Callable[..., Any]
    engine: Engine
    batches: Batches
    optimizer: Optimizer
    rng: np.random.Generator
    history: History
    stopping: Stopping
    penalties: Penalties
    modes: Modes
    rows: NDArray[np.intp]  # which rows of X are trained on
    validate: Callable[[Floats], None] | None = None
    schedule: Factor | None = None
    clip: Clip | None = None
    callbacks: Sequence[Callable[[Any], Any]] = ()
    seed: int | None = None  # by which validation rows were drawn

    def __post_init__(self) -> None:
        self.step = 0
        self.theta: Floats = read(self.parameters)
        self.gradient, self.before = np.empty_like(self.theta), self.theta.copy()
        self.slope = np.zeros_like(self.theta)  # the mean gradient of an epoch, if it is asked for
        self.moving = False
        self.lr = self.optimizer.lr

    @property
    def epoch(self) -> int:
        """The number of epochs that are done."""
        return self.history.epochs

    def stop(self, reason: str) -> None:
        """End the training after this epoch."""
        self.history.stopped = reason

    def run(self, epochs: int, *, progress: bool = False) -> History:
        """Train until there were so many epochs, or a reason to stop, and return the history.

        Ctrl-C ends it after the last whole step. Raises FloatingPointError at a number that is not finite.
        """
        self.history.stopped = ""
        with self.modes.set(True), np.errstate(all="ignore"), Progress(epochs, shown=progress) as bar:
            try:
                while self.epoch < epochs and not self.history.stopped:
                    self._epoch()
                    bar.show(self.history)
            except KeyboardInterrupt:
                if self.moving:
                    np.copyto(self.theta, self.before)
                self.history.stopped = f"interrupted in epoch {self.epoch + 1}"
            finally:
                self.moving, self.optimizer.lr = False, self.lr
                write(self.parameters, self.theta)
            bar.show(self.history, last=True)
        if self.stopping.parameters is not None:
            np.copyto(self.theta, self.stopping.parameters)
            write(self.parameters, self.theta)
        self.history.stopped = self.history.stopped or "all epochs done"
        return self.history

    def loss(self, i: int) -> tuple[float, float]:
        """Return what batch i costs and the share of its rows that are right; the gradient is in `gradient`."""
        found = self.batches.steps[i](self.theta, self.gradient)
        cost, right = found if type(found) is tuple else (found, math.nan)
        if self.penalties.parts:
            cost += self.penalties.add(self.theta, self.gradient)
        return cost, right

    def record(self, loss: float, accuracy: float) -> None:
        """Note an epoch in the history, look whether to stop, and let callbacks look."""
        self.history.loss.append(loss)
        if accuracy == accuracy:
            self.history.accuracy.append(accuracy)
        if self.validate is not None:
            self.validate(self.theta)
        reason = self.stopping.verdict(self.history, math.sqrt(self.slope.dot(self.slope)), self.theta)
        self.history.stopped = self.history.stopped or reason
        if self.callbacks:
            write(self.parameters, self.theta)
            with self.modes.set(False):
                for callback in self.callbacks:
                    callback(self)
            np.copyto(self.theta, read(self.parameters))

    def _epoch(self) -> None:
        """Take a step for each batch."""
        batches = self.batches
        batches.begin(self.rng)
        loss = accuracy = 0.0
        if self.stopping.by_gradient:
            self.slope[:] = 0.0
        for i, count in enumerate(batches.counts):
            if self.schedule is not None:
                self.optimizer.lr = self.lr * self.schedule(self.epoch + i / len(batches.counts))
            share = count / batches.rows
            cost, right = self._step(i)
            loss += share * cost
            accuracy += share * right
            if self.stopping.by_gradient:
                self.slope += share * self.gradient
        self.record(loss, accuracy)

    def _step(self, i: int) -> tuple[float, float]:
        """Take the step of batch i. Raises FloatingPointError, with theta as it was, if something is not finite."""
        theta, gradient = self.theta, self.gradient
        cost, right = self.loss(i)
        if not (math.isfinite(cost) and finite(gradient)):
            raise FloatingPointError(self.refusal(i, cost))
        if self.clip is not None:
            self.clip(gradient)
        np.copyto(self.before, theta)
        self.moving = True
        self.optimizer.advance(theta, gradient)
        if not finite(theta):
            np.copyto(theta, self.before)
            raise FloatingPointError(
                f"{self.where(i)}: the step of {self.optimizer!r} leads to parameters that are not finite. "
                "Take a smaller `lr`"
            )
        self.moving = False
        self.step += 1
        return cost, right

    def where(self, i: int) -> str:
        """Return where the training is, in words."""
        return f"step {self.step + 1}, epoch {self.epoch + 1}, batch {i + 1} of {len(self.batches.counts)}"

    def refusal(self, i: int, cost: float) -> str:
        """Return what is not finite in batch i, and the first operation that made it so."""
        what = "the gradient" if math.isfinite(cost) else f"the loss is {cost}: it"
        found = culprit(self.row, self.parameters, self.theta, self.batches.batch(i))
        after = "The parameters are as they were before the step"
        if found is None:
            return f"{self.where(i)}: {what} is not finite, though every operation is: a sum overflows. {after}"
        row = self.rows[self.batches.order[self.batches.parts[i]][found[0]]]
        return f"{self.where(i)}: {what} is not finite. In row {row} {found[1]}. {after}"

    def capture(self) -> tuple[dict[str, Floats], dict[str, Any]]:
        """Return all that the next epoch depends on, as arrays by name and as data that JSON can hold."""
        arrays = {f"model.{name}": array for name, array in self.model.state().items()}
        arrays |= {f"optimizer.{name}": array for name, array in self.optimizer.state().items()}
        best, stopping = self.stopping.state()
        arrays |= {f"stopping.{name}": array for name, array in best.items()}
        return arrays, {
            "step": self.step,
            "seed": self.seed,
            "rng": _plain(self.rng.bit_generator.state),
            "optimizer": type(self.optimizer).__name__,
            "history": {name: list(getattr(self.history, name)) for name in CURVES},
            "stopping": stopping,
        }

    def restore(self, arrays: Mapping[str, Floats], numbers: Mapping[str, Any]) -> None:
        """Go on from what `capture` returned, in a training of the same model, data and options.

        Raises ValueError for another optimizer, and for names and shapes that do not fit.
        """
        if numbers["optimizer"] != type(self.optimizer).__name__:
            raise ValueError(f"the training was one by {numbers['optimizer']}, not by {type(self.optimizer).__name__}")
        if numbers["seed"] != self.seed:
            raise ValueError("the training held out other rows: give `prepare` the `seed` that was captured")
        parts: dict[str, dict[str, Floats]] = {"model": {}, "optimizer": {}, "stopping": {}}
        for name, array in arrays.items():
            part, _, rest = name.partition(".")
            parts[part][rest] = array
        self.optimizer.load_state(parts["optimizer"])
        self.model.load_state(parts["model"])
        self.stopping.load_state(parts["stopping"], dict(numbers["stopping"]))
        self.rng.bit_generator.state = numbers["rng"]
        for name in CURVES:
            setattr(self.history, name, list(numbers["history"][name]))
        self.step, self.lr = int(numbers["step"]), self.optimizer.lr
        np.copyto(self.theta, read(self.parameters))


def _plain(state: Any) -> Any:
    """Return the state of a bit generator with lists in place of arrays."""
    if isinstance(state, dict):
        return {name: _plain(part) for name, part in state.items()}
    return state.tolist() if isinstance(state, np.ndarray) else state

"""Recorder: a training callback that keeps snapshots of a net, the frames of an animation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autodiff import TraceError, Value, compile, no_grad
from nn import Module
from nn.checks.numbers import size

from ..plots.boundary import Array, coordinates

SAMPLES = {1: 200, 2: 61}  # grid points along each axis, by the number of inputs
MOST = 120  # frames that are kept without `every`


@dataclass(frozen=True)
class AnimationFrame:
    """The state of the net after an `epoch`: parameters in order, their gradients, and outputs on the grid.

    `scores` has the shape (outputs, points of the grid); it is None for nets of more than two inputs.
    """

    epoch: int
    parameters: Array
    gradient: Array
    scores: Array | None


class Recorder:
    """A callback of `nn.fit`, or of a training loop, that keeps frames for `animate`.

    X, (m, inputs), and y, (m,) or (m, outputs), are the examples to show. A frame is kept after epochs 1, 1 + every,
    1 + 2·every and so on; without `every`, after all epochs, and every second one is dropped beyond 120 frames.
    `border` is the decision threshold of a single output: by default 0, as for logits and margins, or the mean of y if
    it has more than two values. Raises TypeError for what is no Module, ValueError for shapes that do not fit.

    >>> from nn import MLP
    >>> model = MLP(1, [1], rng=0)
    >>> recorder = Recorder(model, [[0.0], [1.0]], [0.0, 1.0])
    >>> for _ in range(3):
    ...     loss = (model([1.0]) - 1.0) ** 2
    ...     recorder(loss)
    >>> [frame.epoch for frame in recorder.frames], len(recorder.curves["loss"])
    ([1, 2, 3], 3)
    """

    def __init__(self, model: Module, X: Any, y: Any, *, every: int | None = None, border: float | None = None) -> None:
        if not isinstance(model, Module):
            raise TypeError(f"`Recorder` takes a Module, got {type(model).__name__} {model!r:.60}")
        net: Any = model
        self.model = net
        self.X, self.y = np.asarray(X, float), np.asarray(y)
        if self.X.ndim != 2 or not len(self.X) or self.y.ndim not in (1, 2) or len(self.X) != len(self.y):
            raise ValueError(
                f"X is (m, inputs), y is (m,) or (m, outputs), m ≥ 1; got the shapes {self.X.shape} and {self.y.shape}"
            )
        for name, array in (("X", self.X), ("y", self.y)):
            if array.dtype.kind == "f" and not np.isfinite(array).all():
                raise ValueError(f"`{name}` is finite, but holds nan or inf")
        self.border = border
        self.every = 1 if every is None else size(every, "every")
        self.frames: list[AnimationFrame] = []
        self.curves: dict[str, list[float]] = {"loss": []}
        self._thins = every is None
        samples = SAMPLES.get(self.X.shape[1])
        self.axes: tuple[Array, ...] = tuple(coordinates(self.X, samples)) if samples else ()  # of the grid
        self._compiled: Any = compile(lambda x: net(x), backend="numpy")  # no native code: the net changes too soon

    def __call__(self, now: Any) -> None:
        """Record the state after an epoch; `now` is the loss, a Value or a number, or the argument of a `fit` callback.

        In a training loop, call it after `backward()` and before the gradients are set to zero.
        """
        gradients = self._record(now)
        epoch = len(self.curves["loss"])
        if (epoch - 1) % self.every == 0:
            self.frames.append(self._frame(epoch, gradients))
        if self._thins and len(self.frames) > MOST:
            self.frames, self.every = self.frames[::2], 2 * self.every

    def _record(self, now: Any) -> dict[int, float]:
        """Append to the curves; return the gradient of each parameter by its id."""
        history = getattr(now, "history", None)
        if history is None:
            self.curves["loss"].append(float(now.data if isinstance(now, Value) else now))
            return {id(p): p.grad for p in self.model.parameters()}
        self.curves["loss"] = list(history.loss)
        if history.validation_loss:
            self.curves["validation loss"] = list(history.validation_loss)
        return {id(p): g for p, g in zip(now.parameters, now.gradient.tolist(), strict=True)}

    def _frame(self, epoch: int, gradients: dict[int, float]) -> AnimationFrame:
        parameters = self.model.parameters()
        numbers = np.array([p.data for p in parameters])
        gradient = np.array([gradients.get(id(p), 0.0) for p in parameters])
        return AnimationFrame(epoch, numbers, gradient, self._scores() if self.axes else None)

    def _scores(self) -> Array:
        """Return the outputs of the model at each point of the grid, shape (outputs, points)."""
        points = np.column_stack([axis.ravel() for axis in np.meshgrid(*self.axes)])
        try:
            found = self._compiled.map(points)
        except TraceError:  # a model that cannot be compiled
            with no_grad():
                found = [_numbers(self.model(point)) for point in points.tolist()]
            return np.array(found).T
        return np.atleast_2d(np.array(found, float))


def _numbers(outputs: Any) -> list[float]:
    each: Sequence[Any] = [outputs] if isinstance(outputs, Value) else list(outputs)
    return [x.data if isinstance(x, Value) else float(x) for x in each]

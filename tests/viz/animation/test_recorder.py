"""Recorder: the epochs of its frames, and their parameters, gradients and outputs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autodiff import Value
from nn import MLP, SGD, Module, fit
from nn.datasets import moons
from viz import Recorder


def train(recorder: Recorder, model: Module, epochs: int) -> None:
    optimizer = SGD(model.parameters(), lr=0.1)
    for _ in range(epochs):
        loss = (model([1.0, 2.0]) - 1.0) ** 2
        optimizer.zero_grad()
        loss.backward()
        recorder(loss)
        optimizer.step()


def recorder_of(model: Module, **options: Any) -> Recorder:
    return Recorder(model, [[1.0, 2.0], [0.0, 1.0]], [1, -1], **options)


def test_a_frame_has_the_numbers_of_its_moment() -> None:
    model = MLP(2, [3, 1], rng=0)
    recorder = recorder_of(model)
    before = [p.data for p in model.parameters()]
    train(recorder, model, 2)
    first, second = recorder.frames
    assert first.parameters.tolist() == before
    assert second.gradient.tolist() == [p.grad for p in model.parameters()]
    assert recorder.curves["loss"] == [(model_at(first) - 1.0) ** 2, (model_at(second) - 1.0) ** 2]


def model_at(frame: Any) -> float:
    model = MLP(2, [3, 1], rng=0)
    for parameter, number in zip(model.parameters(), frame.parameters.tolist(), strict=True):
        parameter.data = number
    return float(model([1.0, 2.0]).data)


def test_scores_are_the_outputs_of_the_model_on_the_grid() -> None:
    model = MLP(2, [4, 3], activation="tanh", rng=0)
    recorder = recorder_of(model)
    recorder(1.0)
    (frame,) = recorder.frames
    assert frame.scores is not None
    assert frame.scores.shape == (3, 61 * 61)
    x, y = recorder.axes
    said = [out.data for out in model([x[7], y[2]])]
    assert np.allclose(frame.scores[:, 2 * 61 + 7], said, rtol=1e-14)


def test_every_counts_from_the_first_epoch() -> None:
    model = MLP(2, [1], rng=0)
    recorder = recorder_of(model, every=3)
    train(recorder, model, 8)
    assert [frame.epoch for frame in recorder.frames] == [1, 4, 7]
    assert len(recorder.curves["loss"]) == 8


def test_by_default_it_keeps_at_most_120_frames_evenly_spread() -> None:
    model = MLP(3, [1], rng=0)
    recorder = Recorder(model, [[1.0, 2.0, 3.0]], [1.0])
    for _ in range(1000):
        recorder(0.5)
    assert [frame.epoch for frame in recorder.frames] == list(range(1, 1001, 16))


def test_fit_calls_it_after_each_epoch() -> None:
    X, y = moons(40, noise=0.1, rng=0)
    model = MLP(2, [4, 1], activation="tanh", rng=0)
    recorder = Recorder(model, X, y)
    history = fit(model, X, y, loss="hinge", epochs=5, validation=0.25, callbacks=[recorder], progress=False, rng=0)
    assert recorder.curves == {"loss": history.loss, "validation loss": history.validation_loss}
    assert [frame.epoch for frame in recorder.frames] == [1, 2, 3, 4, 5]
    assert recorder.frames[-1].parameters.tolist() == [p.data for p in model.parameters()]
    assert np.abs(recorder.frames[-1].gradient).max() > 0.0


def test_a_model_is_asked_as_a_whole_in_every_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    model = MLP(2, [3, 1], rng=0)
    recorder = recorder_of(model)
    recorder(1.0)
    monkeypatch.setattr(MLP, "__call__", lambda self, x: asked.append(x))
    recorder(1.0)
    recorder(1.0)
    assert asked == []


class Branching(Module):
    """A model that cannot be compiled: it looks at the number."""

    def __init__(self) -> None:
        self.slope = Value(2.0)

    def __call__(self, x: Any) -> Value:
        factor = int(x[0].data > 0.0) if isinstance(x[0], Value) else int(x[0] > 0.0)
        return self.slope * x[0] * factor


def test_a_model_that_cannot_be_compiled_is_asked_point_by_point() -> None:
    recorder = Recorder(Branching(), [[-1.0], [1.0]], [0.0, 1.0])
    recorder(0.0)
    scores = recorder.frames[0].scores
    assert scores is not None
    assert scores[0].tolist() == [2.0 * max(x, 0.0) for x in recorder.axes[0].tolist()]


@pytest.mark.parametrize(
    ("model", "X", "y", "error", "message"),
    [
        ("net", [[1.0]], [1.0], TypeError, "takes a Module, got str 'net'"),
        (MLP(1, [1]), [1.0], [1.0], ValueError, r"shapes \(1,\) and \(1,\)"),
        (MLP(1, [1]), [[1.0]], [1.0, 2.0], ValueError, r"shapes \(1, 1\) and \(2,\)"),
        (MLP(1, [1]), np.empty((0, 1)), [], ValueError, "m ≥ 1"),
        (MLP(1, [1]), [[float("nan")]], [1.0], ValueError, "`X` is finite"),
        (MLP(1, [1]), [[1.0]], [float("inf")], ValueError, "`y` is finite"),
    ],
)
def test_what_does_not_fit_is_refused(model: Any, X: Any, y: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Recorder(model, X, y)

"""animate: a page that plays a training, decision boundary, loss curve and net side by side, with a slider."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn import Layer

from ..pages.pages import Page, asset, page
from ..picture.labels import counted, shown
from .recorder import Array, Recorder

SCRIPTS = ("animation/plane.js", "animation/curves.js", "animation/net.js", "animation/animation.js")
STYLES = ("animation/animation.css",)
MOST_POINTS = 500  # of the examples, on the page


def animate(recorder: Recorder) -> Page:
    """Return a page that plays the frames of a `recorder`: decision boundary, loss, and gradients in the net.

    For a net of one input its curve replaces the boundary; for one of more than two there is neither. Raises
    TypeError for what is no Recorder, ValueError for one without frames.

    >>> from nn import MLP
    >>> model = MLP(2, [1], rng=0)
    >>> recorder = Recorder(model, [[0.0, 1.0], [1.0, 0.0]], [-1, 1])
    >>> recorder(0.5)
    >>> animate(recorder)
    <Page: Training of MLP: 1 epoch, 1 frame. Write it with `.save("page.html")`>
    """
    if not isinstance(recorder, Recorder):
        raise TypeError(f"`animate` takes a Recorder, got {type(recorder).__name__} {recorder!r:.60}")
    if not recorder.frames:
        raise ValueError("the recorder has seen no epoch: give it to `nn.fit(…, callbacks=[recorder])`, or call it")
    epochs, frames = len(recorder.curves["loss"]), len(recorder.frames)
    title = f"Training of {type(recorder.model).__name__}: {counted(epochs, 'epoch')}, {counted(frames, 'frame')}"
    body = asset("animation/animation.html")
    return page(title, _data(recorder), body=body, scripts=SCRIPTS, styles=STYLES, height=720)


def _data(recorder: Recorder) -> dict[str, Any]:
    """Return the data of the page: the net, the examples, and the numbers of each frame, in base64."""
    gradients = np.array([frame.gradient for frame in recorder.frames])
    finite = np.abs(gradients[np.isfinite(gradients)])
    return {
        "epochs": [frame.epoch for frame in recorder.frames],
        "curves": {name: [_number(x) for x in xs] for name, xs in recorder.curves.items()},
        "top": float(finite.max(initial=0.0)),
        "net": _net(recorder),
        "plane": _plane(recorder),
        "frames": [
            {"w": _packed(frame.parameters, "<f4"), "g": _packed(frame.gradient, "<f4")} for frame in recorder.frames
        ],
    }


def _net(recorder: Recorder) -> list[dict[str, Any]]:
    """Return each layer: its path and, for each neuron, the indices of its weights and its bias in the parameters."""
    model = recorder.model
    index = {id(p): i for i, p in enumerate(model.parameters())}
    layers = [(path, layer) for path, layer in model.named_modules() if isinstance(layer, Layer)]
    return [
        {
            "path": shown(path),
            "neurons": [{"w": [index[id(w)] for w in n.w], "b": index[id(n.b)]} for n in layer.neurons],
        }
        for path, layer in layers
    ]


def _plane(recorder: Recorder) -> dict[str, Any] | None:
    """Return the examples and the grid, with the outputs on it in each frame; None for more than two inputs."""
    if not recorder.axes:
        return None
    chosen = np.unique(np.linspace(0, len(recorder.X) - 1, min(len(recorder.X), MOST_POINTS)).astype(int))
    scores = np.array([frame.scores for frame in recorder.frames])
    axes = [[float(axis[0]), float(axis[-1]), len(axis)] for axis in recorder.axes]
    plane = {"axes": axes, "points": recorder.X[chosen].tolist(), "outputs": scores.shape[1]}
    if len(axes) == 1:
        targets = np.asarray(recorder.y, float).reshape(len(recorder.y), -1)[chosen].T
        return {**plane, "targets": targets.tolist(), "scores": [_packed(frame, "<f4") for frame in scores]}
    kinds, level = classes(recorder.y, scores.shape[1])
    levels = _quantized(scores - (level if recorder.border is None else recorder.border))
    return {**plane, "kinds": kinds[chosen].tolist(), "scores": [_packed(frame, "i1") for frame in levels]}


def classes(y: NDArray[Any], outputs: int) -> tuple[NDArray[np.int_], float]:
    """Return the class of each example, and the decision threshold of a single output.

    Of several outputs the largest is the class, in the order of the sorted labels; y may be one-hot. A single output is
    positive in the second of two classes. Other numbers are split at their mean.

    >>> classes(np.array([-1, 1, -1]), 1), classes(np.array(["b", "a"]), 2)
    ((array([0, 1, 0]), 0.0), (array([1, 0]), 0.0))
    """
    if y.ndim == 2 and y.shape[1] > 1:
        return np.argmax(y, axis=1), 0.0
    labels, index = np.unique(y.ravel(), return_inverse=True)
    if outputs > 1 or len(labels) <= 2:
        one_sided = len(labels) == 1 and outputs == 1 and labels.dtype.kind in "biuf" and labels[0] > 0
        return index + int(one_sided), 0.0
    middle = float(np.mean(y.astype(float)))
    return (y.ravel().astype(float) > middle).astype(int), middle


def _quantized(scores: Array) -> NDArray[np.int8]:
    """Return scores, (frames, outputs, points), as integers from -127 to 127; those of several outputs are centred."""
    with np.errstate(invalid="ignore", over="ignore"):
        centred = scores if scores.shape[1] == 1 else scores - scores.mean(axis=1, keepdims=True)
        size = np.median(np.abs(centred[np.isfinite(centred)])) if np.isfinite(centred).any() else 0.0
        shade = np.nan_to_num(127.0 * np.tanh(centred / (2.0 * size or 1.0)))
    return np.where(shade > 0.0, np.ceil(shade), np.floor(shade)).astype(np.int8)


def _packed(numbers: NDArray[Any], kind: str) -> str:
    with np.errstate(over="ignore"):
        return base64.b64encode(np.ascontiguousarray(numbers.astype(kind)).tobytes()).decode()


def _number(x: float) -> float | str:
    """Return x for JSON, which has neither nan nor inf: these as strings."""
    return x if np.isfinite(x) else repr(float(x))

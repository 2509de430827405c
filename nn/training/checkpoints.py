"""Checkpoints: a training in a file, written every few epochs, from which `nn.fit` resumes with the same bits."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from autodiff import files
from autodiff.arrays import Floats

from ..checks.numbers import positive
from ..saving import safetensors
from ..saving.model import TRAINING, describe_or_none, named
from ..saving.model import read as read_model
from ..saving.safetensors import CheckpointError
from ..values import read
from .fingerprint import difference, fingerprint
from .history import CURVES
from .state import Training

DOUBLE = 8  # bytes


class Checkpoints:
    """A callback of a training that writes it to `path` after each `every` epochs and when it ends.

    >>> from nn import MLP, fit
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path, X, y = Path(folder) / "half.safetensors", [[0.0], [1.0]], [1.0, 3.0]
    ...     half, whole = MLP(1, [1], rng=0), MLP(1, [1], rng=0)
    ...     _ = fit(half, X, y, epochs=50, checkpoint=path, progress=False)
    ...     _ = fit(half, X, y, epochs=100, checkpoint=path, progress=False)
    ...     _ = fit(whole, X, y, epochs=100, progress=False)
    >>> half([0.5]).data == whole([0.5]).data
    True
    """

    def __init__(self, path: str | os.PathLike[str], every: int, epochs: int) -> None:
        self.path, self.every, self.epochs = Path(path), every, epochs
        self.asked: dict[str, str] = {}  # the fingerprint of the training
        if not self.path.parent.is_dir():
            raise FileNotFoundError(f"`checkpoint` is a file in a folder that exists, got {os.fspath(path)!r}")

    def read(self) -> Snapshot | None:
        """Return the training in the file, None if there is no file. Raises CheckpointError.

        >>> Checkpoints("nothing.safetensors", 1, 1).read() is None
        True
        """
        if not self.path.exists():
            return None
        tensors, about = read_model(self.path)
        with named(self.path):
            arrays = {_captured_name(name): array for name, array in tensors.items()}
            try:
                numbers = _decoded(about.get("training"))
            except RecursionError:
                raise CheckpointError("the training is nested too deeply") from None
            if not isinstance(numbers, dict):
                raise CheckpointError("it holds a model, but no training to go on from; remove it or take another path")
            numbers["history"] = {name: arrays.pop(f"history.{name}", np.empty(0)).tolist() for name in CURVES}
            return Snapshot(arrays, numbers | {"model": about.get("model")})

    def resume(self, training: Training, snapshot: Snapshot | None) -> str:
        """Become a callback of `training`, restore `snapshot` in it, and return the reason why it had ended, or "".

        Raises OSError if there is no room for the file, CheckpointError if it would be too large.
        Raises CheckpointError, with the training as it was, if the snapshot is damaged or of another training.
        """
        training.callbacks.append(self)
        self.asked = fingerprint(training)  # before callbacks change the learning rate
        curves = len(CURVES) * DOUBLE * self.epochs  # which grow
        files.rehearse(self.path, len(_packed(training, self.asked)) + curves)
        if snapshot is None:
            return ""
        before = capture(training)
        with named(self.path):
            if snapshot.numbers["model"] != describe_or_none(training.model):
                raise CheckpointError("it is of a training of another model")
            stored = snapshot.numbers.get("asked")
            if not isinstance(stored, dict):
                raise CheckpointError(
                    "it does not say what its training was asked to do; remove it or take another path"
                )
            if other := difference(stored, self.asked):
                raise CheckpointError(f"it is of another training: {other}")
            try:
                restore(training, *snapshot)
            except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
                restore(training, *before)
                raise CheckpointError(f"the training cannot go on from it: {error}") from None
        return str(snapshot.numbers.get("stopped", ""))

    def __call__(self, training: Training) -> None:
        """Write the training if it has ended or `every` epochs have passed."""
        ended = training.history.stopped or training.epoch >= self.epochs
        if ended or training.epoch % self.every == 0:
            files.write(self.path, _packed(training, self.asked))


class Snapshot(NamedTuple):
    """The state of a training after an epoch: arrays by name, and data that JSON can hold."""

    arrays: dict[str, Floats]
    numbers: dict[str, Any]

    @property
    def seed(self) -> int | None:
        """The seed that drew the validation rows.

        >>> Snapshot({}, {"seed": 3}).seed
        3
        """
        seed = self.numbers.get("seed")
        return seed if type(seed) is int else None


def capture(training: Training) -> Snapshot:
    """Return all that the next epoch of a training depends on."""
    arrays = {f"model.{name}": array for name, array in training.model.state().items()}
    arrays |= {f"optimizer.{name}": array for name, array in training.optimizer.state().items()}
    if training.schedule is not None:  # which sets another rate at every step
        arrays["optimizer.lr"] = np.array(training.lr)
    best, stopping = training.stopping.state()
    arrays |= {f"stopping.{name}": array for name, array in best.items()}
    numbers = {
        "step": training.step,
        "lr": training.lr,  # before a callback changed it
        "seed": training.seed,
        "rng": _plain(training.rng.bit_generator.state),
        "optimizer": type(training.optimizer).__name__,
        "history": {name: list(getattr(training.history, name)) for name in CURVES},
        "stopping": stopping,
    }
    return Snapshot(arrays, numbers)


def restore(training: Training, arrays: Mapping[str, Floats], numbers: Mapping[str, Any]) -> None:
    """Set a training of the same model, data and options to the state that `capture` returned.

    Raises ValueError for another optimizer or other validation rows, and for names and shapes that do not fit.
    """
    if numbers["optimizer"] != type(training.optimizer).__name__:
        raise ValueError(f"the training was one by {numbers['optimizer']}, not by {type(training.optimizer).__name__}")
    if numbers["seed"] != training.seed:
        raise ValueError("the training held out other rows: give `prepare` the `seed` that was captured")
    parts: dict[str, dict[str, Floats]] = {"model": {}, "optimizer": {}, "stopping": {}}
    for name, array in arrays.items():
        part, _, rest = name.partition(".")
        parts[part][rest] = array
    shapes = {name: array.shape for name, array in training.optimizer.blank(len(training.theta)).items()}
    for name, array in [*parts["optimizer"].items(), *parts["stopping"].items()]:
        wanted = training.theta.shape if name in parts["stopping"] else shapes.get(name, array.shape)
        if array.shape != wanted:
            raise ValueError(f"`{name}` has the shape {array.shape}, and that of the training is {wanted}")
    lr, before = positive(numbers["lr"], "lr"), training.model.state()
    training.model.load_state(parts["model"])
    try:
        training.optimizer.load_state(parts["optimizer"])
    except (TypeError, ValueError):
        training.model.load_state(before)
        raise
    training.optimizer.bind(training.parameters)
    training.stopping.load_state(parts["stopping"], dict(numbers["stopping"]))
    training.rng.bit_generator.state = numbers["rng"]
    for name in CURVES:
        setattr(training.history, name, list(numbers["history"][name]))
    training.step, training.lr = int(numbers["step"]), lr
    np.copyto(training.theta, read(training.parameters))


def _plain(state: Any) -> Any:
    """Return the state of a bit generator with lists in place of arrays."""
    if isinstance(state, dict):
        return {name: _plain(part) for name, part in state.items()}
    return state.tolist() if isinstance(state, np.ndarray) else state


def _packed(training: Training, asked: Mapping[str, str]) -> bytes:
    """Return the bytes of a file: the curves of the history as tensors, beside those of the model and the training."""
    arrays, numbers = capture(training)
    arrays |= {f"history.{name}": np.array(curve) for name, curve in numbers.pop("history").items()}
    numbers |= {"stopped": training.history.stopped, "asked": asked}
    tensors = {_stored_name(name): array for name, array in arrays.items()}
    return safetensors.pack(tensors, {"model": describe_or_none(training.model), "training": _encoded(numbers)})


def _stored_name(name: str) -> str:
    part, _, rest = name.partition(".")
    return rest if part == "model" else f"{TRAINING}{name}"


def _captured_name(name: str) -> str:
    return name.removeprefix(TRAINING) if name.startswith(TRAINING) else f"model.{name}"


def _encoded(item: Any) -> Any:
    """Return plain data with numbers that JSON lacks, inf and nan, as {"float": "inf"}."""
    if isinstance(item, Mapping):
        return {name: _encoded(part) for name, part in item.items()}
    if isinstance(item, (list, tuple)):
        return [_encoded(part) for part in item]
    return {"float": repr(item)} if isinstance(item, float) and not math.isfinite(item) else item


def _decoded(item: Any) -> Any:
    if isinstance(item, dict):
        text = item.get("float")
        return float(text) if text in ("inf", "-inf", "nan") else {name: _decoded(part) for name, part in item.items()}
    return [_decoded(part) for part in item] if isinstance(item, list) else item

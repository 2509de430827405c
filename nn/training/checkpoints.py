"""Checkpoints of a training: written while it runs; one that was killed goes on as if it had never stopped."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff import files

from ..checks.numbers import size
from ..saving import safetensors
from ..saving.model import TRAINING, describe_or_none, named, read
from ..saving.safetensors import CheckpointError
from .fingerprint import difference, fingerprint
from .history import CURVES
from .snapshot import capture, restore
from .state import Training

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Snapshot:
    """What a training depends on after an epoch, as `capture` gives it, and whether it had ended by itself."""

    arrays: dict[str, Floats]
    numbers: dict[str, Any]
    about: dict[str, Any]

    @property
    def seed(self) -> int | None:
        """The seed by which validation rows were drawn.

        >>> Snapshot({}, {"seed": 3}, {}).seed
        3
        """
        seed = self.numbers.get("seed")
        return seed if type(seed) is int else None


class Checkpoints:
    """A callback of `nn.fit` that writes the training to `path` after each `every` epochs and when it ends.

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
        self.path, self.every, self.epochs = Path(path), size(every, "every"), epochs
        self.asked: dict[str, str] = {}
        if not self.path.parent.is_dir():
            raise FileNotFoundError(f"`checkpoint` is a file in a folder that exists, got {os.fspath(path)!r}")

    def snapshot(self) -> Snapshot | None:
        """Return what the file holds, None where there is none. Raises CheckpointError.

        >>> Checkpoints("nothing.safetensors", 1, 1).snapshot() is None
        True
        """
        if not self.path.exists():
            return None
        tensors, about = read(self.path)
        with named(self.path):
            arrays = {_captured_name(name): array for name, array in tensors.items()}
            try:
                numbers = _decoded(about.get("training"))
            except RecursionError:
                raise CheckpointError("the training is nested too deeply") from None
            if not isinstance(numbers, dict):
                raise CheckpointError("it holds a model, but no training to go on from; remove it or take another path")
            numbers["history"] = {name: arrays.pop(f"history.{name}", np.empty(0)).tolist() for name in CURVES}
            return Snapshot(arrays, numbers, about)

    def begin(self, training: Training, snapshot: Snapshot | None) -> str:
        """Go on from `snapshot`, if there is one, and return why the training had ended, "" if it had not.

        Raises CheckpointError, with the training as it was, for what does not fit.
        """
        self.asked = fingerprint(training)  # before callbacks change the learning rate
        if snapshot is None:
            return ""
        arrays, numbers = capture(training)
        with named(self.path):
            if snapshot.about.get("model") != describe_or_none(training.model):
                raise CheckpointError("it is of a training of another model")
            stored = snapshot.numbers.get("asked")
            if not isinstance(stored, dict):
                raise CheckpointError(
                    "it does not say what its training was asked to do; remove it or take another path"
                )
            if other := difference(stored, self.asked):
                raise CheckpointError(f"it is of another training: {other}")
            try:
                restore(training, snapshot.arrays, snapshot.numbers)
            except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
                restore(training, arrays, numbers)
                raise CheckpointError(f"the training cannot go on from it: {error}") from None
        return str(snapshot.numbers.get("stopped", ""))

    def __call__(self, training: Training) -> None:
        """Write the training, if it is time to."""
        ended = training.history.stopped or training.epoch >= self.epochs
        if ended or training.epoch % self.every == 0:
            files.write(self.path, _packed(training, self.asked))


def _packed(training: Training, asked: Mapping[str, str]) -> bytes:
    arrays, numbers = capture(training)
    arrays |= {f"history.{name}": np.array(numbers["history"][name]) for name in CURVES}
    numbers = {name: part for name, part in numbers.items() if name != "history"}
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

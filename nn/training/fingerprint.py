"""Fingerprints of trainings: digests of data and options, so that no training resumes from another's checkpoint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any

import numpy as np

from autodiff.arrays import Floats

from .state import Training

PLAIN = (bool, int, float, str, tuple, type(None))
STATE = {"parameters", "steps", "memory"}  # attributes of an optimizer that change while it trains


def fingerprint(training: Training) -> dict[str, str]:
    """Return, as texts by name, all that must be equal for a training to resume from a checkpoint.

    >>> from nn import MLP, Adam, fit
    >>> found = []
    >>> def look(training):
    ...     found.append(fingerprint(training))
    >>> _ = fit(MLP(1, [1]), [[1.0]], [2.0], loss="mae", epochs=1, callbacks=[look], progress=False)
    >>> found[0]["loss"], found[0]["clip"]
    ('mae', 'None')
    """
    paths = {id(value): path for path, value in training.model.named_parameters()}
    held = training.computation.validate
    return {
        "data or batch size": digest(repr(training.batches.counts), training.batches.arrays),
        "validation": "none" if held is None else digest("", held.arrays),
        "choice of parameters": digest(repr([paths.get(id(value)) for value in training.parameters])),
        "loss": _function(training.task.loss),
        "penalty": repr([_object(penalty) for penalty, _ in training.penalties.parts]),
        "optimizer": _object(training.optimizer),
        "clip": "None" if training.clip is None else _function(training.clip),
    }


def difference(stored: Mapping[str, Any], asked: Mapping[str, str]) -> str:
    """Return the first difference between two fingerprints, in words, or "".

    >>> difference({"loss": "mse"}, {"loss": "mae"})
    'its loss was mse, and now is mae'
    """
    for name, text in asked.items():
        if stored.get(name) != text:
            return f"its {name} was {stored.get(name)!s:.120}, and now is {text:.120}"
    return ""


def digest(text: str, arrays: Iterable[Floats] = ()) -> str:
    """Return a digest of a text and of arrays with their shapes.

    >>> digest("", [np.zeros(2)]) == digest("", [np.zeros((2, 1))])
    False
    """
    found = blake2b(text.encode(), digest_size=16)
    for array in arrays:
        found.update(repr(array.shape).encode() + np.ascontiguousarray(array).tobytes())
    return found.hexdigest()


def _object(thing: Any) -> str:
    options = sorted((name, option) for name, option in vars(thing).items() if name not in STATE and name[0] != "_")
    shown = ", ".join(f"{name}={option!r}" for name, option in options if isinstance(option, PLAIN))
    return f"{type(thing).__name__}({shown})"


def _function(f: Any) -> str:
    """Return the name of a function with the plain data in its closure, such as the limit of a clip."""
    name = getattr(f, "__name__", type(f).__name__)
    closed = [cell.cell_contents for cell in getattr(f, "__closure__", None) or ()]
    shown = ", ".join(repr(part) for part in closed if isinstance(part, PLAIN))
    return f"{name}({shown})" if shown else name

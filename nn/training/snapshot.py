"""Snapshots of a training: everything that the next epoch depends on, as arrays and as data that JSON can hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..checks.numbers import positive
from ..values import read
from .history import CURVES
from .state import Training

Floats = NDArray[np.float64]


def capture(training: Training) -> tuple[dict[str, Floats], dict[str, Any]]:
    """Return all that the next epoch depends on, as arrays by name and as data that JSON can hold."""
    arrays = {f"model.{name}": array for name, array in training.model.state().items()}
    arrays |= {f"optimizer.{name}": array for name, array in training.optimizer.state().items()}
    if training.schedule is not None:  # which makes another of it at every step
        arrays["optimizer.lr"] = np.array(training.lr)
    best, stopping = training.stopping.state()
    arrays |= {f"stopping.{name}": array for name, array in best.items()}
    return arrays, {
        "step": training.step,
        "lr": training.lr,  # before a callback made another of it
        "seed": training.seed,
        "rng": _plain(training.rng.bit_generator.state),
        "optimizer": type(training.optimizer).__name__,
        "history": {name: list(getattr(training.history, name)) for name in CURVES},
        "stopping": stopping,
    }


def restore(training: Training, arrays: Mapping[str, Floats], numbers: Mapping[str, Any]) -> None:
    """Go on from what `capture` returned, in a training of the same model, data and options.

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

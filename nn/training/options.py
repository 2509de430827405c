"""Options: the keyword arguments of `nn.fit` as one frozen record, checked."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from ..checks.numbers import nonnegative, positive, size
from ..checks.seeds import generator
from ..losses.penalties import Penalty, penalties
from ..losses.registry import Loss, loss_named
from ..optimizers import clipping
from ..optimizers.base import Optimizer
from ..optimizers.clipping import Clip
from ..optimizers.lbfgs import LBFGS
from ..optimizers.registry import resolve
from ..optimizers.schedules import Factor
from .engines.choice import ENGINES


@dataclass(frozen=True)
class Options:
    """The keyword arguments of `nn.fit`, which documents them: names are resolved, one or several made a tuple.

    `validation`, `frozen` and the weights are as they were given: they are checked with the data and the model.
    """

    loss: Loss
    optimizer: Optimizer
    epochs: int
    batch_size: int | None
    shuffle: bool
    validation: Any
    callbacks: tuple[Callable[[Any], Any], ...]
    engine: str
    rng: np.random.Generator
    frozen: Any
    sample_weight: Any
    class_weight: Any
    penalty: tuple[Penalty, ...]
    clip: Clip | None
    schedule: Factor | None
    tolerance: float | None
    patience: int | None
    keep_best: bool
    checkpoint: str | os.PathLike[str] | None
    every: int
    progress: bool

    @classmethod
    def checked(cls, arguments: Mapping[str, Any]) -> Options:
        """Return the record of these arguments of `nn.fit`, by name; others, such as `model`, are passed over.

        Raises TypeError or ValueError that names the argument.

        >>> import inspect
        >>> from nn import fit
        >>> defaults = {name: p.default for name, p in inspect.signature(fit).parameters.items()}
        >>> Options.checked(defaults).optimizer
        Adam(lr=0.001, after 0 steps)
        """
        return cls(
            **{
                f.name: CHECKS[f.name](arguments[f.name]) if f.name in CHECKS else arguments[f.name]
                for f in fields(cls)
            }
        )

    def __post_init__(self) -> None:
        if isinstance(self.optimizer, LBFGS):
            if not (self.batch_size is None and self.schedule is None and self.clip is None):
                raise ValueError("`LBFGS` takes whole steps of its own: no `batch_size`, `schedule` or `clip`")
            if self.checkpoint is not None:
                raise ValueError("`LBFGS` keeps no memory to go on from: no `checkpoint` with it")


def _optional(check: Callable[..., Any], name: str) -> Callable[[Any], Any]:
    return lambda x: None if x is None else check(x, name)


def _engine(name: Any) -> Any:
    if name not in ENGINES:
        raise ValueError(f"`engine` is one of {', '.join(ENGINES)}, got {name!r}")
    return name


def _clip(clip: Any) -> Any:
    return clipping.by_norm(positive(clip, "clip")) if isinstance(clip, (int, float)) else _function(clip, "clip")


def _functions(several: Any) -> tuple[Any, ...]:
    if not isinstance(several, Iterable):
        raise TypeError(f"`callbacks` is a list of functions, got {type(several).__name__} {several!r:.60}")
    return tuple(_function(f, "callbacks") for f in several)


def _function(f: Any, name: str) -> Any:
    if f is not None and not callable(f):
        raise TypeError(f"`{name}` takes functions, got {type(f).__name__} {f!r:.60}")
    return f


CHECKS: dict[str, Callable[[Any], Any]] = {
    "loss": loss_named,
    "optimizer": resolve,
    "epochs": lambda n: size(n, "epochs", least=0),
    "batch_size": _optional(size, "batch_size"),
    "callbacks": _functions,
    "engine": _engine,
    "rng": generator,
    "penalty": penalties,
    "clip": _clip,
    "schedule": lambda f: _function(f, "schedule"),
    "tolerance": _optional(nonnegative, "tolerance"),
    "patience": _optional(size, "patience"),
    "keep_best": bool,
    "every": lambda n: size(n, "every"),
}

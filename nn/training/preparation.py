"""prepare: everything that a training needs, checked and put together before anything is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..checks.numbers import positive, size
from ..checks.seeds import generator
from ..losses.penalties import Penalties, penalties
from ..losses.registry import loss_named
from ..modules.modes import Modes
from ..modules.module import Module
from ..optimizers import clipping
from ..optimizers.lbfgs import LBFGS
from ..optimizers.registry import resolve
from . import selection
from .data.task import Task
from .engines.choice import ENGINES, computation
from .state import Training
from .stopping import Stopping


def prepare(
    model: Module,
    X: Any,
    Y: Any,
    *,
    loss: Any,
    optimizer: Any,
    batch_size: int | None,
    shuffle: bool,
    validation: Any,
    callbacks: Sequence[Callable[[Any], Any]],
    engine: str,
    rng: Any,
    frozen: Any,
    sample_weight: Any,
    class_weight: Any,
    penalty: Any,
    clip: Any,
    schedule: Any,
    tolerance: float | None,
    patience: int | None,
    keep_best: bool,
    seed: int | None = None,
) -> Training:
    """Return the Training that `nn.fit` runs; the arguments are those of `nn.fit`, which documents them.

    `seed` draws the validation rows, `rng` where there is none. A snapshot holds the seed of its training.

    >>> import inspect
    >>> from nn import MLP, fit
    >>> own = inspect.signature(prepare).parameters
    >>> usual = {name: p.default for name, p in inspect.signature(fit).parameters.items() if p.kind is p.KEYWORD_ONLY}
    >>> usual = {name: default for name, default in usual.items() if name in own}
    >>> prepare(MLP(1, [1]), [[1.0], [2.0]], [3.0, 4.0], **usual).run(2).stopped
    'all epochs done'
    """
    if engine not in ENGINES:
        raise ValueError(f"`engine` is one of {', '.join(ENGINES)}, got {engine!r}")
    draw = generator(rng)
    task = Task.read(model, loss_named(loss), X, Y, sample_weight=sample_weight, class_weight=class_weight)
    held = task.others(validation, model) if isinstance(validation, (tuple, list)) else None
    stopping = Stopping(tolerance=tolerance, patience=patience, keep_best=keep_best)
    costs, clip, factor = penalties(penalty), _clip(clip), _function(schedule, "schedule")
    calls = _functions(callbacks, "callbacks")
    batch = size(len(task.X) if batch_size is None else batch_size, "batch_size")
    rule = resolve(optimizer)
    if isinstance(rule, LBFGS) and not (batch_size is None and factor is None and clip is None):
        raise ValueError("`LBFGS` takes whole steps of its own: no `batch_size`, `schedule` or `clip`")
    parameters, paths = selection.trained(model, rule, frozen)
    if held is None and validation is not None:
        seed = int(draw.integers(2**53)) if seed is None else seed
        task, held = task.split(validation, seed)
    modes = Modes(model)
    return Training(
        model,
        task,
        modes,
        parameters,
        computation(task, modes, parameters, choice=engine, size=batch, shuffle=shuffle, held=held),
        rule,
        draw,
        stopping,
        Penalties(costs, paths),
        schedule=factor,
        clip=clip,
        callbacks=calls,
        seed=seed,
    )


def _clip(clip: Any) -> Any:
    return clipping.by_norm(positive(clip, "clip")) if isinstance(clip, (int, float)) else _function(clip, "clip")


def _functions(several: Any, name: str) -> tuple[Any, ...]:
    if not isinstance(several, Iterable):
        raise TypeError(f"`{name}` is a list of functions, got {type(several).__name__} {several!r:.60}")
    return tuple(_function(f, name) for f in several)


def _function(f: Any, name: str) -> Any:
    if f is not None and not callable(f):
        raise TypeError(f"`{name}` takes functions, got {type(f).__name__} {f!r:.60}")
    return f

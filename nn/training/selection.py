"""Selection of the parameters to train: those of the optimizer, or all that are not frozen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from autodiff import Value

from ..modules.module import Module, arrays_of
from ..optimizers.base import Optimizer


def trained(model: Module, optimizer: Optimizer, frozen: Any = ()) -> tuple[list[Value], list[str]]:
    """Return the parameters to train and their paths: those of the optimizer, or if it has none all not `frozen`.

    `frozen` are Values, Modules, paths of parameters or Modules, and names in `model.state()`. Raises ValueError for
    an unknown path, for Values and Modules of another model, for an optimizer of other parameters, and if all are
    frozen.

    >>> from nn import MLP, SGD
    >>> _, paths = trained(MLP(1, [1, 1]), SGD(), ["layers.0"])
    >>> paths
    ['layers.1.neurons.0.w.0', 'layers.1.neurons.0.b']
    """
    named = list(model.named_parameters())
    if not named:
        raise ValueError(f"the model, a {type(model).__name__}, has no parameters: are they attributes of a Module?")
    still = {id(v) for v in _frozen(model, named, frozen)}
    paths = {id(v): path for path, v in named}
    if optimizer.parameters is None:
        chosen = [v for _, v in named if id(v) not in still]
        if not chosen:
            raise ValueError("all parameters are frozen: there is nothing to train")
        _check_model(optimizer.fitted or chosen, paths)
        return chosen, [paths[id(v)] for v in chosen]
    own = optimizer.parameters
    both = [paths.get(id(v), "?") for v in own if id(v) in still]
    if both:
        raise ValueError(f"the optimizer moves frozen parameters: {str(both)[:80]}. Make it without parameters")
    _check_model(own, paths)
    return list(own), [paths.get(id(v), "") for v in own]


def _check_model(moved: list[Value], paths: dict[int, str]) -> None:
    if not any(id(v) in paths for v in moved):
        raise ValueError("the optimizer has none of the model's parameters: was it made for another model?")


def _frozen(model: Module, named: list[tuple[str, Value]], frozen: Any) -> Iterator[Value]:
    if isinstance(frozen, (str, Value, Module)) or not isinstance(frozen, Iterable):
        frozen = [frozen]
    for item in frozen:
        if isinstance(item, str):
            found = [v for path, v in named if path == item or path.startswith(f"{item}.")]
            found = found or [v for name, values in arrays_of(model) if name == item for v in values.ravel().tolist()]
            if not found:
                raise ValueError(f"`frozen` has the path {item!r}, but there is no such parameter, nor one below it")
            yield from found
        elif isinstance(item, (Module, Value)):
            yield from _own(named, item)
        else:
            raise TypeError(f"`frozen` has paths, Values and Modules, got {type(item).__name__} {item!r:.60}")


def _own(named: list[tuple[str, Value]], item: Module | Value) -> list[Value]:
    found = item.parameters() if isinstance(item, Module) else [item]
    known = {id(v) for _, v in named}
    if any(id(v) not in known for v in found):
        raise ValueError(
            f"`frozen` has what is not of the model: {item!r:.60}. Pass parts of the model, or their paths"
        )
    return found

"""The table of optimizers: update rules by name, as `nn.fit` takes them."""

from __future__ import annotations

from typing import Any

from .adam import Adam, AdamW
from .adaptive import Adagrad, RMSprop
from .base import Optimizer
from .lbfgs import LBFGS
from .sgd import SGD

NAMED: dict[str, type[Optimizer]] = {
    rule.__name__.lower(): rule for rule in (SGD, Adam, AdamW, RMSprop, Adagrad, LBFGS)
}


def resolve(choice: Any) -> Any:
    """Return the optimizer that `choice` names, with its defaults; an Optimizer is returned as it is.

    Raises ValueError for an unknown name, TypeError for anything else.

    >>> resolve("adam")
    Adam(lr=0.001, after 0 steps)
    """
    if isinstance(choice, str):
        if choice.lower() not in NAMED:
            raise ValueError(f"`optimizer` is one of {', '.join(NAMED)}, or an Optimizer, got {choice!r}")
        return NAMED[choice.lower()]()
    if isinstance(choice, type) and issubclass(choice, Optimizer):
        return choice()
    if not isinstance(choice, Optimizer):
        raise TypeError(f"`optimizer` is a name or an Optimizer, got {type(choice).__name__} {choice!r:.60}")
    return choice

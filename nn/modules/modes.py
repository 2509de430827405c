"""Modes: training and evaluation of all modules in a model that depend on the mode, switched together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .dropout import Dropout
from .module import Module, switch


class Modes:
    """The modules of a model that may read `training`: Dropout, and modules of the user's own classes.

    >>> from nn import MLP, Dropout
    >>> Modes(MLP(2, [1])).matter, Modes(Dropout(0.5)).matter
    (False, True)
    """

    def __init__(self, model: Module) -> None:
        library = __name__.partition(".")[0]
        every = [part for _, part in model.named_modules()]
        self.parts = [p for p in every if isinstance(p, Dropout) or type(p).__module__.partition(".")[0] != library]
        self.matter = bool(self.parts)

    @contextmanager
    def set(self, training: bool) -> Iterator[None]:
        """Switch to training or to evaluation inside the block.

        >>> from nn import Dropout
        >>> drop = Dropout(0.5)
        >>> with Modes(drop).set(True):
        ...     drop.training
        True
        >>> drop.training
        False
        """
        before = [vars(part).get("training") for part in self.parts]
        try:
            for part in self.parts:
                switch(part, training or None)
            yield
        finally:
            for part, mode in zip(self.parts, before, strict=True):
                switch(part, mode)

"""Modes: training and evaluation of all modules in a model that depend on the mode, switched together."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from autodiff.contexts import Block

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

    def set(self, training: bool) -> Block:
        """Return a context manager that switches to training, or to evaluation, inside the block.

        >>> from nn import Dropout
        >>> drop = Dropout(0.5)
        >>> with Modes(drop).set(True):
        ...     drop.training
        True
        >>> drop.training
        False
        """
        return Block(self._set, training)

    def _set(self, training: bool) -> Generator[None]:
        before = [vars(part).get("training") for part in self.parts]
        try:
            for part in self.parts:
                switch(part, training or None)
            yield
        finally:
            try:
                self._restore(before)
            except KeyboardInterrupt:  # it may be torn halfway, and be done again
                self._restore(before)
                raise

    def _restore(self, modes: list[Any]) -> None:
        for part, mode in zip(self.parts, modes, strict=True):
            switch(part, mode)

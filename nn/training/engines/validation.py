"""Validation: the loss and accuracy of rows that are not trained on, after each epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autodiff.arrays import Floats

from ...modules.modes import Modes
from .engine import Engine


@dataclass
class Validation:
    """The validation rows and the engine that measures them, with the model switched to evaluation."""

    engine: Engine
    arrays: Sequence[Floats]
    modes: Modes

    def refresh(self) -> None:
        """Read again what is not trained or is captured."""
        with self.modes.set(False):
            self.engine.refresh()

    def __call__(self, theta: Floats) -> tuple[float, ...]:
        """Return the loss at the parameters theta and, for classes, the accuracy."""
        with self.modes.set(False):
            found = self.engine.value(theta, self.arrays)
        return found if isinstance(found, tuple) else (found,)

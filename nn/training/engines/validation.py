"""Validation rows: measured after each epoch, and not trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...modules.modes import Modes
from .engine import Engine, Floats


@dataclass
class Validation:
    """Measures rows that are not trained on, with an engine."""

    engine: Engine
    arrays: Sequence[Floats]
    modes: Modes

    def refresh(self) -> None:
        """Look again at what is not trained and at what is captured."""
        with self.modes.set(False):
            self.engine.refresh()

    def __call__(self, theta: Floats) -> tuple[float, ...]:
        """Return the loss with the parameters theta and, of classes, the accuracy."""
        with self.modes.set(False):
            found = self.engine.value(theta, self.arrays)
        return found if isinstance(found, tuple) else (found,)

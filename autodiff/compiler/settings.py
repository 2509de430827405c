"""Settings: the options of `compile`, and the protocol of engines, by which every backend runs a program."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from ..arrays import Floats
from .batch.inputs import Table
from .batch.reduction import Mask

BACKENDS = ("auto", "eager", "numpy", "interpreter", "native")


class Settings(NamedTuple):
    """How a function is compiled; `compile` documents each."""

    backend: str = "auto"
    fastmath: bool = False
    threads: int = 1
    verify: int = 0
    paths: int = 16


class Engine(Protocol):
    """A program that can be run for many rows."""

    def rows(self, theta: Floats, table: Table) -> tuple[Floats, Mask | None]:
        """Return the outputs, shape (outputs, rows), and a mask of the rows that pass the guards, None for all."""

    def sums(self, theta: Floats, table: Table, divisor: int = 1) -> tuple[Floats, Mask | None]:
        """Return the sums of outputs over the rows that pass the guards, divided, and a mask of these, None for all."""

"""Settings: the options of `compile`, and the protocol by which every backend runs a program."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from ..arrays import Floats
from .batch.inputs import Inputs
from .batch.reduction import Mask

BACKENDS = ("auto", "eager", "numpy", "interpreter", "native", "rolled")


class Settings(NamedTuple):
    """How a function is compiled; `compile` documents each."""

    backend: str = "auto"
    fastmath: bool = False
    threads: int = 1
    verify: int = 0
    paths: int = 256
    instructions: int = 20_000_000


class Executable(Protocol):
    """A program that can be run for many rows."""

    def rows(self, theta: Floats, table: Inputs) -> tuple[Floats, Mask | None]:
        """Return the outputs, shape (outputs, rows), and which rows take the branches of the program, None for all."""

    def row(self, theta: Floats, inputs: Floats) -> Floats | None:
        """Return the outputs of one row, given by its inputs; None if it takes other branches than the program."""

    def sums(self, theta: Floats, table: Inputs, divisor: int = 1) -> tuple[Floats, Mask | None]:
        """Return sums of outputs over the rows that take the branches, divided, and which these are, None for all."""

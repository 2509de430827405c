"""What runs programs: the settings of a compiled function, and the backend that they choose."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from . import jit
from .interpreter import Interpreter
from .program import Program
from .reduction import LANES, Floats
from .straight import Straight
from .table import Table
from .vectorized import Mask, Vectorized

BACKENDS = ("auto", "eager", "numpy", "interpreter", "native")
LARGEST = 20_000  # instructions up to which straight-line code is worth its compilation
HOT = 20_000  # blocks of rows after which it is


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
        """Return the outputs, shape (outputs, rows), and which rows take the branches of the program, None for all."""

    def sums(self, theta: Floats, table: Table) -> tuple[Floats, Mask | None]:
        """Return the sums of the outputs over the rows that take the branches, and which these are, None for all."""


class Adaptive:
    """A program on the interpreter until it is hot, then in straight-line code."""

    def __init__(self, program: Program, settings: Settings) -> None:
        self.program, self.settings, self.blocks = program, settings, 0
        self.engine: Engine = Interpreter(program, settings.threads)

    def rows(self, theta: Floats, table: Table) -> tuple[Floats, Any]:
        """Evaluate rows."""
        return self._promoted(table).rows(theta, table)

    def sums(self, theta: Floats, table: Table) -> tuple[Floats, Any]:
        """Sum over rows."""
        return self._promoted(table).sums(theta, table)

    def _promoted(self, table: Table) -> Engine:
        if self.blocks <= HOT:
            self.blocks += -(-table.rows // LANES)
            if self.blocks > HOT and len(self.program.instructions) <= LARGEST:
                self.engine = Straight(self.program, self.settings.threads)
        return self.engine


def engine(program: Program, settings: Settings) -> Engine:
    """Return what runs `program`."""
    choice = settings.backend
    if choice == "auto" and not jit.available():
        choice = "numpy"
    if choice == "numpy":
        return Vectorized(program)
    if choice == "native" or settings.fastmath:
        return Straight(program, settings.threads, fastmath=settings.fastmath)
    return Interpreter(program, settings.threads) if choice == "interpreter" else Adaptive(program, settings)

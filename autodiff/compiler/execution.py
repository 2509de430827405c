"""What runs programs: the settings of a compiled function, and the backend that they choose."""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple, Protocol

from . import jit
from .interpreter import Interpreter
from .loops.engine import Looped, repetitions
from .program import Program
from .reduction import LANES, Floats
from .straight import Straight
from .table import Table
from .vectorized import Mask, Vectorized

BACKENDS = ("auto", "eager", "numpy", "interpreter", "native")
LARGEST = 20_000  # instructions up to which straight-line code is worth its compilation
HOT = 20_000  # blocks of rows after which it is
LEAST = 500  # instructions from which on loops are looked for
ALONE = 10_000  # instructions from which on loops are worth it for a single row


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

    def sums(self, theta: Floats, table: Table, divisor: int = 1) -> tuple[Floats, Mask | None]:
        """Return sums of outputs over the rows that take the branches, divided, and which these are, None for all."""


class Adaptive:
    """A program in loops where it has some; else on the interpreter until it is hot, then in straight-line code."""

    def __init__(self, program: Program, settings: Settings) -> None:
        self.program, self.settings, self.blocks = program, settings, 0

    def rows(self, theta: Floats, table: Table) -> tuple[Floats, Any]:
        """Evaluate rows."""
        return self._chosen(table).rows(theta, table)

    def sums(self, theta: Floats, table: Table, divisor: int = 1) -> tuple[Floats, Any]:
        """Sum over rows."""
        return self._chosen(table).sums(theta, table, divisor)

    def _chosen(self, table: Table) -> Engine:
        if self._loops is not None and (table.rows > 1 or len(self.program.codes) >= ALONE):
            return self._loops
        if self.blocks <= HOT:
            self.blocks += -(-table.rows // LANES)
        return self._straight if self.blocks > HOT and len(self.program.codes) <= LARGEST else self._interpreter

    @cached_property
    def _loops(self) -> Looped | None:
        return looped(self.program, self.settings)

    @cached_property
    def _interpreter(self) -> Engine:
        return Interpreter(self.program, self.settings.threads)

    @cached_property
    def _straight(self) -> Engine:
        return Straight(self.program, self.settings.threads)


def looped(program: Program, settings: Settings) -> Looped | None:
    """Return the program in loops, None if it is too small or has too many shapes for them."""
    found = repetitions(program) if len(program.codes) >= LEAST else None
    return Looped(program, settings.threads, fastmath=settings.fastmath, found=found) if found else None


def engine(program: Program, settings: Settings) -> Engine:
    """Return what runs `program`."""
    choice = settings.backend
    if choice == "auto" and not jit.available():
        choice = "numpy"
    if choice == "numpy":
        return Vectorized(program)
    if choice == "interpreter":
        return Interpreter(program, settings.threads)
    if choice == "native" or settings.fastmath:
        return looped(program, settings) or Straight(program, settings.threads, fastmath=settings.fastmath)
    return Adaptive(program, settings)

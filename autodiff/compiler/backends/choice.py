"""The choice of a backend: the engine that runs a program under the settings of its function."""

from __future__ import annotations

from typing import Any

from ...arrays import Floats
from ...locks import once
from .. import tuning
from ..batch.inputs import Inputs
from ..batch.reduction import LANES
from ..llvm import jit
from ..loops.backend import Looped, looped
from ..program.program import Program
from ..settings import Executable, Settings
from .interpreter import Interpreter
from .numpy import Vectorized
from .straight import Straight


class Adaptive:
    """A program in loops where it has some; else on the interpreter until it is hot, then in straight-line code."""

    def __init__(self, program: Program, settings: Settings) -> None:
        self.program, self.settings, self.blocks = program, settings, 0

    def rows(self, theta: Floats, table: Inputs) -> tuple[Floats, Any]:
        """Evaluate rows."""
        return self._chosen(table.rows).rows(theta, table)

    def row(self, theta: Floats, inputs: Floats) -> Floats | None:
        """Evaluate one row."""
        return self._chosen(1).row(theta, inputs)

    def sums(self, theta: Floats, table: Inputs, divisor: int = 1) -> tuple[Floats, Any]:
        """Sum over rows."""
        return self._chosen(table.rows).sums(theta, table, divisor)

    def _chosen(self, rows: int) -> Executable:
        if self._loops is not None and (rows > 1 or len(self.program.codes) >= tuning.LOOPS_ALONE):
            return self._loops
        if self.blocks <= tuning.HOT:
            self.blocks += -(-rows // LANES)
        hot = self.blocks > tuning.HOT and len(self.program.codes) <= tuning.STRAIGHT
        return self._straight if hot else self._interpreter

    @once
    def _loops(self) -> Looped | None:
        return looped(self.program, self.settings)

    @once
    def _interpreter(self) -> Executable:
        return Interpreter(self.program, self.settings.threads)

    @once
    def _straight(self) -> Executable:
        return Straight(self.program, self.settings.threads)


def engine(program: Program, settings: Settings) -> Executable:
    """Return the engine that runs `program`."""
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

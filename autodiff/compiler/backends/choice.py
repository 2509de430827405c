"""The choice of a backend: the engine that runs a program under the settings of its function.

Loops in time are taken before loops in space are looked for where the program is sequential, as its depth tells: the
search for packs would only find that out after every level. Else they are taken where there are no loops in space.
"""

from __future__ import annotations

from typing import Any

from ...arrays import Floats
from ...locks import once
from .. import tuning
from ..batch.inputs import Inputs
from ..batch.reduction import LANES
from ..llvm import jit
from ..loops.backend import Looped, looped
from ..periods.dependences import Dependences
from ..periods.gate import periodic, sequential
from ..periods.search import runs
from ..program.program import Program
from ..settings import Executable, Settings
from .interpreter import Interpreter
from .numpy import Vectorized
from .rolled import Rolled
from .straight import Straight


class Adaptive:
    """A program in loops, in time or in space, where it has some; else on the interpreter, straight-line if hot."""

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
        if self._rolled is not None:
            return self._rolled
        if self._loops is not None and (rows > 1 or len(self.program.codes) >= tuning.LOOPS_ALONE):
            return self._loops
        if self.blocks <= tuning.HOT:
            self.blocks += -(-rows // LANES)
        hot = self.blocks > tuning.HOT and len(self.program.codes) <= tuning.STRAIGHT
        return self._straight if hot else self._interpreter

    @once
    def _rolled(self) -> Rolled | None:
        found = periodic(self.program)
        if found is None or not (sequential(found) or self._loops is None):
            return None
        return Rolled(self.program, found, self.settings.threads)

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
    if choice == "rolled":
        return rolled(program, settings)
    if choice == "native" or settings.fastmath:
        return _native(program, settings)
    return Adaptive(program, settings)


def _native(program: Program, settings: Settings) -> Executable:
    threads, fastmath = settings.threads, settings.fastmath
    found = periodic(program)
    loops = None if found and sequential(found) else looped(program, settings)
    if loops is None and found:
        return Rolled(program, found, threads, fastmath=fastmath)
    return loops or Straight(program, threads, fastmath=fastmath)


def rolled(program: Program, settings: Settings) -> Rolled:
    """Return the engine of the loops in time of a program. Raises ValueError if it has none."""
    found = Dependences(program, runs(program))
    if not found.runs:
        raise ValueError(
            f'backend="rolled" runs what repeats in time, and of the {len(program.codes):,} instructions of this '
            'program no stretch does; use backend="auto"'
        )
    return Rolled(program, found, settings.threads, fastmath=settings.fastmath)

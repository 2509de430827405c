"""The NumPy backend: groups of instructions as array operations over rows, 4 ulp a primitive from floats."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...arrays import Floats
from ...arrays import numpy as m
from .. import tuning
from ..batch.inputs import Inputs
from ..batch.reduction import Mask, divided, total
from ..program.operations import evaluate
from ..program.program import Program
from ..program.schedule import schedule


class Vectorized:
    """A program that NumPy evaluates, some rows at a time."""

    def __init__(self, program: Program) -> None:
        self.program, self.schedule = program, schedule(program)

    def rows(self, theta: Floats, table: Inputs) -> tuple[Floats, Mask | None]:
        """Return the outputs, shape (outputs, rows), and which rows take the branches of the program, None for all."""
        inputs, n = table.matrix(), table.rows
        outputs, taken = np.empty((len(self.schedule.outputs), n)), np.empty(n, bool)
        step = max(1, tuning.BATCH // max(1, self.program.slots))
        for start in range(0, n, step):
            part = slice(start, start + step)
            work = self._work(theta, inputs[:, part])
            outputs[:, part] = work[self.schedule.outputs]
            taken[part] = ((work[self.schedule.guards] != 0.0) == self.schedule.truths[:, None]).all(axis=0)
        return outputs, None if taken.all() else taken

    def row(self, theta: Floats, inputs: Floats) -> Floats | None:
        """Return the outputs of one row, given by its inputs; None if it takes other branches than the program."""
        outputs, taken = self.rows(theta, Inputs.of_arrays([inputs[None]], 1))
        return outputs[:, 0] if taken is None else None

    def sums(self, theta: Floats, table: Inputs, divisor: int = 1) -> tuple[Floats, Mask | None]:
        """Return sums of outputs over the rows that take the branches, divided, and which these are, None for all."""
        outputs, taken = self.rows(theta, table)
        return divided(total(outputs if taken is None else np.where(taken, outputs, 0.0)), divisor), taken

    def _work(self, theta: Floats, inputs: Floats) -> Floats:
        program = self.program
        work: Any = np.empty((program.slots, inputs.shape[1]))
        work[: program.parameters] = theta[:, None]
        work[program.parameters : program.parameters + program.inputs] = inputs
        work[program.first - len(program.constants) : program.first] = np.array(program.constants)[:, None]
        with np.errstate(all="ignore"):
            for operation, out, operands in self.schedule.groups:
                work[out : out + operands.shape[1]] = evaluate(operation, m, [work[slots] for slots in operands])
        return work  # type: ignore[no-any-return]

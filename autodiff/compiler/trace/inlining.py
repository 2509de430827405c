"""Inlining: the operations of a program replaced by their rules, written out in elementary functions."""

from __future__ import annotations

from ..program.program import Program
from .builder import Builder


def expanded(program: Program) -> Program:
    """Return a program of elementary functions alone, each rule written out as it reads under symbols.

    >>> from autodiff import compile, relu
    >>> print(expanded(compile(lambda x: relu(x)).program(2.0)))
    program: 0 parameters, 1 inputs, 6 instructions
      t0 = gt(x0, 0.0)
      t1 = lt(x0, 0.0)
      t2 = eq(x0, 0.0)
      t3 = where(t2, 0.0, nan)
      t4 = where(t1, 0.0, t3)
      t5 = where(t0, x0, t4)
      return t5
    """
    builder = Builder(program.parameters, program.inputs)
    slots = list(range(program.parameters + program.inputs))
    slots += [builder.constant(x) for x in program.constants]
    fixed = [False] * (program.parameters + program.inputs) + [True] * len(program.constants)
    for operation, operands in program.instructions:
        slot, known = builder.rule(operation, [slots[o] for o in operands], [fixed[o] for o in operands])
        slots.append(slot)
        fixed.append(known)
    return builder.build([slots[o] for o in program.outputs], [(slots[g], truth) for g, truth in program.guards])

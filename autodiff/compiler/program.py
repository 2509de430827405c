"""Program: a function as flat instructions over numbered slots, without names, branches or derivatives.

Slots are numbered through: parameters, inputs, constants, then one for each instruction. A gradient is more
instructions of the same kind: whatever evaluates a program needs to know values only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .operations import OPERATORS, evaluate

Instruction = tuple[str, tuple[int, ...]]


@dataclass(frozen=True)
class Program:
    """Instructions (operation, slots of its operands) with their inputs, constants, results and guards.

    A guard (slot, truth) is a branch that was taken: the results hold where that slot is non-zero just as told.
    """

    parameters: int
    inputs: int
    constants: tuple[float, ...]
    instructions: tuple[Instruction, ...]
    outputs: tuple[int, ...]
    guards: tuple[tuple[int, bool], ...] = ()

    @property
    def first(self) -> int:
        """The slot of the first instruction."""
        return self.parameters + self.inputs + len(self.constants)

    @property
    def slots(self) -> int:
        """The number of slots."""
        return self.first + len(self.instructions)

    def only(self, outputs: int) -> Program:
        """Return the program of the first outputs alone."""
        items: list[Any] = [*self.constants, *self.instructions]
        return pruned(self.parameters, self.inputs, items, self.outputs[:outputs], self.guards)

    def replay(self, m: Any, parameters: Sequence[Any], inputs: Sequence[Any]) -> list[Any]:
        """Return every slot's number under the arithmetic m."""
        work = [*parameters, *inputs, *map(m.lift, self.constants)]
        for operation, operands in self.instructions:
            work.append(evaluate(operation, m, [work[i] for i in operands]))
        return work

    def name(self, slot: int) -> str:
        """Return what `print` calls a slot."""
        if slot < self.parameters:
            return f"p{slot}"
        slot -= self.parameters
        if slot < self.inputs:
            return f"x{slot}"
        slot -= self.inputs
        return repr(self.constants[slot]) if slot < len(self.constants) else f"t{slot - len(self.constants)}"

    def lines(self) -> Iterator[str]:
        """Yield the text that `print` shows."""
        yield f"program: {self.parameters} parameters, {self.inputs} inputs, {len(self.instructions)} instructions"
        for i, (operation, operands) in enumerate(self.instructions):
            names = [self.name(o) for o in operands]
            call = f"{operation}({', '.join(names)})"
            yield f"  t{i} = {OPERATORS[operation].format(*names) if operation in OPERATORS else call}"
        for slot, truth in self.guards:
            yield f"  guard {self.name(slot)} is {'' if truth else 'not '}true"
        yield f"  return {', '.join(map(self.name, self.outputs))}"

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def source(self, language: str) -> str:
        """Return a standalone function that computes the outputs, in "python" or "c"."""
        from .source import source

        return source(self, language)


def pruned(
    parameters: int,
    inputs: int,
    items: Sequence[Instruction | float],
    outputs: Sequence[int],
    guards: Sequence[tuple[int, bool]],
) -> Program:
    """Return the program of what `outputs` and `guards` need of `items`, constants and instructions numbered anew.

    An item's slot is its place after parameters and inputs, and its operands come before it.
    """
    base = parameters + inputs
    needed = bytearray(base + len(items))
    for slot in (*outputs, *(slot for slot, _ in guards)):
        needed[slot] = 1
    constants: list[float] = []
    instructions: list[Any] = []
    slots: list[int] = []  # of the instructions, last first, then of the constants
    fixed: list[int] = []
    slot = base + len(items)
    for item in reversed(items):
        slot -= 1
        if needed[slot]:
            if type(item) is float:
                constants.append(item)
                fixed.append(slot)
            else:
                instructions.append(item)
                slots.append(slot)
                for o in item[1]:  # type: ignore[index]
                    needed[o] = 1
    place = [*range(base), *[-1] * len(items)]
    for new, old in enumerate((*reversed(fixed), *reversed(slots)), base):
        place[old] = new
    return Program(
        parameters,
        inputs,
        tuple(reversed(constants)),
        tuple([(operation, tuple([place[o] for o in operands])) for operation, operands in reversed(instructions)]),
        tuple([place[o] for o in outputs]),
        tuple([(place[o], truth) for o, truth in guards]),
    )

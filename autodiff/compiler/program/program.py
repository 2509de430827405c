"""Program: a function as flat instructions over numbered slots, without names, branches or derivatives.

Slots are numbered through: parameters, inputs, constants, then one for each instruction. A gradient is more
instructions of the same kind: whatever evaluates a program needs to know values only. Instructions are kept in
columns, so that a million of them are a few arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from struct import pack
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...locks import once
from .operations import OPERATORS, evaluate

Instruction = tuple[str, tuple[int, ...]]
Slots = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Program:
    """Instructions in order, with their inputs, constants, results and guards.

    Instruction i is `operations[codes[i]]`, which takes `arities[codes[i]]` operands; `operands` are the slots of all
    operands, one instruction after the other. A guard (slot, truth) is a branch that was taken: the results hold only
    if (slot != 0.0) == truth.
    """

    writers: ClassVar[dict[str, Callable[..., str]]] = {}  # of `explain` and `source`, filled above

    parameters: int
    inputs: int
    constants: tuple[float, ...]
    operations: tuple[str, ...]
    arities: tuple[int, ...]
    codes: Slots
    operands: Slots
    outputs: tuple[int, ...]
    guards: tuple[tuple[int, bool], ...] = ()

    def __post_init__(self) -> None:
        self.codes.flags.writeable = self.operands.flags.writeable = False

    @property
    def first(self) -> int:
        """The slot of the first instruction."""
        return self.parameters + self.inputs + len(self.constants)

    @property
    def slots(self) -> int:
        """The number of slots."""
        return self.first + len(self.codes)

    @once
    def starts(self) -> NDArray[np.int64]:
        """The index in `operands` of the first operand of each instruction, and at the end their number."""
        found = np.concatenate([[0], np.cumsum(self._counts, dtype=np.int64)])
        found.flags.writeable = False
        return found

    @once
    def columns(self) -> Slots:
        """The operands as an array of shape (operands, instructions): -1 where an instruction has fewer."""
        counts = self._counts
        found = np.full((max(self.arities, default=1), len(self.codes)), -1, np.int32)
        for k in range(len(found)):
            found[k, counts > k] = self.operands[self.starts[:-1][counts > k] + k]
        found.flags.writeable = False
        return found

    @property
    def _counts(self) -> NDArray[np.int32]:
        return np.array(self.arities, np.int32)[self.codes]

    @once
    def instructions(self) -> list[Instruction]:
        """The instructions one by one: the operation and the slots of its operands."""
        operands, starts = self.operands.tolist(), self.starts.tolist()
        return [
            (self.operations[code], tuple(operands[starts[i] : starts[i + 1]]))
            for i, code in enumerate(self.codes.tolist())
        ]

    def only(self, outputs: int) -> Program:
        """Return the program of the first outputs alone."""
        codes = np.concatenate([np.zeros(len(self.constants), np.int32), self.codes + 1])
        columns = Columns(("", *self.operations), (0, *self.arities), codes, self.operands, self.constants)
        return pruned(columns, self.parameters, self.inputs, self.outputs[:outputs], self.guards)

    def replay(self, m: Any, parameters: Sequence[Any], inputs: Sequence[Any]) -> list[Any]:
        """Return every slot's number under the arithmetic m."""
        work = [*parameters, *inputs, *map(m.lift, self.constants)]
        for operation, operands in self.instructions:
            work.append(evaluate(operation, m, [work[i] for i in operands]))
        return work

    def name(self, slot: int) -> str:
        """Return the name of a slot in the printed program."""
        if slot < self.parameters:
            return f"p{slot}"
        slot -= self.parameters
        if slot < self.inputs:
            return f"x{slot}"
        slot -= self.inputs
        return repr(self.constants[slot]) if slot < len(self.constants) else f"t{slot - len(self.constants)}"

    def lines(self) -> Iterator[str]:
        """Yield the text that `print` shows."""
        yield f"program: {self.parameters} parameters, {self.inputs} inputs, {len(self.codes)} instructions"
        for i, (operation, operands) in enumerate(self.instructions):
            names = [self.name(o) for o in operands]
            call = f"{operation}({', '.join(names)})"
            yield f"  t{i} = {OPERATORS[operation].format(*names) if operation in OPERATORS else call}"
        for slot, truth in self.guards:
            yield f"  guard {self.name(slot)} is {'' if truth else 'not '}true"
        yield f"  return {', '.join(map(self.name, self.outputs))}"

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def explain(self) -> str:
        """Return a report of the packs that were found in the program, which run in loops, and of the rest.

        >>> from autodiff import Value, compile, dot
        >>> w = [[Value(0.1 * i - 0.05 * j) for i in range(30)] for j in range(20)]
        >>> f = compile(lambda x: sum(dot(row, x) ** 2 for row in w))
        >>> print(f.program([1.0] * 30).explain())  # doctest: +ELLIPSIS
        1,840 instructions: 5 groups, 99 % of the operations in loops
               20 × dot(30)                   64%  loops
              600 × product                   33%  outer product
        ...
        """
        return self.writers["explain"](self)

    def source(self, language: str) -> str:
        """Return a standalone function that computes the outputs, in "python" or "c"."""
        return self.writers["source"](self, language)


class Columns(NamedTuple):
    """Items of a program before pruning: constants, which have the code 0, and instructions, mixed."""

    operations: Sequence[str]
    arities: Sequence[int]
    codes: Slots
    operands: Slots
    numbers: Sequence[float]


def slots_of(numbers: list[int]) -> Slots:
    """Return numbers as an array."""
    return np.frombuffer(pack(f"{len(numbers)}i", *numbers), np.int32)  # a quarter of the time of np.array


def pruned(
    items: Columns, parameters: int, inputs: int, outputs: Sequence[int], guards: Sequence[tuple[int, bool]]
) -> Program:
    """Return the program of all items that `outputs` and `guards` need, constants and instructions numbered anew.

    The slots of items follow those of parameters and inputs, and the operands of an item come before it.
    """
    base, arities = parameters + inputs, np.array(items.arities, np.int32)
    counts = arities[items.codes]
    kept = _needed(counts, items.operands, base, [*outputs, *(slot for slot, _ in guards)])
    fixed = items.codes == 0
    constants, instructions = np.flatnonzero(kept & fixed), np.flatnonzero(kept & ~fixed)
    place = np.arange(base + len(kept), dtype=np.int32)
    place[base + np.concatenate([constants, instructions])] = np.arange(base, base + len(constants) + len(instructions))
    chosen = items.codes[instructions]
    used = np.flatnonzero(np.bincount(chosen, minlength=len(arities)))
    renamed = np.zeros(len(arities), np.int32)
    renamed[used] = np.arange(len(used))
    return Program(
        parameters,
        inputs,
        tuple(np.array(items.numbers)[kept[fixed]].tolist()),
        tuple([items.operations[code] for code in used.tolist()]),
        tuple(arities[used].tolist()),
        renamed[chosen],
        place[items.operands[np.repeat(kept, counts)]],
        tuple(place[list(outputs)].tolist()),
        tuple([(int(place[slot]), truth) for slot, truth in guards]),
    )


def _needed(counts: Slots, operands: Slots, base: int, roots: Sequence[int]) -> NDArray[np.bool_]:
    """Return a mask of the items that `roots` depend on, where item i has counts[i] operands.

    Most items are needed: uses are counted, and from each item without one the counts of its operands are lowered.
    """
    ends = np.cumsum(counts)
    last = max(roots, default=0) + 1 - base  # later items are not needed
    size = int(ends[last - 1]) if last > 0 else 0
    uses = np.bincount(operands[:size], minlength=base + len(counts))
    uses[list(roots)] += 1
    uses[base + max(last, 0) :] = 0
    idle = np.flatnonzero((uses[base:] == 0) & (counts > 0))
    idle = idle[idle < last].tolist()
    while idle:
        i = idle.pop()
        for operand in operands[ends[i] - counts[i] : ends[i]].tolist():
            uses[operand] -= 1
            if uses[operand] == 0 and operand >= base and counts[operand - base]:
                idle.append(operand - base)
    return uses[base:] > 0

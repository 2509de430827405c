"""Simplification: what composed transforms leave in a program and changes no bit goes: 1·x, -(-x), 0 + x, repetitions.

A transform of a transform multiplies by the 1.0 with which a sweep starts, adds to the 0.0 with which an adjoint
starts, and reads the same rule once for each direction. Every rewrite here is exact by IEEE 754, whatever the operands
are, ±0, inf and nan included; 0.0 + x is x but for x = -0.0, and goes where `signs` finds that this cannot show.
"""

from __future__ import annotations

from collections.abc import Set
from struct import pack

from .program import Columns, Program, pruned, slots_of
from .signs import idle_sums


def simplified(program: Program) -> Program:
    """Return a program with the same results to the last bit, without the instructions that change none.

    >>> from autodiff import compile, grad
    >>> print(compile(grad(lambda x: x * x * x)).program(2.0))
    program: 0 parameters, 1 inputs, 3 instructions
      t0 = x0 * x0
      t1 = t0 + t0
      t2 = t1 + t0
      return t2
    """
    program = _rewritten(program, frozenset())
    return _rewritten(program, idle_sums(program))


def _rewritten(program: Program, idle: Set[int]) -> Program:
    """Return a program rewritten once, with the other term in place of the sums with 0.0 that are `idle`."""
    simplifier = Simplifier(program, idle)
    items, alias = simplifier.simplified(), simplifier.alias
    return pruned(
        items,
        program.parameters,
        program.inputs,
        [alias[slot] for slot in program.outputs],
        [(alias[slot], truth) for slot, truth in program.guards],
    )


class Simplifier:
    """The items of a program rewritten one after the other; `alias` has for each slot the slot that takes its place."""

    def __init__(self, program: Program, idle: Set[int]) -> None:
        self.items, self.base, self.idle = program.items(), program.parameters + program.inputs, idle
        self.operations, self.arities = [*self.items.operations], [*self.items.arities]
        self.alias = list(range(program.slots))
        self.codes: list[int] = []
        self.operands: list[int] = []
        self._numbers: dict[int, float] = {}  # of constants by slot
        self._same: dict[int, int] = {}  # of constants, the first slot with these bits
        self._negated: dict[int, int] = {}  # of negations, the slot that is negated
        self._known: dict[tuple[int, ...], int] = {}

    def code(self, operation: str) -> int:
        """Return the code of an operation, a new one if no instruction has it yet."""
        if operation not in self.operations:
            self.operations.append(operation)
            self.arities.append(1 if operation == "neg" else 2)
        return self.operations.index(operation)

    def simplified(self) -> Columns:
        """Return the items rewritten: as many as before, of which nothing needs those that have an alias."""
        alias, operands, start = self.alias, self.items.operands.tolist(), 0
        first: dict[bytes, int] = {}
        names, numbers = self.operations, iter(self.items.numbers)
        neg, add, sub = self.code("neg"), self.code("add"), self.code("sub")
        renamed = {"neg": neg, "add": add, "sub": sub}
        for slot, code in enumerate(self.items.codes.tolist(), self.base):
            if code == 0:
                self._numbers[slot] = x = next(numbers)
                self._same[slot] = first.setdefault(pack("d", x), slot)
                self.codes.append(0)
                continue
            end = start + self.arities[code]
            given = [alias[o] for o in operands[start:end]]
            start = end
            name, given = self._rewritten(names[code], given, slot in self.idle)
            if name:
                code = renamed.get(name, code)
                self._place(slot, code, name, given)
            else:
                alias[slot] = given[0]
            self.codes.append(code)
            self.operands += given if name else given * self.arities[code]
        return Columns(names, self.arities, slots_of(self.codes), slots_of(self.operands), self.items.numbers)

    def _place(self, slot: int, code: int, name: str, given: list[int]) -> None:
        """Note an instruction, or find the one that has computed the same before."""
        names = [self._same.get(o, o) for o in given]
        if name in ("add", "mul"):
            names.sort()
        found = self._known.setdefault((code, *names), slot)
        self.alias[slot] = found
        if name == "neg" and found == slot:
            self._negated[slot] = given[0]

    def _rewritten(self, name: str, given: list[int], idle: bool) -> tuple[str, list[int]]:
        """Return an instruction as another with the same result; "" and a slot, if that has the result."""
        rule = RULES.get(name)
        return rule(self, given, idle) if rule else (name, given)

    def _sum(self, given: list[int], idle: bool) -> tuple[str, list[int]]:
        x, y = given
        for zero, other in ((x, y), (y, x)):
            if self._is(zero, -0.0) or (idle and self._is(zero, 0.0)):
                return "", [other]
        if y in self._negated and not self._is(x, 0.0):  # which `signs` may find idle
            return "sub", [x, self._negated[y]]
        if x in self._negated and not self._is(y, 0.0):
            return "sub", [y, self._negated[x]]
        return "add", given

    def _difference(self, given: list[int], idle: bool) -> tuple[str, list[int]]:
        x, y = given
        if self._is(y, 0.0):
            return "", [x]
        return self._sum([x, self._negated[y]], False) if y in self._negated else ("sub", given)

    def _product(self, given: list[int], idle: bool) -> tuple[str, list[int]]:
        x, y = given
        for factor, other in ((x, y), (y, x)):
            if self._numbers.get(factor) in (1.0, -1.0):
                return ("", [other]) if self._numbers[factor] == 1.0 else self._negation([other], idle)
        return "mul", self._both_positive(x, y)

    def _quotient(self, given: list[int], idle: bool) -> tuple[str, list[int]]:
        x, y = given
        if self._numbers.get(y) in (1.0, -1.0):
            return ("", [x]) if self._numbers[y] == 1.0 else self._negation([x], idle)
        return "div", self._both_positive(x, y)

    def _negation(self, given: list[int], idle: bool) -> tuple[str, list[int]]:
        return ("", [self._negated[given[0]]]) if given[0] in self._negated else ("neg", given)

    def _choice(self, given: list[int], idle: bool) -> tuple[str, list[int]]:
        return ("", [given[1]]) if given[1] == given[2] else ("where", given)

    def _both_positive(self, x: int, y: int) -> list[int]:
        """Return the operands of a product or quotient of two negations without these."""
        negated = self._negated
        return [negated[x], negated[y]] if x in negated and y in negated else [x, y]

    def _is(self, slot: int, number: float) -> bool:
        """Return whether a slot is a constant of these bits."""
        return slot in self._numbers and pack("d", self._numbers[slot]) == pack("d", number)


RULES = {
    "add": Simplifier._sum,
    "sub": Simplifier._difference,
    "mul": Simplifier._product,
    "div": Simplifier._quotient,
    "neg": Simplifier._negation,
    "where": Simplifier._choice,
}

"""A program under construction, in columns: what an operation stands for is written once and stamped out many times.

Operations on constants alone are done at once, powers of 2, -1 and ½ become the rows that stand for them, and what no
result needs is left out; no other rewrite would keep every bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..arithmetic import ieee
from ..row import PRIMITIVES
from .operations import evaluate
from .program import Columns, Program, pruned
from .recording import CAPTURED, INPUT, LEAF, Record
from .sketch import Sketch, of_partials, of_rule, of_value

CONSTANT = 0  # the code of an item that is a constant


class Template:
    """A sketch in the codes of a builder: of an instruction its code, of one on constants alone its code negated.

    `references` are those of all operands, of items or, below 0, of what is given; `results` those of the results,
    or numbers, or None.
    """

    def __init__(self, builder: Builder, sketch: Sketch, results: list[Any]) -> None:
        self.codes: list[int] = []
        self.references: list[int] = []
        self.numbers: list[float] = []
        self.results = results
        self.plain = True  # instructions alone
        for k, item in enumerate(sketch.items):
            if isinstance(item, float):
                self.codes.append(CONSTANT)
                self.numbers.append(item)
                self.plain = False
                continue
            operation, operands = item
            code = builder.code(operation, len(operands))
            if k in sketch.fixed:
                self.plain = False
                code = -code
            self.codes.append(code)
            self.references.extend(operands)


class Builder:
    """Collects constants and instructions in the order in which they come; a slot is a place in that order."""

    def __init__(self, parameters: int, inputs: int) -> None:
        self.parameters = parameters
        self.inputs = inputs
        self.codes: list[int] = []  # of constants and instructions, by slot
        self.operands: list[int] = []  # of all instructions, one after the other
        self.numbers: dict[int, float] = {}  # the constants by slot
        self.operations: list[str] = [""]  # by code
        self.arities: list[int] = [0]
        self._base = self._next = parameters + inputs
        self._known: dict[tuple[str, int], int] = {}
        self._templates: dict[Any, Template] = {}
        self._add = self.code("add", 2)
        self._mul = self.code("mul", 2)

    def code(self, operation: str, arity: int) -> int:
        """Return the code of an operation of so many operands."""
        key = (operation, arity)
        if key not in self._known:
            self._known[key] = len(self.operations)
            self.operations.append(operation)
            self.arities.append(arity)
        return self._known[key]

    def constant(self, x: float) -> int:
        """Return a slot of its own for a number."""
        slot = self._next
        self._next = slot + 1
        self.numbers[slot] = x
        self.codes.append(CONSTANT)
        return slot

    def values(self, record: Record) -> list[int]:
        """Return the slot of what is at each place of a record, with the instructions that compute it."""
        slots: list[int] = []
        captured, inputs = 0, self.parameters
        for i, op in enumerate(record.ops):
            start, end = record.starts[i], record.starts[i + 1]
            if op == INPUT:
                slots.append(inputs)
                inputs += 1
            elif op == CAPTURED:
                slots.append(captured)
                captured += 1
            elif op == LEAF:
                slots.append(self.constant(record.numbers[-1 - record.operands[start]]))
            else:
                given: list[int] = []
                for k in range(start, end):
                    operand = record.operands[k]
                    given.append(slots[operand] if operand >= 0 else self.constant(record.numbers[-1 - operand]))
                slots.append(self.emit(op, given))
        return slots

    def emit(self, operation: str, given: list[int]) -> int:
        """Return the slot of the result of an operation on slots."""
        fixed = self._fixed(given)
        if fixed is not None and len(given) == 2 and fixed[1]:
            other = PRIMITIVES[operation].constants.get(self.numbers[given[1]])
            if other is not None:
                return self.emit(other, given[:1])
        key = (operation, len(given), fixed)
        template = self._templates.get(key)
        if template is None:
            template = Template(self, *of_value(operation, fixed or (False,) * len(given)))
            self._templates[key] = template
        return self._result(template, given)

    def emit_rule(self, operation: str, given: list[int]) -> int:
        """Return the slot of what the rule of an operation gives, written out in elementary functions."""
        fixed = self._fixed(given)
        template = Template(self, *of_rule(operation, fixed or (False,) * len(given)))
        return self._result(template, given)

    def partials(self, row: str, given: list[int], active: Sequence[bool]) -> list[Any]:
        """Return the partials of a row by its active operands: slots, numbers that they always are, None for others.

        `given` are the slots of the operands, and last that of the value.
        """
        fixed = self._fixed(given)
        every = False not in active
        key = (row, len(given), fixed, None if every else tuple(active), "partials")
        template = self._templates.get(key)
        if template is None:
            template = Template(self, *of_partials(row, fixed or (False,) * len(given), active))
            self._templates[key] = template
        start = self._next
        self._stamp(template, given)
        found: list[Any] = []
        for result in template.results:
            if type(result) is int:
                reference: int = result
                found.append(start + reference if reference >= 0 else given[-1 - reference])
            else:
                found.append(result)
        return found

    def _fixed(self, given: list[int]) -> tuple[bool, ...] | None:
        """Tell which of some slots are constants, None if none is."""
        for slot in given:
            if self._is_constant(slot):
                return tuple([self._is_constant(slot) for slot in given])
        return None

    def _is_constant(self, slot: int) -> bool:
        return slot >= self._base and self.codes[slot - self._base] == CONSTANT

    def _result(self, template: Template, given: list[int]) -> int:
        start = self._next
        self._stamp(template, given)
        reference: int = template.results[0]
        return start + reference if reference >= 0 else given[-1 - reference]

    def _stamp(self, template: Template, given: list[int]) -> None:
        """Add what a template stands for."""
        start = self._next
        if template.plain:
            self.codes.extend(template.codes)
            self._next = start + len(template.codes)
            for reference in template.references:
                self.operands.append(start + reference if reference >= 0 else given[-1 - reference])
            return
        place, constants = 0, 0
        for code in template.codes:
            if code == CONSTANT:
                self.constant(template.numbers[constants])
                constants += 1
                continue
            used: list[int] = []
            for _ in range(self.arities[abs(code)]):
                reference = template.references[place]
                used.append(start + reference if reference >= 0 else given[-1 - reference])
                place += 1
            if code < 0:
                self._fold(-code, used)
            else:
                self.codes.append(code)
                self.operands.extend(used)
                self._next += 1

    def _fold(self, code: int, given: list[int]) -> int:
        """Return the slot of the result of an operation on constants."""
        known = [ieee.lift(self.numbers[slot]) for slot in given]
        return self.constant(float(evaluate(self.operations[code], ieee, known)))

    def times(self, partial: Any, adjoint: Any) -> Any:
        """Return partial · adjoint; numbers that are always the same stay numbers, and 1 and -1 need no product."""
        if type(partial) is int and type(adjoint) is int:
            return self._binary(self._mul, partial, adjoint)
        if type(partial) is float and type(adjoint) is float:
            return partial * adjoint
        number, slot = (partial, adjoint) if type(partial) is float else (adjoint, partial)
        if number == 1.0:
            return slot  # the same bits as the product, as is the negative
        if number == -1.0:
            return self.emit("neg", [slot])
        return self._binary(self._mul, self.kept(partial), self.kept(adjoint))

    def plus(self, x: Any, y: Any) -> int:
        """Return x + y."""
        return self._binary(self._add, self.kept(x), self.kept(y))

    def kept(self, x: Any) -> int:
        """Return the slot x, or one of its own for a number."""
        if type(x) is int:
            slot: int = x
            return slot
        return self.constant(x)

    def _binary(self, code: int, x: int, y: int) -> int:
        if self._is_constant(x) and self._is_constant(y):
            return self._fold(code, [x, y])
        slot = self._next
        self._next = slot + 1
        self.codes.append(code)
        self.operands.append(x)
        self.operands.append(y)
        return slot

    def build(self, outputs: Sequence[int], guards: Sequence[tuple[int, bool]]) -> Program:
        """Return the program of what `outputs` and `guards` need, constants and instructions numbered anew."""
        return pruned(
            Columns(self.operations, self.arities, self.codes, self.operands, list(self.numbers.values())),
            self.parameters,
            self.inputs,
            outputs,
            guards,
        )


def expanded(program: Program) -> Program:
    """Return a program of elementary functions alone, each rule written out as it reads under symbols."""
    builder = Builder(program.parameters, program.inputs)
    slots = list(range(program.parameters + program.inputs))
    slots += [builder.constant(x) for x in program.constants]
    for operation, operands in program.instructions:
        slots.append(builder.emit_rule(operation, [slots[o] for o in operands]))
    return builder.build([slots[o] for o in program.outputs], [(slots[g], truth) for g, truth in program.guards])

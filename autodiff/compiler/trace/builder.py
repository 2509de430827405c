"""The builder of programs: the template of an operation is made once, and then only its uses are listed.

Operations on constants alone are done at once, powers of 2, -1 and ½ become rows of their own, and instructions that
no result needs are left out; no other rewrite would keep every bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...arithmetic import ieee
from ...row import PRIMITIVES
from ..program.operations import evaluate
from ..program.program import Columns, Program, pruned
from .instantiate import CONSTANT, instantiated
from .tape import CAPTURED, INPUT, LEAF, Tape
from .templates import Sketch, of_rule, of_step, of_value


class Template:
    """A sketch in the codes of a builder: the code of each item, and the references of all operands in order.

    A reference is that of an item or, below 0, of a given slot. `results` are references, numbers or None, and `fixed`
    is true for those of constants. `numbers` are the constants among the items, `folds` the operations on constants.
    """

    def __init__(self, index: int, given: int, builder: Builder, sketch: Sketch, results: list[Any]) -> None:
        self.index = index
        self.given = given
        self.codes: list[int] = []
        self.references: list[int] = []
        self.results = results
        self.fixed = [type(result) is int and result in sketch.fixed for result in results]
        self.numbers: list[tuple[int, float]] = []
        self.folds: list[tuple[int, str, tuple[int, ...]]] = []
        for k, item in enumerate(sketch.items):
            self.codes.append(CONSTANT)
            if isinstance(item, float):
                self.numbers.append((k, item))
            elif k in sketch.fixed:
                self.folds.append((k, item[0], item[1]))
            else:
                self.codes[k] = builder.code(item[0], len(item[1]))
                self.references.extend(item[1])
        self.plain = not (self.numbers or self.folds)


class Builder:
    """Lists the uses of templates and the slots given to each; the items of all uses have consecutive slots.

    After `values`, `slots[i]` is the slot of place i of the tape, and `fixed[i]` whether it is a constant.
    """

    def __init__(self, parameters: int, inputs: int) -> None:
        self.parameters = parameters
        self.inputs = inputs
        self.slots: list[int] = []
        self.fixed: list[bool] = []
        self.numbers: dict[int, float] = {}  # the constants by slot
        self.operations: list[str] = [""]  # by code
        self.arities: list[int] = [0]
        self._next = parameters + inputs
        self._codes: dict[tuple[str, int], int] = {}
        self._templates: list[Template] = []
        self._known: dict[Any, Template] = {}
        self._uses: list[int] = []
        self._given: list[int] = []
        number = Sketch(())
        number.constant(0.0)
        self._constant = self._written(None, 0, (number, []))

    def code(self, operation: str, arity: int) -> int:
        """Return the code of an operation of `arity` operands."""
        key = (operation, arity)
        if key not in self._codes:
            self._codes[key] = len(self.operations)
            self.operations.append(operation)
            self.arities.append(arity)
        return self._codes[key]

    def constant(self, x: float) -> int:
        """Return a slot of its own for a number."""
        slot = self._next
        self._next = slot + 1
        self.numbers[slot] = x
        self._uses.append(self._constant.index)
        return slot

    def values(self, tape: Tape) -> None:
        """Add the operations of a tape."""
        captured, inputs = 0, self.parameters
        for i, op in enumerate(tape.ops):
            if op == INPUT:
                self._place(inputs, False)
                inputs += 1
            elif op == CAPTURED:
                self._place(captured, False)
                captured += 1
            elif op == LEAF:
                self._place(self.constant(tape.numbers[-1 - tape.operands[tape.starts[i]]]), True)
            else:
                self._operate(tape, i, op)

    def _operate(self, tape: Tape, place: int, op: str) -> None:
        given: list[int] = []
        fixed, bit = 0, 1
        for k in range(tape.starts[place], tape.starts[place + 1]):
            operand = tape.operands[k]
            if operand >= 0:
                given.append(self.slots[operand])
                if self.fixed[operand]:
                    fixed |= bit
            else:
                given.append(self.constant(tape.numbers[-1 - operand]))
                fixed |= bit
            bit += bit
        if fixed & 2 and len(given) == 2:
            other = PRIMITIVES[op].constants.get(self.numbers[given[1]])
            if other is not None:
                op = other
                given.pop()
                fixed &= 1
        template = self._known.get((op, len(given), fixed))
        if template is None:
            template = self._written((op, len(given), fixed), len(given), of_value(op, bits(fixed, len(given))))
        start = self.use(template, given)
        self._place(self.result(template, 0, start, given), template.fixed[0])

    def _place(self, slot: int, fixed: bool) -> None:
        self.slots.append(slot)
        self.fixed.append(fixed)

    def step(self, op: str, count: int, fixed: int, active: int, seed: str | None, before: tuple[Any, ...]) -> Template:
        """Return the template of a step of the reverse sweep, as `of_step` describes it."""
        key = (op, count, fixed, active, seed, before)
        template = self._known.get(key)
        if template is None:
            total = count + 2 + before.count("slot")
            sketch = of_step(op, bits(fixed, total), bits(active, count), seed, before)
            template = self._written(key, total, sketch)
        return template

    def rule(self, operation: str, given: list[int], fixed: Sequence[bool]) -> tuple[int, bool]:
        """Add the rule of an operation in elementary functions; return its slot, and whether it is a constant."""
        key = ("rule", operation, tuple(fixed))
        template = self._known.get(key)
        if template is None:
            template = self._written(key, len(given), of_rule(operation, fixed))
        start = self.use(template, given)
        return self.result(template, 0, start, given), template.fixed[0]

    def _written(self, key: Any, given: int, sketch: tuple[Sketch, list[Any]]) -> Template:
        template = Template(len(self._templates), given, self, sketch[0], sketch[1])
        self._templates.append(template)
        self._known[key] = template
        return template

    def use(self, template: Template, given: list[int]) -> int:
        """Add the items of a template, and return the slot of the first."""
        start = self._next
        self._next = start + len(template.codes)
        self._uses.append(template.index)
        self._given.extend(given)
        if not template.plain:
            self._evaluate(template, start, given)
        return start

    def _evaluate(self, template: Template, start: int, given: list[int]) -> None:
        """Compute the numbers of the constants in a use of a template."""
        found: dict[int, float] = dict(template.numbers)
        for k, operation, references in template.folds:
            known = [found[r] if r >= 0 else self.numbers[given[-1 - r]] for r in references]
            found[k] = float(evaluate(operation, ieee, [ieee.lift(x) for x in known]))
        for k in sorted(found):
            self.numbers[start + k] = found[k]

    def result(self, template: Template, i: int, start: int, given: list[int]) -> Any:
        """Return result i of a use of a template: a slot, a number if it is constant, or None."""
        found = template.results[i]
        if type(found) is not int:
            return found
        reference: int = found
        return start + reference if reference >= 0 else given[-1 - reference]

    def kept(self, x: Any) -> int:
        """Return the slot x, or one of its own for a number."""
        if type(x) is float:
            return self.constant(x)
        slot: int = x
        return slot

    def build(self, outputs: Sequence[int], guards: Sequence[tuple[int, bool]]) -> Program:
        """Return the program of all that `outputs` and `guards` need, constants and instructions numbered anew."""
        base = self.parameters + self.inputs
        known = self._templates
        items, references, counts = [t.codes for t in known], [t.references for t in known], [t.given for t in known]
        codes, operands = instantiated(items, references, counts, self._uses, self._given, base)
        columns = Columns(self.operations, self.arities, codes, operands, list(self.numbers.values()))
        return pruned(columns, self.parameters, self.inputs, outputs, guards)


def bits(mask: int, count: int) -> list[bool]:
    """Return the lowest bits of a number, the lowest first."""
    return [mask >> i & 1 != 0 for i in range(count)]

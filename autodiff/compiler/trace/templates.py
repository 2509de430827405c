"""A rule written out under symbols: the instructions that it stands for, whatever the slots of its operands will be.

The only rewrites are those that keep every bit: operations on constants alone are marked, to be done when the
constants are known, and a plain number that a rule gives stays one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...arithmetic import Function, Reading, of_numbers
from ...row import PRIMITIVES
from ..program.operations import evaluate, function_operation, slope, variadic

Item = tuple[str, tuple[int, ...]] | float  # an instruction or a constant


class Sketch:
    """Instructions and constants in order; item k has the reference k, operand j of the rule -1 - j.

    `fixed` tells which operands are constants, and then also which items depend on constants alone.
    """

    def __init__(self, fixed: Sequence[bool]) -> None:
        self.items: list[Item] = []
        self.fixed = {-1 - j for j, on in enumerate(fixed) if on}
        self.m = Reading(lambda function: _emitting(self, function))

    def operands(self, count: int) -> list[Symbol]:
        """Return the symbols of the first operands."""
        return [Symbol(self, -1 - j) for j in range(count)]

    def constant(self, x: float) -> int:
        """Return the reference of a number."""
        self.fixed.add(len(self.items))
        return self._add(x)

    def emit(self, operation: str, operands: Sequence[int]) -> int:
        """Return the reference of the result of an operation; one of many operands is written out as its rule reads."""
        if operation == "detach":
            return operands[0]
        row = variadic(operation)
        if row is not None:
            return self.reference(row.evaluate(self.m, [Symbol(self, o) for o in operands]))
        if self.fixed.issuperset(operands):
            self.fixed.add(len(self.items))
        return self._add((operation, tuple(operands)))

    def _add(self, item: Item) -> int:
        self.items.append(item)
        return len(self.items) - 1

    def times(self, partial: int | float, adjoint: int | float) -> int | float:
        """Return partial · adjoint; numbers that are always the same stay numbers, and 1 and -1 need no product."""
        if isinstance(partial, float) and isinstance(adjoint, float):
            return partial * adjoint
        for factor, other in ((partial, adjoint), (adjoint, partial)):
            if factor in (1.0, -1.0) and isinstance(factor, float) and isinstance(other, int):
                return other if factor == 1.0 else self.emit("neg", (other,))  # the same bits as the product
        return self.emit("mul", (self.kept(partial), self.kept(adjoint)))

    def plus(self, x: int | float, y: int | float) -> int:
        """Return x + y."""
        return self.emit("add", (self.kept(x), self.kept(y)))

    def kept(self, x: int | float) -> int:
        """Return the reference x, or that of a number."""
        return x if isinstance(x, int) else self.constant(x)

    def reference(self, x: Any) -> int:
        """Return the reference of a symbol or of a number."""
        return x.reference if isinstance(x, Symbol) else self.constant(float(x))

    def partial(self, name: str, index: int) -> int | float:
        """Return the partial of a row of fixed arity by its argument `index`: a reference, or the number it always is.

        The operand after the last is the value of the row.
        """
        found = slope(name, index)
        if found.constant is not None:
            return found.constant
        chosen = [-1 - k for k in found.operands]
        return self.emit(found.operation, chosen) if found.operation else chosen[0]

    def partials(self, name: str, active: Sequence[bool]) -> list[int | float | None]:
        """Return the partials of a row by its active arguments, None for the others."""
        row = PRIMITIVES[name]
        if not row.variadic:
            return [self.partial(name, i) if on else None for i, on in enumerate(active)]
        *symbols, z = self.operands(len(active) + 1)
        found = row.linearize(self.m, symbols, z, active)
        return [None if d is None else d.reference if isinstance(d, Symbol) else float(d) for d in found]


def of_value(name: str, fixed: Sequence[bool]) -> tuple[Sketch, list[Any]]:
    """Return an operation on operands, of which some are constants, and where its result is."""
    sketch = Sketch(fixed)
    return sketch, [sketch.emit(name, [-1 - j for j in range(len(fixed))])]


def of_rule(name: str, fixed: Sequence[bool]) -> tuple[Sketch, list[Any]]:
    """Return what `of_value` does, the rule of the operation written out in elementary functions."""
    sketch = Sketch(fixed)
    return sketch, [sketch.reference(evaluate(name, sketch.m, sketch.operands(len(fixed))))]


def of_step(
    name: str, fixed: Sequence[bool], active: Sequence[bool], seed: str | None, before: Sequence[Any]
) -> tuple[Sketch, list[Any]]:
    """Return a step of the reverse sweep through a row: what becomes of the adjoints of its active operands.

    Given are the slots of the operands, of the value, of its adjoint (unless that is always the number `seed`), and
    of the adjoints that active operands have already, those which `before` calls "slot". The others have none yet,
    None, or a number that they always are, as text, or are the active operand of the number that is given.
    """
    sketch, count = Sketch(fixed), len(active)
    adjoint = -2 - count if seed is None else float(seed)
    place = -3 - count
    found: list[Any] = []
    partials = sketch.partials(name, active)
    for earlier, partial in zip(before, (d for d, on in zip(partials, active, strict=True) if on), strict=True):
        held: int | float | None
        if earlier == "slot":
            held, place = place, place - 1
        else:
            held = float(earlier) if isinstance(earlier, str) else None if earlier is None else found[earlier]
        part = None if partial is None else sketch.times(partial, adjoint)
        found.append(held if part is None else part if held is None else sketch.plus(held, part))
    return sketch, found


class Symbol:
    """A reference in a sketch, in arithmetic that adds instructions to it."""

    __slots__ = ("reference", "sketch")

    def __init__(self, sketch: Sketch, reference: int) -> None:
        self.sketch, self.reference = sketch, reference

    def __neg__(self) -> Symbol:
        return Symbol(self.sketch, self.sketch.emit("neg", (self.reference,)))


def _operator(operation: str, reflected: bool) -> Callable[[Symbol, Any], Symbol]:
    def operate(x: Symbol, y: Any) -> Symbol:
        pair = (x.reference, x.sketch.reference(y))
        return Symbol(x.sketch, x.sketch.emit(operation, pair[::-1] if reflected else pair))

    return operate


for _name, _operation in (("add", "add"), ("sub", "sub"), ("mul", "mul"), ("truediv", "div")):
    setattr(Symbol, f"__{_name}__", _operator(_operation, False))
    setattr(Symbol, f"__r{_name}__", _operator(_operation, True))


def _emitting(sketch: Sketch, function: Function) -> Callable[..., Any]:
    name = function.name

    def emit(*operands: Any) -> Any:
        if name == "along":
            return operands[0]
        if not any(isinstance(o, Symbol) for o in operands):
            return of_numbers(name, operands)
        if name == "where" and not isinstance(operands[0], Symbol):
            return operands[1] if operands[0] else operands[2]
        return Symbol(sketch, sketch.emit(function_operation(name), [sketch.reference(o) for o in operands]))

    return emit

"""A program under construction: rules read under symbols emit its instructions.

The only rewrites are those that keep every bit: operations on constants alone are done once, powers of 2, -1 and ½
become the rows that stand for them, and what no result needs is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..arithmetic import FUNCTIONS, ieee
from ..row import PRIMITIVES
from .operations import OPERATORS, evaluate, function_operation, slope, variadic
from .program import Instruction, Program, pruned


class Builder:
    """Collects constants and instructions in the order in which they come; a slot is a place in that order."""

    def __init__(self, parameters: int, inputs: int) -> None:
        self.parameters, self.inputs = parameters, inputs
        self.items: list[Instruction | float] = []
        self.numbers: dict[int, float] = {}  # the constants by slot
        self._next = parameters + inputs
        self.m = _Symbols(self)

    def constant(self, x: float) -> int:
        """Return a slot of its own for a number."""
        slot = self._next
        self._next = slot + 1
        self.numbers[slot] = x
        self.items.append(x)
        return slot

    def emit(self, operation: str, operands: Sequence[int]) -> int:
        """Return the slot of the result of an operation; one of many operands is written out as its rule reads."""
        if operation == "detach":
            return operands[0]
        row = variadic(operation)
        if row is not None:
            return self.slot(row.evaluate(self.m, [Symbol(self, o) for o in operands]))
        if not self.numbers.keys().isdisjoint(operands):
            return self._emit_on_numbers(operation, operands)
        return self._append(operation, operands)

    def binary(self, operation: str, x: int, y: int) -> int:
        """Return the slot of an operation of two operands, as `emit` does."""
        if x in self.numbers or y in self.numbers:
            return self._emit_on_numbers(operation, (x, y))
        slot = self._next
        self._next = slot + 1
        self.items.append((operation, (x, y)))
        return slot

    def _emit_on_numbers(self, operation: str, operands: Sequence[int]) -> int:
        """Return the slot of an operation on some constants: of a constant, if they all are."""
        known = [self.numbers.get(o) for o in operands]
        if operation == "pow" and (exponent := known[1]) is not None and exponent in PRIMITIVES["pow"].constants:
            return self.emit(PRIMITIVES["pow"].constants[exponent], operands[:1])
        if None in known:
            return self._append(operation, operands)
        return self.constant(float(evaluate(operation, ieee, [ieee.lift(x) for x in known if x is not None])))

    def _append(self, operation: str, operands: Sequence[int]) -> int:
        slot = self._next
        self._next = slot + 1
        self.items.append((operation, tuple(operands)))
        return slot

    def partial(self, name: str, index: int, operands: Sequence[int], z: int) -> int | float:
        """Return the partial of a row of fixed arity by its argument `index`: a slot, or a number that it always is."""
        found = slope(name, index)
        if found.constant is not None:
            return found.constant
        given = (*operands, z)
        chosen = [given[k] for k in found.operands]
        return self.emit(found.operation, chosen) if found.operation else chosen[0]

    def partials(self, name: str, operands: Sequence[int], z: int, active: Sequence[bool]) -> list[int | float | None]:
        """Return the partials of a row by its active arguments, None for the others."""
        row = PRIMITIVES[name]
        if not row.variadic:
            return [self.partial(name, i, operands, z) if on else None for i, on in enumerate(active)]
        symbols = [Symbol(self, o) for o in operands]
        found = row.linearize(self.m, symbols, Symbol(self, z), active)
        return [None if d is None else d.slot if isinstance(d, Symbol) else float(d) for d in found]

    def times(self, partial: int | float, adjoint: int | float) -> int | float:
        """Return partial · adjoint; numbers that are always the same stay numbers, and 1 and -1 need no product."""
        if type(partial) is int and type(adjoint) is int:
            return self.binary("mul", partial, adjoint)
        if isinstance(partial, float) and isinstance(adjoint, float):
            return partial * adjoint
        for factor, other in ((partial, adjoint), (adjoint, partial)):
            if isinstance(factor, float) and factor in (1.0, -1.0) and isinstance(other, int):
                return other if factor == 1.0 else self.emit("neg", (other,))  # the same bits as the product
        return self.emit("mul", (self.kept(partial), self.kept(adjoint)))

    def plus(self, x: int | float, y: int | float) -> int:
        """Return x + y."""
        return self.binary("add", self.kept(x), self.kept(y))

    def kept(self, x: int | float) -> int:
        """Return the slot x, or one of its own for a number."""
        return x if isinstance(x, int) else self.constant(x)

    def slot(self, x: Any) -> int:
        """Return the slot of a symbol or of a number."""
        return x.slot if isinstance(x, Symbol) else self.constant(float(x))

    def build(self, outputs: Sequence[int], guards: Sequence[tuple[int, bool]]) -> Program:
        """Return the program of what `outputs` and `guards` need, constants and instructions numbered anew."""
        return pruned(self.parameters, self.inputs, self.items, outputs, guards)


def expanded(program: Program) -> Program:
    """Return a program of elementary functions alone, each rule written out as it reads under symbols."""
    builder = Builder(program.parameters, program.inputs)
    slots = list(range(program.parameters + program.inputs))
    slots += [builder.constant(x) for x in program.constants]
    for operation, operands in program.instructions:
        given = [slots[o] for o in operands]
        if operation in OPERATORS or operation.startswith("m.") or function_operation(operation) == operation:
            slots.append(builder.emit(operation, given))
        else:
            slots.append(builder.slot(evaluate(operation, builder.m, [Symbol(builder, o) for o in given])))
    return builder.build([slots[o] for o in program.outputs], [(slots[g], truth) for g, truth in program.guards])


class Symbol:
    """A slot of a program, in arithmetic that emits instructions."""

    __slots__ = ("builder", "slot")

    def __init__(self, builder: Builder, slot: int) -> None:
        self.builder, self.slot = builder, slot

    def __neg__(self) -> Symbol:
        return Symbol(self.builder, self.builder.emit("neg", (self.slot,)))


def _operator(operation: str, reflected: bool) -> Callable[[Symbol, Any], Symbol]:
    def operate(x: Symbol, y: Any) -> Symbol:
        builder = x.builder
        other = y.slot if type(y) is Symbol else builder.constant(float(y))
        return Symbol(
            builder, builder.binary(operation, other, x.slot) if reflected else builder.binary(operation, x.slot, other)
        )

    return operate


for _name, _operation in (("add", "add"), ("sub", "sub"), ("mul", "mul"), ("truediv", "div")):
    setattr(Symbol, f"__{_name}__", _operator(_operation, False))
    setattr(Symbol, f"__r{_name}__", _operator(_operation, True))


class _Symbols:
    """The arithmetic of symbols of one builder."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in FUNCTIONS:
            raise AttributeError(f"no elementary function `{name}` in m; add it with `autodiff.elementary`")

        def emit(*operands: Any) -> Any:
            symbols = [o for o in operands if isinstance(o, Symbol)]
            if not symbols:
                return float(getattr(ieee, name)(*map(ieee.lift, operands)))
            if name == "where" and not isinstance(operands[0], Symbol):
                return operands[1] if operands[0] else operands[2]
            builder = symbols[0].builder
            return Symbol(builder, builder.emit(function_operation(name), [builder.slot(o) for o in operands]))

        setattr(self, name, emit)
        return emit

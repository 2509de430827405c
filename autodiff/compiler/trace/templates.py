"""Templates: the instructions of an operation or of a step of the reverse sweep, as its rule reads under symbols.

They refer to each other and to operands, whatever slots these have at a use. The only rewrites are those that keep
every bit: operations on constants alone are marked, to be done once the constants are known, and a plain number that a
rule returns stays one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...arithmetic import Function, Reading, of_numbers
from ...row import PRIMITIVES
from ..program.operations import evaluate, function_operation, kind, slope, variadic

Item = tuple[str, tuple[int, ...]] | float  # an instruction or a constant


class Sketch:
    """Instructions and constants in order; item k has the reference k, operand j of the rule -1 - j.

    `fixed` are the references of operands that are constants, and of items that depend on constants alone.
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
        """Return the reference of the result of an operation; a variadic one is written out as its rule reads."""
        if kind(operation) == "identity":
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
        """Return partial · adjoint; a product of numbers is a number, and a factor of 1 or -1 needs no product."""
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
    """Return an operation on operands, of which some are constants, and the reference of its result."""
    sketch = Sketch(fixed)
    return sketch, [sketch.emit(name, [-1 - j for j in range(len(fixed))])]


def of_rule(name: str, fixed: Sequence[bool]) -> tuple[Sketch, list[Any]]:
    """Return the rule of an operation in elementary functions, and the reference of its result."""
    sketch = Sketch(fixed)
    return sketch, [sketch.reference(evaluate(name, sketch.m, sketch.operands(len(fixed))))]


def of_step(
    name: str, fixed: Sequence[bool], active: Sequence[bool], seed: str | None, before: Sequence[Any]
) -> tuple[Sketch, list[Any]]:
    """Return a step of the reverse sweep through a row, and references of the new adjoints of its active operands.

    Given are the slots of the operands, of the value, of its adjoint (unless that is always the number `seed`), and
    of the earlier adjoints that `before` calls "slot". Other entries of `before` are None, for no adjoint yet; a
    constant adjoint, as text; or the index of an active operand, whose new adjoint is the earlier one of this.

    Through x · y, where y has an adjoint already: -1 and -2 are x and y, -3 the value, -4 its adjoint, -5 that of y.

    >>> sketch, adjoints = of_step("mul", [False] * 5, [True, True], None, [None, "slot"])
    >>> sketch.items, adjoints
    ([('mul', (-2, -4)), ('mul', (-1, -4)), ('add', (-5, 1))], [0, 2])
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
        if function.kind == "choice" and not isinstance(operands[0], Symbol):
            return operands[1] if operands[0] else operands[2]
        return Symbol(sketch, sketch.emit(function_operation(name), [sketch.reference(o) for o in operands]))

    return emit

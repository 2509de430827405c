"""A rule written out under symbols: the instructions that it stands for, whatever the slots of its operands will be.

The only rewrites are those that keep every bit: operations on constants alone are marked, to be done when the
constants are known, and a plain number that a rule gives stays one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..arithmetic import FUNCTIONS, ieee
from ..row import PRIMITIVES
from .operations import evaluate, function_operation, slope, variadic

Item = tuple[str, tuple[int, ...]] | float  # an instruction or a constant


class Sketch:
    """Instructions and constants in order; item k has the reference k, operand j of the rule -1 - j.

    `fixed` tells which operands are constants, and then also which items depend on constants alone.
    """

    def __init__(self, fixed: Sequence[bool]) -> None:
        self.items: list[Item] = []
        self.fixed = {-1 - j for j, on in enumerate(fixed) if on}
        self.m = _Symbols(self)

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


def of_partials(name: str, fixed: Sequence[bool], active: Sequence[bool]) -> tuple[Sketch, list[Any]]:
    """Return the partials of a row by its active arguments: references, numbers, and None for the others."""
    sketch = Sketch(fixed)
    return sketch, sketch.partials(name, active)


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


class _Symbols:
    """The arithmetic of the symbols of one sketch."""

    def __init__(self, sketch: Sketch) -> None:
        self._sketch = sketch

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in FUNCTIONS:
            raise AttributeError(f"no elementary function `{name}` in m; add it with `autodiff.elementary`")
        sketch = self._sketch

        def emit(*operands: Any) -> Any:
            if not any(isinstance(o, Symbol) for o in operands):
                return float(getattr(ieee, name)(*map(ieee.lift, operands)))
            if name == "where" and not isinstance(operands[0], Symbol):
                return operands[1] if operands[0] else operands[2]
            return Symbol(sketch, sketch.emit(function_operation(name), [sketch.reference(o) for o in operands]))

        setattr(self, name, emit)
        return emit

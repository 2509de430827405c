"""LLVM's arithmetic: rules read on registers, of one number or a vector of them, as text in its IR.

Every multiplication, addition and division is rounded by itself, as Python does; functions of libm are called lane by
lane under names of our own, so that LLVM does not take them for functions that it may evaluate or replace.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import pack
from typing import Any

from ...arithmetic import FUNCTIONS, INF, Function, Reading, of_numbers
from ..program.operations import evaluate

PREDICATES = {"gt": "ogt", "ge": "oge", "lt": "olt", "le": "ole", "eq": "oeq", "ne": "une"}
INTRINSICS = {"sqrt": "sqrt", "abs": "fabs", "floor": "floor", "round": "rint"}
EXACT, FAST = "", "reassoc nsz arcp contract afn "  # nan and inf keep their meaning
PREFIX, VECTOR, BEYOND = "autodiff_", "autodiff_vector_", "autodiff_beyond_"  # of the symbols that are called
# Beyond `far`, a function calls back into Python; the loops around it do not see the branch.
CHOICE = """\
declare double @autodiff_beyond_{name}(double) nounwind memory(none)
define internal double @whole_{name}(double %x) noinline {{
  %above = fcmp ogt double %x, {far}
  %below = fcmp olt double %x, {minus_far}
  %beyond = or i1 %above, %below
  br i1 %beyond, label %far, label %near
near:
  %y = call double @autodiff_{name}(double %x)
  ret double %y
far:
  %z = call double @autodiff_beyond_{name}(double %x)
  ret double %z
}}"""


class Registers:
    """The body of a function under construction, in registers of `lanes` numbers, and the functions it calls."""

    def __init__(self, lanes: int, flags: str = EXACT, vectors: frozenset[str] = frozenset()) -> None:
        self.lanes, self.flags, self.vectors = lanes, flags, vectors
        self.type, self.test = ("double", "i1") if lanes == 1 else (f"<{lanes} x double>", f"<{lanes} x i1>")
        self.lines: list[str] = []
        self.taken = 0  # lines that have been written already
        self.calls: set[tuple[str, int]] = set()  # elementary functions, and of how many arguments
        self.intrinsics: set[str] = set()
        self.m = Reading(lambda function: _written(self, function))

    def let(self, text: str) -> str:
        """Add a line that names a result, and return the name."""
        name = f"%v{len(self.lines)}"
        self.lines.append(f"{name} = {text}")
        return name

    def literal(self, x: float) -> str:
        """Return a number as a constant of the type of registers."""
        bits = f"0x{pack('>d', x).hex().upper()}"
        return bits if self.lanes == 1 else f"splat (double {bits})"

    def load(self, pointer: str, offset: int = 0) -> Register:
        """Return the numbers from `offset` numbers after `pointer` on."""
        at = self.let(f"getelementptr double, ptr {pointer}, i64 {offset}") if offset else pointer
        return Register(self, self.let(f"load {self.type}, ptr {at}, align 8"))

    def broadcast(self, pointer: str, offset: int) -> Register:
        """Return one number in all lanes."""
        at = self.let(f"getelementptr double, ptr {pointer}, i64 {offset}") if offset else pointer
        one = self.let(f"load double, ptr {at}, align 8")
        if self.lanes == 1:
            return Register(self, one)
        first = self.let(f"insertelement {self.type} poison, double {one}, i64 0")
        zeros = f"<{self.lanes} x i32> zeroinitializer"
        return Register(self, self.let(f"shufflevector {self.type} {first}, {self.type} poison, {zeros}"))

    def evaluate(self, operation: str, operands: list[Register]) -> Register:
        """Add an operation of a program."""
        return self.number(evaluate(operation, self.m, operands))

    def number(self, x: Any) -> Register:
        """Return x, a register or a number, as a register of numbers."""
        if not isinstance(x, Register):
            return Register(self, self.literal(float(x)))
        if not x.is_test:
            return x
        one, zero = self.literal(1.0), self.literal(0.0)
        return Register(self, self.let(f"select {self.test} {x.name}, {self.type} {one}, {self.type} {zero}"))

    def truth(self, x: Any) -> str:
        """Return the name of a test of whether x is not 0."""
        if isinstance(x, Register) and x.is_test:
            return x.name
        return self.let(f"fcmp une {self.type} {self.number(x).name}, {self.literal(0.0)}")

    def binary(self, instruction: str, x: Any, y: Any) -> Register:
        """Add an instruction on two numbers."""
        names = f"{self.number(x).name}, {self.number(y).name}"
        return Register(self, self.let(f"{instruction} {self.flags}{self.type} {names}"))

    def declarations(self) -> list[str]:
        """Return the declarations and helpers that the body needs."""
        suffix = "f64" if self.lanes == 1 else f"v{self.lanes}f64"
        found = [f"declare {self.type} @llvm.{name}.{suffix}({self.type})" for name in sorted(self.intrinsics)]
        for name, arity in sorted(self.calls):
            if name in self.vectors:
                found.append(f"declare {self.type} @{VECTOR}{name}({', '.join([self.type] * arity)}) nounwind")
                continue
            found.append(f"declare double @{PREFIX}{name}({', '.join(['double'] * arity)}) nounwind memory(none)")
            if FUNCTIONS[name].far < INF:
                found.append(CHOICE.format(name=name, far=FUNCTIONS[name].far, minus_far=-FUNCTIONS[name].far))
            found += [self._by_lane(name, arity)] if self.lanes > 1 else []
        return found

    def _by_lane(self, name: str, arity: int) -> str:
        """Return a function of vectors that calls one of numbers for each lane."""
        arguments = [f"%x{i}" for i in range(arity)]
        typed = ", ".join(f"{self.type} {a}" for a in arguments)
        lines = [f"define internal {self.type} @lanes_{name}({typed}) noinline {{"]
        last = "poison"
        called = _symbol(name)
        for lane in range(self.lanes):
            parts = []
            for a in arguments:
                lines.append(f"  {a}.{lane} = extractelement {self.type} {a}, i64 {lane}")
                parts.append(f"double {a}.{lane}")
            lines.append(f"  %r{lane} = call double @{called}({', '.join(parts)})")
            lines.append(f"  %z{lane} = insertelement {self.type} {last}, double %r{lane}, i64 {lane}")
            last = f"%z{lane}"
        return "\n".join([*lines, f"  ret {self.type} {last}", "}"])


class Register:
    """A named result: numbers, or the outcomes of a comparison."""

    __slots__ = ("body", "is_test", "name")

    def __init__(self, body: Registers, name: str, is_test: bool = False) -> None:
        self.body, self.name, self.is_test = body, name, is_test

    def __neg__(self) -> Register:
        x = self.body.number(self)
        return Register(self.body, self.body.let(f"fneg {self.body.flags}{self.body.type} {x.name}"))


def _operator(instruction: str, reflected: bool) -> Callable[[Register, Any], Register]:
    def operate(x: Register, y: Any) -> Register:
        return x.body.binary(instruction, *((y, x) if reflected else (x, y)))

    return operate


for _name, _instruction in (("add", "fadd"), ("sub", "fsub"), ("mul", "fmul"), ("truediv", "fdiv")):
    setattr(Register, f"__{_name}__", _operator(_instruction, False))
    setattr(Register, f"__r{_name}__", _operator(_instruction, True))


def _written(body: Registers, function: Function) -> Callable[..., Any]:
    name = function.name

    def write(*operands: Any) -> Any:
        if function.kind == "identity":
            return operands[0]
        if not any(isinstance(o, Register) for o in operands):
            return of_numbers(name, operands)
        if function.kind == "choice":
            return _choice(body, *operands)
        xs = [body.number(o).name for o in operands]
        if function.kind == "test":
            return Register(body, body.let(f"fcmp {PREDICATES[name]} {body.type} {xs[0]}, {xs[1]}"), is_test=True)
        arguments = ", ".join(f"{body.type} {x}" for x in xs)
        if name in INTRINSICS:
            body.intrinsics.add(INTRINSICS[name])
            suffix = "f64" if body.lanes == 1 else f"v{body.lanes}f64"
            return Register(body, body.let(f"call {body.type} @llvm.{INTRINSICS[name]}.{suffix}({arguments})"))
        body.calls.add((name, len(xs)))
        called = _symbol(name) if body.lanes == 1 else f"lanes_{name}"
        called = f"{VECTOR}{name}" if name in body.vectors else called
        return Register(body, body.let(f"call {body.type} @{called}({arguments})"))

    return write


def _symbol(name: str) -> str:
    return f"{PREFIX}{name}" if FUNCTIONS[name].far == INF else f"whole_{name}"


def _choice(body: Registers, condition: Any, x: Any, y: Any) -> Any:
    if not isinstance(condition, Register):
        return x if condition else y
    test = body.truth(condition)
    if all(isinstance(o, Register) and o.is_test for o in (x, y)):
        return Register(body, body.let(f"select {body.test} {test}, {body.test} {x.name}, {body.test} {y.name}"), True)
    chosen = ", ".join(f"{body.type} {body.number(o).name}" for o in (x, y))
    return Register(body, body.let(f"select {body.test} {test}, {chosen}"))

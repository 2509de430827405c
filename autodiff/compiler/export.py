"""Export: a program as a standalone function in Python or C, its rules read as text of that language."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable
from typing import Any

from .. import limits, trigonometry
from ..arithmetic import FUNCTIONS, INF, Function, Reading
from ..text import Term, term, text
from .program.operations import evaluate
from .program.program import Program
from .trace.inlining import expanded

TAKEN = {*vars(limits), *vars(trigonometry), "p", "x", "program", "inf", "nan"}  # names of what is written
FUTURE = "from __future__ import annotations\n\n"
PYTHON = '''\
from math import inf, nan


def program(p, x):
    """Return the outputs for parameters p and inputs x. Raises ValueError where they take another branch."""
    p, x = [*map(float, p)], [*map(float, x)]
'''
C = """\
#include <math.h>

/* Writes the outputs for parameters p and inputs x; returns 0 if another branch is taken, where they do not hold.
   Compile with -ffp-contract=off, so that every operation is rounded as written. */
int program(const double *p, const double *x, double *out) {
"""


def source(program: Program, language: str) -> str:
    """Return the source of a function of parameters and inputs.

    Raises ValueError for an unknown language, and for an elementary function that has no text in it.
    """
    writers = {"python": _python, "c": _c}
    if language not in writers:
        raise ValueError(f"a program is written in {' or '.join(writers)}, got {language!r}")
    return writers[language](program)


def _name(program: Program, slot: int, constant: Callable[[float], str]) -> str:
    inputs = program.parameters + program.inputs
    if slot < program.parameters:
        return f"p[{slot}]"
    if slot < inputs:
        return f"x[{slot - program.parameters}]"
    return constant(program.constants[slot - inputs]) if slot < program.first else f"t{slot - program.first}"


def _python(program: Program) -> str:
    writer = _Total()
    lines = []
    for i, (operation, operands) in enumerate(program.instructions):
        terms = [Term(_name(program, o, repr)) for o in operands]
        lines.append(f"    t{i} = {writer.written(term(evaluate(operation, text, terms)).number())}")
    for slot, truth in program.guards:
        lines.append(f"    if {_name(program, slot, repr)} {'==' if truth else '!='} 0.0:")
        lines.append('        raise ValueError("another branch is taken here: the program does not hold")')
    if unwritten := re.search(r"\bm\.(\w+)\(", "\n".join(lines)):
        raise ValueError(f"{unwritten[0]}…) has no source in Python: give `autodiff.elementary` its text, text=…")
    outputs = "".join(f"{_name(program, slot, repr)}, " for slot in program.outputs)
    parts = [inspect.getsource(module).replace(FUTURE, "") for module in writer.modules]
    written = PYTHON + "\n".join([*lines, f"    return ({outputs.rstrip()})", ""])
    return FUTURE + "\n\n".join([*parts, "".join(writer.definitions.values()), written])


class _Total:
    """Terms without errors: divisions and functions become calls of `definitions`, which use `modules`."""

    def __init__(self) -> None:
        self.definitions: dict[str, str] = {}
        self.modules = [limits]
        self.known = {f.text: f for f in FUNCTIONS.values() if f.kind == "ordinary" and f.text}

    def written(self, term: Term) -> Term:
        """Return `term` as it is written. A function of users that has a limit of its own stays as its text is."""
        operands = [self.written(o) for o in term.operands]
        if term.template == "{} / {}":
            return Term("divide({}, {})", *operands)
        function = self.known.get(term.template)
        if function is None or function.limit.__module__ != limits.__name__:
            return Term(term.template, *operands, level=term.level)
        return Term(f"{self._defined(function, len(operands))}({', '.join(['{}'] * len(operands))})", *operands)

    def _defined(self, function: Function, count: int) -> str:
        """Return the name of a function that does not raise, which is noted."""
        name, xs = function.name, [f"x{i}" for i in range(count)]
        plain = re.fullmatch(r"([\w.]+)\(\{\}(, \{\})*\)", function.text)
        scalar = plain[1] if plain else f"lambda {', '.join(xs)}: {function.text.format(*xs)}"
        if function.far < INF:
            scalar = name
            self.modules = [limits, trigonometry]
        elif name in TAKEN or re.fullmatch(r"t\d+", name):
            name += "_"
        self.definitions[name] = f"{name} = total({scalar}, {function.limit.__name__})\n"
        return name


def _c(program: Program) -> str:
    program = expanded(program)
    lines = [f"    (void)p; (void)x;{' (void)out;' * (not program.outputs)}"]
    for i, (operation, operands) in enumerate(program.instructions):
        pieces = [Piece(_name(program, o, _literal)) for o in operands]
        lines.append(f"    const double t{i} = {_number(evaluate(operation, _machine, pieces))};")
    for k, slot in enumerate(program.outputs):
        lines.append(f"    out[{k}] = {_name(program, slot, _literal)};")
    tests = [f"({_name(program, slot, _literal)} {'!=' if truth else '=='} 0.0)" for slot, truth in program.guards]
    return C + "\n".join([*lines, f"    return {' && '.join(tests) or '1'};", "}", ""])


class Piece:
    """An expression of C that needs no parentheses around it: a number, or the outcome of a comparison."""

    __slots__ = ("is_test", "source")

    def __init__(self, source: str, *, is_test: bool = False) -> None:
        self.source, self.is_test = source, is_test

    def __neg__(self) -> Piece:
        return Piece(f"(-{_number(self)})")


def _number(x: Piece) -> str:
    return f"({x.source} ? 1.0 : 0.0)" if x.is_test else x.source


def _literal(x: float) -> str:
    """Return a number in C, to the last bit."""
    if math.isnan(x):
        return "NAN"
    sign = "-" if math.copysign(1.0, x) < 0.0 else ""
    written = "INFINITY" if math.isinf(x) else repr(abs(x))  # Python's repr is read back to the last bit
    return f"({sign}{written})" if sign else written


def _operator(symbol: str) -> Callable[[Piece, Piece], Piece]:
    return lambda x, y: Piece(f"({_number(x)} {symbol} {_number(y)})")


for _stem, _symbol in (("add", "+"), ("sub", "-"), ("mul", "*"), ("truediv", "/")):
    setattr(Piece, f"__{_stem}__", _operator(_symbol))


def _written(function: Function) -> Callable[..., Any]:
    name = function.name

    def write(*operands: Piece) -> Piece:
        if function.kind == "identity":
            return operands[0]
        if function.kind == "choice":
            c, x, y = operands
            test = c.source if c.is_test else f"({c.source} != 0.0)"
            return Piece(f"({test} ? {_number(x)} : {_number(y)})")
        xs = [_number(o) for o in operands]
        if function.kind == "test":  # whose text is the same in Python and in C
            return Piece(f"({function.text.format(*xs)})", is_test=True)
        if function.libm is None and name != "sqrt":
            raise ValueError(f"m.{name} has no function in libm: give `autodiff.elementary` its name, libm=…")
        return Piece(f"{function.libm}({', '.join(xs)})")

    return write


_machine = Reading(_written)

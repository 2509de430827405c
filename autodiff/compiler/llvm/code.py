"""LLVM IR under construction: the lines of a function, with named results and counted loops."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any


class Code:
    """Lines of IR with counted loops."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.block = "entry"
        self._names = 0

    def let(self, text: str) -> str:
        """Add a line that names a result, and return the name."""
        self._names += 1
        self.lines.append(f"  %n{self._names} = {text}")
        return f"%n{self._names}"

    def do(self, text: str) -> None:
        """Add a line."""
        self.lines.append(f"  {text}")

    def loop(self, start: str, stop: str, step: int, body: Callable[[str], None]) -> None:
        """Add a loop of i64 from `start` to below `stop`."""
        self._names += 1
        n = self._names
        self.do(f"br label %head{n}")
        self.lines.append(f"head{n}:")
        before, self.block = self.block, f"head{n}"
        self.do(f"%i{n} = phi i64 [ {start}, %{before} ], [ %next{n}, %end{n} ]")
        self.do(f"%go{n} = icmp slt i64 %i{n}, {stop}")
        self.do(f"br i1 %go{n}, label %body{n}, label %exit{n}")
        self.lines.append(f"body{n}:")
        self.block = f"body{n}"
        body(f"%i{n}")
        self.do(f"br label %end{n}")
        self.lines.append(f"end{n}:")
        self.do(f"%next{n} = add i64 %i{n}, {step}")
        self.do(f"br label %head{n}")
        self.lines.append(f"exit{n}:")
        self.block = f"exit{n}"

    def element(self, kind: str, pointer: str, index: str) -> str:
        """Return the address of an element."""
        return self.let(f"getelementptr {kind}, ptr {pointer}, i64 {index}")

    def store(self, x: str, pointer: str, index: str) -> None:
        """Set an element of an array of numbers."""
        self.do(f"store double {x}, ptr {self.element('double', pointer, index)}")

    def entry(self, pointer: str, index: int, kind: str = "i64") -> str:
        """Return an entry of an array of 64-bit integers, also as a pointer."""
        return self.let(f"load {kind}, ptr {self.element('i64', pointer, str(index))}")

    def unpack(self, pointer: str, structure: type[ctypes.Structure]) -> None:
        """Load the fields of a structure of 64-bit fields into registers of their names."""
        for name, kind in structure._fields_:  # type: ignore[misc]
            at = self.field(pointer, structure, name)
            self.do(f"%{name} = load {'ptr' if kind is ctypes.c_void_p else 'i64'}, ptr {at}")

    def field(self, pointer: str, structure: type[ctypes.Structure], name: str) -> str:
        """Return the address of a field of a structure."""
        return self.element("i8", pointer, str(getattr(structure, name).offset))

    def place(self, slot: str, lanes: int) -> str:
        """Return where in the work vector the slot is whose number stands at the address `slot`."""
        number = self.let(f"load i32, ptr {slot}")
        wide = self.let(f"zext i32 {number} to i64")
        return self.let(f"mul i64 {wide}, {lanes}")


def fields(names: str, kind: type[ctypes.c_void_p | ctypes.c_int64]) -> list[tuple[str, Any]]:
    """Return fields of one kind for a `ctypes.Structure`."""
    return [(name, kind) for name in names.split()]


def function(name: str, arguments: str, code: Code, result: str = "") -> str:
    """Return a function as IR; `result` is its type and name."""
    head = f"define {result.partition(' ')[0] or 'void'} @{name}({arguments}) {{"
    return "\n".join([head, "entry:", *code.lines, f"  ret {result or 'void'}", "}"])

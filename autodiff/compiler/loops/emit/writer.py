"""The writer: a kernel under construction, its words read in order, numbers in memory, eight lanes at once.

The modes of operands, "r", "s" and others, are defined in `plan/jobs.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from ...batch.reduction import LANES
from ...llvm.arithmetic import EXACT, Register, Registers
from ...llvm.code import Code
from ..plan.jobs import TABLES, Strided

Record = TypeVar("Record", bound=NamedTuple)
VECTOR, TEST = f"<{LANES} x double>", f"<{LANES} x i1>"
INTEGERS, SHORT = f"<{LANES} x i64>", f"<{LANES} x i32>"
IOTA = f"<{', '.join(f'i64 {i}' for i in range(LANES))}>"
POINTERS = f"<{LANES} x ptr>"
LOAD, STORE = (f"llvm.masked.{name}.v{LANES}f64.p0" for name in ("load", "store"))
GATHER, SCATTER = (f"llvm.masked.{name}.v{LANES}f64.v{LANES}p0" for name in ("gather", "scatter"))
GATHER_SHORT = f"llvm.masked.gather.v{LANES}i32.v{LANES}p0"
DECLARATIONS = f"""\
declare {VECTOR} @{LOAD}(ptr, i32, {TEST}, {VECTOR})
declare void @{STORE}({VECTOR}, ptr, i32, {TEST})
declare {VECTOR} @{GATHER}({POINTERS}, i32, {TEST}, {VECTOR})
declare void @{SCATTER}({VECTOR}, {POINTERS}, i32, {TEST})
declare {SHORT} @{GATHER_SHORT}({POINTERS}, i32, {TEST}, {SHORT})
declare i64 @llvm.smin.i64(i64, i64)
"""


class Writer(Code):
    """A kernel under construction, which reads its words in order."""

    def __init__(self, flags: str = EXACT, vectors: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self.body = Registers(LANES, flags, vectors)
        self.words = 0
        self.cells: list[str] = []

    def read(self, kind: type[Record]) -> Record:
        """Return the next words as a record of the registers that hold them."""
        start = self.words
        self.words += len(kind._fields)
        kinds = ["ptr" if name in TABLES else "i64" for name in kind._fields]
        return kind._make(self.entry("%words", i, kind) for i, kind in enumerate(kinds, start))

    def cell(self) -> str:
        """Return where eight numbers are kept, in registers if there are enough."""
        return self.memory(VECTOR)

    def memory(self, kind: str) -> str:
        """Return where something of this type is kept."""
        self.cells.append(f"  %cell{len(self.cells)} = alloca {kind}, align 64")
        return f"%cell{len(self.cells) - 1}"

    def base(self, region: int | str) -> str:
        """Return the address of a region."""
        return self.let(f"load ptr, ptr {self.element('ptr', '%bases', str(region))}")

    def add(self, x: str, y: str) -> str:
        """Return the sum of two integers."""
        return y if x == "0" else x if y == "0" else self.let(f"add i64 {x}, {y}")

    def times(self, x: str, y: str) -> str:
        """Return the product of two integers."""
        return "0" if "0" in (x, y) else x if y == "1" else y if x == "1" else self.let(f"mul i64 {x}, {y}")

    def at(self, pointer: str, *offsets: str) -> str:
        """Return the address of a number at the sum of some offsets from `pointer`."""
        total = "0"
        for offset in offsets:
            total = self.add(total, offset)
        return pointer if total == "0" else self.element("double", pointer, total)

    def splat(self, x: str, kind: str = "double") -> str:
        """Return a vector of the same number in all lanes."""
        one = self.let(f"insertelement <{LANES} x {kind}> poison, {kind} {x}, i64 0")
        zeros = f"<{LANES} x i32> zeroinitializer"
        return self.let(f"shufflevector <{LANES} x {kind}> {one}, <{LANES} x {kind}> poison, {zeros}")

    def broadcast(self, pointer: str) -> str:
        """Return a number in memory in all lanes."""
        return self.splat(self.let(f"load double, ptr {pointer}, align 8"))

    def vector(self, pointer: str, mask: str = "") -> str:
        """Return eight consecutive numbers in memory, of the lanes in `mask`."""
        if not mask:
            return self.let(f"load {VECTOR}, ptr {pointer}, align 8")
        arguments = f"ptr {pointer}, i32 8, {TEST} {mask}, {VECTOR} zeroinitializer"
        return self.let(f"call {VECTOR} @{LOAD}({arguments})")

    def gather(self, pointer: str, offsets: str, mask: str) -> str:
        """Return the numbers at eight offsets."""
        places = self.let(f"getelementptr double, ptr {pointer}, {INTEGERS} {offsets}")
        arguments = f"{POINTERS} {places}, i32 8, {TEST} {mask}, {VECTOR} zeroinitializer"
        return self.let(f"call {VECTOR} @{GATHER}({arguments})")

    def scatter(self, x: str, pointer: str, offsets: str, mask: str) -> None:
        """Store eight numbers at eight distinct offsets."""
        places = self.let(f"getelementptr double, ptr {pointer}, {INTEGERS} {offsets}")
        self.do(f"call void @{SCATTER}({VECTOR} {x}, {POINTERS} {places}, i32 8, {TEST} {mask})")

    def put(self, x: str, pointer: str, mask: str = "") -> None:
        """Store eight numbers."""
        if mask:
            self.do(f"call void @{STORE}({VECTOR} {x}, ptr {pointer}, i32 8, {TEST} {mask})")
        else:
            self.do(f"store {VECTOR} {x}, ptr {pointer}, align 8")

    def below(self, start: str, stop: str) -> str:
        """Return the mask of lanes, the integers from `start` on, below `stop`."""
        return self.let(f"icmp slt {INTEGERS} {self.lanes(start)}, {self.splat(stop, 'i64')}")

    def table(self, pointer: str, *offsets: str) -> str:
        """Return an entry of a table."""
        total = "0"
        for offset in offsets:
            total = self.add(total, offset)
        number = self.let(f"load i32, ptr {self.element('i32', pointer, total)}")
        return self.let(f"sext i32 {number} to i64")

    def entries(self, pointer: str, start: str) -> str:
        """Return eight entries of a table."""
        numbers = self.let(f"load {SHORT}, ptr {self.element('i32', pointer, start)}, align 4")
        return self.let(f"sext {SHORT} {numbers} to {INTEGERS}")

    def entries_at(self, pointer: str, offsets: str) -> str:
        """Return the entries of a table at eight offsets."""
        places = self.let(f"getelementptr i32, ptr {pointer}, {INTEGERS} {offsets}")
        every = f"{TEST} splat (i1 true), {SHORT} zeroinitializer"
        numbers = self.let(f"call {SHORT} @{GATHER_SHORT}({POINTERS} {places}, i32 4, {every})")
        return self.let(f"sext {SHORT} {numbers} to {INTEGERS}")

    def evaluate(self, operation: str, operands: Sequence[str]) -> str:
        """Add an operation of a program."""
        z = self.body.evaluate(operation, [Register(self.body, x) for x in operands])
        self.lines += [f"  {line}" for line in self.body.lines[self.body.taken :]]
        self.body.taken = len(self.body.lines)
        return z.name

    def select(self, condition: str, x: str, y: str) -> str:
        """Return x where an integer is not 0, else y."""
        test = self.let(f"icmp ne i64 {condition}, 0")
        return self.let(f"select i1 {test}, {VECTOR} {x}, {VECTOR} {y}")

    def choose(self, test: str, x: str, y: str) -> str:
        """Return x in the lanes where a test holds, else y."""
        return self.let(f"select {TEST} {test}, {VECTOR} {x}, {VECTOR} {y}")

    def lanes(self, start: str) -> str:
        """Return the eight integers from `start` on."""
        return self.let(f"add {INTEGERS} {self.splat(start, 'i64')}, {IOTA}")

    def number(self, x: float) -> str:
        """Return a constant in all lanes."""
        return self.body.literal(x)

    def counted(self, stop: str, step: int, many: Callable[[str, int], None], sizes: Sequence[int]) -> None:
        """Loop from 0 to `stop` in steps of the first size while they fit, then of the next ones."""
        start = "0"
        for size in sizes:
            whole = self.let(f"sub i64 {stop}, {start}")
            whole = self.let(f"sdiv i64 {whole}, {size * step}")
            end = self.add(start, self.times(whole, str(size * step)))
            self.loop(start, end, size * step, lambda i, size=size: many(i, size))  # type: ignore[misc]
            start = end


class Operand:
    """How an operand of a fold is read: the address of its region, and its start and strides, in numbers."""

    def __init__(self, code: Writer, mode: str) -> None:
        self.code, self.mode = code, mode
        words = code.read(Strided[str])
        self.pointer = code.base(words.region)
        scale = "%rows" if mode == "r" else "1"
        self.start, self.outer, self.inner, self.lane, self.term = (code.times(word, scale) for word in words[1:])
        self.ramp = code.let(f"mul {INTEGERS} {code.splat(self.lane, 'i64')}, {IOTA}") if mode == "g" else ""

    def read(self, offsets: Sequence[str], lane: str, mask: str) -> str:
        """Return the numbers of the lanes from `lane` on."""
        code = self.code
        at = code.at(self.pointer, *offsets)
        if self.mode == "s":
            return code.broadcast(at)
        if self.mode == "g":
            return code.gather(code.at(at, code.times(lane, self.lane)), self.ramp, mask)
        return code.vector(code.at(at, lane), mask)

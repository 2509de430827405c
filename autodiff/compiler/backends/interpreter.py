"""The interpreter: a program's groups of instructions, each one call of the native function of its operation.

The function of an operation is compiled once, from its rule; so a new program is ready within microseconds.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from ...arrays import Floats
from ...locks import lock
from ..batch.inputs import address
from ..batch.pool import Pool
from ..batch.reduction import DOUBLE
from ..llvm import jit
from ..llvm.arithmetic import Registers
from ..llvm.code import Code, fields, function
from ..program.program import Program
from ..program.schedule import schedule
from .blocks import Native
from .blocks_ir import BLOCK

_operations: dict[tuple[str, int], int] = {}  # operation, lanes → address
_blocks: dict[int, int] = {}  # lanes → address of the block function
_codes: list[jit.MachineCode] = []  # kept as long as the process
_lock = lock(1)
MEMCPY = "declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)"


class InterpreterArguments(ctypes.Structure):
    """The arguments of `interpret`.

    The `work` vector has a number for each slot and lane, `inputs` is where its `size` bytes of inputs begin. Of the
    `count` groups each has the address of its operation, that of its operands' slots, how many results it has, and the
    slot of the first. The slots of `k` outputs are in `outputs`; `guards` has for each of the `conditions` its slot,
    and -1 if it must be false, else 0.
    """

    _fields_ = (
        *fields("work groups inputs outputs guards", ctypes.c_void_p),
        *fields("count size k conditions", ctypes.c_int64),
    )


class Context(NamedTuple):
    """The memory of a call: the arguments of `interpret`, the arrays that they point at, and their address."""

    arguments: InterpreterArguments
    work: Floats
    groups: Any
    guards: Any
    address: int


class Interpreter(Native):
    """Groups of instructions, each a call of the function of its operation."""

    def __init__(self, program: Program, threads: int = 1) -> None:
        super().__init__(program, threads)
        self.schedule = schedule(program)
        self._contexts = Pool[Context]()

    def block(self, lanes: int) -> int:
        """Return the address of the block function."""
        with _lock:
            if lanes not in _blocks:
                code = jit.compile_ir("\n".join([MEMCPY, interpret(lanes)]), frozenset(), 2)
                _codes.append(code)
                _blocks[lanes] = code.address("interpret")
            return _blocks[lanes]

    def context(self, lanes: int, theta: Floats) -> tuple[int, Any]:
        """Return the address of a context with the parameters theta."""
        made = self._contexts.take(lanes, partial(self._layout, lanes))
        made.work[: self.program.parameters] = theta[:, None]
        return made.address, made

    def release(self, lanes: int, kept: Any) -> None:
        """Keep a context for the next call."""
        self._contexts.give_back(lanes, kept)

    def _layout(self, lanes: int) -> Context:
        """Return a context for this number of lanes."""
        program, plan = self.program, self.schedule
        compile_operations({operation: len(slots) for operation, _, slots in plan.groups}, lanes)
        work = np.empty((program.slots, lanes))
        constants = np.array(program.constants)
        work[program.first - len(constants) : program.first] = constants[:, None]
        groups = np.array(
            [(_operations[op, lanes], address(slots), slots.shape[1], out) for op, out, slots in plan.groups], np.int64
        ).reshape(-1, 4)
        flips = np.where(plan.truths, 0, -1)
        guards = np.stack([plan.guards, flips], axis=-1).astype(np.int32)
        arguments = InterpreterArguments(
            work=address(work),
            groups=address(groups),
            count=len(groups),
            inputs=address(work) + program.parameters * lanes * DOUBLE,
            size=program.inputs * lanes * DOUBLE,
            outputs=address(plan.outputs),
            k=self.outputs,
            guards=address(guards),
            conditions=len(guards),
        )
        return Context(arguments, work, groups, guards, ctypes.addressof(arguments))


def compile_operations(arities: dict[str, int], lanes: int) -> None:
    """Compile the operations, given with how many operands they take, that this process has not compiled yet."""
    with _lock:
        missing = sorted(name for name in arities if (name, lanes) not in _operations)
        if not missing:
            return
        parts, declared, calls = [], dict[str, None](), set[tuple[str, int]]()
        for i, name in enumerate(missing):
            text, body = operation(name, i, lanes, arities[name])
            parts.append(text)
            declared.update(dict.fromkeys(body.declarations()))
            calls |= body.calls
        code = jit.compile_ir("\n".join([*declared, *parts]), frozenset(calls), 2)
        _codes.append(code)
        _operations.update(((name, lanes), code.address(f"op{i}")) for i, name in enumerate(missing))


def interpret(lanes: int) -> str:
    """Return the block function of the interpreter, whose context points at `InterpreterArguments`."""
    code = Code()
    body = Registers(lanes)
    code.unpack("%context", InterpreterArguments)
    code.do("call void @llvm.memcpy.p0.p0.i64(ptr %inputs, ptr %in, i64 %size, i1 false)")

    def group(g: str) -> None:
        entry = code.element("i64", "%groups", code.let(f"mul i64 {g}, 4"))
        operation, operands = code.entry(entry, 0, "ptr"), code.entry(entry, 1, "ptr")
        n, out = code.entry(entry, 2), code.entry(entry, 3)
        code.do(f"call void {operation}(ptr %work, ptr {operands}, i64 {n}, i64 {out})")

    code.loop("0", "%count", 1, group)
    mask = code.let("alloca i64")
    code.do(f"store i64 %mask, ptr {mask}")

    def number(slots: str, j: str, width: int) -> str:
        index = code.let(f"mul i64 {j}, {width}")
        place = code.place(code.element("i32", slots, index), lanes)
        return code.let(f"load {body.type}, ptr {code.element('double', '%work', place)}, align 8")

    def guard(j: str) -> None:
        test = code.let(f"fcmp une {body.type} {number('%guards', j, 2)}, {body.literal(0.0)}")
        found = code.let(f"zext i{lanes} {code.let(f'bitcast {body.test} {test} to i{lanes}')} to i64")
        at = code.element("i32", code.element("i32", "%guards", code.let(f"mul i64 {j}, 2")), "1")
        flip = code.let(f"zext i32 {code.let(f'load i32, ptr {at}')} to i64")
        before = code.let(f"load i64, ptr {mask}")
        after = code.let(f"and i64 {before}, {code.let(f'xor i64 {found}, {flip}')}")
        code.do(f"store i64 {after}, ptr {mask}")

    code.loop("0", "%conditions", 1, guard)
    taken = code.let(f"load i64, ptr {mask}")
    chosen = code.let(f"bitcast i{lanes} {code.let(f'trunc i64 {taken} to i{lanes}')} to {body.test}")

    def accumulate(j: str) -> None:
        x = number("%outputs", j, 1)
        at = code.element("double", "%out", code.let(f"mul i64 {j}, {lanes}"))
        before = code.let(f"load {body.type}, ptr {at}, align 8")
        after = code.let(f"fadd {body.type} {before}, {x}")
        kept = code.let(f"select {body.test} {chosen}, {body.type} {after}, {body.type} {before}")
        code.do(f"store {body.type} {kept}, ptr {at}, align 8")

    code.loop("0", "%k", 1, accumulate)
    return function("interpret", BLOCK, code, f"i64 {taken}")


def operation(name: str, index: int, lanes: int, arity: int) -> tuple[str, Registers]:
    """Return a function that evaluates an operation for a group of instructions, and its body."""
    code, body = Code(), Registers(lanes)

    def one(i: str) -> None:
        operands = []
        for j in range(arity):
            at = code.let(f"add i64 {i}, {code.let(f'mul i64 %count, {j}')}")
            place = code.place(code.element("i32", "%operands", at), lanes)
            operands.append(body.load(code.element("double", "%work", place)))
            code.lines += _taken(body)
        z = body.evaluate(name, operands)
        code.lines += _taken(body)
        slot = code.let(f"add i64 %out, {i}")
        place = code.let(f"mul i64 {slot}, {lanes}")
        code.do(f"store {body.type} {z.name}, ptr {code.element('double', '%work', place)}, align 8")

    code.loop("0", "%count", 1, one)
    return function(f"op{index}", "ptr %work, ptr %operands, i64 %count, i64 %out", code), body


def _taken(body: Registers) -> Sequence[str]:
    """Return the lines of a body that were not taken before."""
    lines = [f"  {line}" for line in body.lines[body.taken :]]
    body.taken = len(body.lines)
    return lines

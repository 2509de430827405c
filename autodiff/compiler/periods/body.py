"""The native function of a program with runs: straight parts and loops, as LLVM IR.

Numbers that a loop carries are phis, what is read by a stride is in the workspace, and constants that differ between
repetitions are in a table. Operations are written by the arithmetic that straight-line code uses, so bits are equal.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...arrays import Floats
from ..llvm.arithmetic import Register, Registers
from .dependences import Carried, Copy, Dependences, Fixed, Leaf, Moving, Present, Source

ARGUMENTS = "ptr noalias %theta, ptr noalias %work, ptr noalias %table, ptr noalias %in, ptr noalias %out, i64 %mask"
NEAR = 'attributes #0 = { "min-legal-vector-width"="512" "prefer-vector-width"="512" }'


class Body:
    """The function under construction, and the `table` of what differs between repetitions."""

    def __init__(self, plan: Dependences, body: Registers) -> None:
        self.plan, self.body, self.program = plan, body, plan.program
        self.lanes = body.lanes
        self.block, self.time = "entry", ""
        self.results: dict[int, Register] = {}  # of straight code, and of the last repetitions of loops
        self.table: list[Floats] = []
        self._offsets: dict[bytes, int] = {}
        self._scaled: dict[int, str] = {}
        self._filled = 0

    def write(self) -> list[str]:
        """Return the lines of the function."""
        let = self.body.let
        self.mask = let(f"bitcast i{self.lanes} {let(f'trunc i64 %mask to i{self.lanes}')} to {self.body.test}")
        for k, part in enumerate(self.plan.straight()):
            for i in part:
                self._instruction(i)
            if k < len(self.plan.runs):
                self._loop(k)
        for slot, truth in self.plan.guards:
            self.mask = self._guarded(self.mask, self.read(slot), truth)
        self._outputs()
        taken = let(f"zext i{self.lanes} {let(f'bitcast {self.body.test} {self.mask} to i{self.lanes}')} to i64")
        return ["entry:", *self.body.lines, f"ret i64 {taken}"]

    def read(self, slot: int) -> Register:
        """Return a slot as straight code reads it."""
        if slot < self.program.first:
            return self._leaf(slot)
        found = self.results.get(slot)
        if found is None:
            owner = self.plan.trajectory.owner(slot)
            assert owner is not None
            found = self._load(Moving(slot, 0, self.plan.runs[owner[0]].period))
            if not self.time:
                self.results[slot] = found
        return found

    def _leaf(self, slot: int) -> Register:
        program, body = self.program, self.body
        inputs = program.parameters + program.inputs
        if slot >= inputs:
            return Register(body, body.literal(program.constants[slot - inputs]))
        if slot >= program.parameters:
            return body.load("%in", (slot - program.parameters) * self.lanes)
        return body.broadcast("%theta", slot)

    def _instruction(self, i: int) -> None:
        program = self.program
        operands = program.operands[program.starts[i] : program.starts[i + 1]].tolist()
        slot = program.first + i
        result = self.body.evaluate(program.operations[program.codes[i]], [self.read(o) for o in operands])
        self.results[slot] = result
        for step in self.plan.trajectory.steps:
            self._keep(Moving(slot, 0, step), result)

    def _loop(self, k: int) -> None:
        """Write a loop, whose body is one block that runs at least once."""
        plan, run, body = self.plan, self.plan.runs[k], self.body
        start, lines = plan.trajectory.starts[k], body.lines
        begin = {
            (position, level): self.read(start + position - level * run.period).name
            for position, most in plan.begun[k].items()
            for level in range(1, most + 1)
        }
        fixed = {
            source.slot: self.read(source.slot)
            for row in plan.sources[k]
            for source in row
            if isinstance(source, Fixed)
        }
        before, self.block = self.block, f"loop{k}"
        lines += [f"br label %loop{k}", f"loop{k}:"]
        self.time = f"%time{k}"
        lines.append(f"{self.time} = phi i64 [ 0, %{before} ], [ %next{k}, %loop{k} ]")
        phis = {(position, ago): len(lines) + n for n, (position, ago) in enumerate(self._levels(k))}
        lines += [""] * len(phis)
        mask, checks = self.mask, bool(plan.checked[k])
        if checks:
            self.mask, at = f"%mask{k}", len(lines)
            lines.append("")
        self._scaled = {}
        results: list[Register] = []
        for position, sources in enumerate(plan.sources[k]):
            operands = [self._operand(k, source, results, fixed) for source in sources]
            name = self.program.operations[self.program.codes[run.start + position]]
            results.append(body.evaluate(name, operands))
            self._keep(Moving(start + position, run.period, run.period), results[-1])
            if position in plan.checked[k]:
                self.mask = self._guarded(self.mask, results[-1], plan.checked[k][position])
        zero = body.literal(0.0)
        for (position, ago), line in phis.items():
            came = begin.get((position, ago), zero)
            goes = results[position].name if ago == 1 else f"%ago{k}.{position}.{ago - 1}"
            lines[line] = f"%ago{k}.{position}.{ago} = phi {body.type} [ {came}, %{before} ], [ {goes}, %loop{k} ]"
        if checks:
            lines[at] = f"%mask{k} = phi {body.test} [ {mask}, %{before} ], [ {self.mask}, %loop{k} ]"
        lines.append(f"%next{k} = add i64 {self.time}, 1")
        lines.append(f"%more{k} = icmp ult i64 %next{k}, {run.times}")
        lines += [f"br i1 %more{k}, label %loop{k}, label %exit{k}", f"exit{k}:"]
        self.block, self.time = f"exit{k}", ""
        self._scaled = {}
        last = start + run.period * (run.times - 1)
        for position, result in enumerate(results):
            self.results[last + position] = result
        for position, ago in phis:
            self.results[last + position - ago * run.period] = Register(body, f"%ago{k}.{position}.{ago}")

    def _levels(self, k: int) -> list[tuple[int, int]]:
        """Return what a loop carries: positions, and how many repetitions ago."""
        return [(position, ago) for position, most in self.plan.carried[k].items() for ago in range(1, most + 1)]

    def _operand(self, k: int, source: Source, results: list[Register], fixed: dict[int, Register]) -> Register:
        if isinstance(source, Present):
            return results[source.position]
        if isinstance(source, Carried):
            return Register(self.body, f"%ago{k}.{source.position}.{source.ago}")
        if isinstance(source, Fixed):
            return fixed[source.slot]
        return self._load(source) if isinstance(source, Moving) else self._leaves(source)

    def _leaves(self, leaf: Leaf) -> Register:
        """Return an input, a parameter or a constant that may be another in each repetition."""
        program, slots = self.program, leaf.slots
        inputs = program.parameters + program.inputs
        if (slots == slots[0]).all():
            return self._leaf(int(slots[0]))
        if slots[0] >= inputs:
            numbers = np.array(program.constants)[slots - inputs]
            bits = numbers.view(np.int64)
            if (bits == bits[0]).all():
                return self._leaf(int(slots[0]))
            return self.body.broadcast(self._entry(numbers), 0)
        strides = np.diff(slots)
        first = int(slots[0]) - program.parameters
        if (strides == strides[0]).all():
            return self.body.load(self._at("%in", first, int(strides[0])))
        let = self.body.let
        index = let(f"load i64, ptr {self._entry((slots - program.parameters).astype(np.int64))}, align 8")
        return self.body.load(let(f"getelementptr double, ptr %in, i64 {let(f'mul i64 {index}, {self.lanes}')}"))

    def _entry(self, column: NDArray[Any]) -> str:
        """Return the address of this repetition's entry of a column of the table."""
        key = column.tobytes()
        if key not in self._offsets:
            self._offsets[key] = self._filled
            self.table.append(column.view(np.float64))
            self._filled += len(column)
        at = self.body.let(f"getelementptr double, ptr %table, i64 {self._offsets[key]}")
        return self.body.let(f"getelementptr double, ptr {at}, i64 {self.time}")

    def _at(self, pointer: str, index: int, step: int) -> str:
        """Return the address of the block of numbers at `index`, which moves by `step` with each repetition."""
        let = self.body.let
        at = let(f"getelementptr double, ptr {pointer}, i64 {index * self.lanes}")
        if not step:
            return at
        if step not in self._scaled:
            self._scaled[step] = let(f"mul i64 {self.time}, {step * self.lanes}")
        return let(f"getelementptr double, ptr {at}, i64 {self._scaled[step]}")

    def _load(self, source: Moving) -> Register:
        array = self.plan.trajectory.holding(source.slot, source.step)
        assert array is not None
        return self.body.load(self._at("%work", array.at(source.slot), source.stride // source.step))

    def _keep(self, target: Moving, x: Register) -> None:
        """Store a number in the array of a step that holds it, if there is one."""
        array = self.plan.trajectory.holding(target.slot, target.step)
        if array is not None:
            at = self._at("%work", array.at(target.slot), target.stride // target.step)
            self.body.lines.append(f"store {self.body.type} {x.name}, ptr {at}, align 8")

    def _guarded(self, mask: str, x: Register, truth: bool) -> str:
        body = self.body
        test = body.truth(x)
        if not truth:
            ones = "true" if self.lanes == 1 else "splat (i1 true)"
            test = body.let(f"xor {body.test} {test}, {ones}")
        return body.let(f"and {body.test} {mask}, {test}")

    def _outputs(self) -> None:
        copied = {one.output: one for one in self.plan.listed}
        k, outputs = 0, self.program.outputs
        while k < len(outputs):
            if k in copied:
                self._copy(k, copied[k])
                k += copied[k].times
            else:
                self._add(k, 0, self.read(outputs[k]))
                k += 1

    def _copy(self, k: int, copy: Copy) -> None:
        lines = self.body.lines
        lines += [f"br label %copy{k}", f"copy{k}:"]
        self.time, self._scaled = f"%output{k}", {}
        lines.append(f"{self.time} = phi i64 [ 0, %{self.block} ], [ %following{k}, %copy{k} ]")
        self._add(copy.output, 1, self._load(copy.moving))
        lines.append(f"%following{k} = add i64 {self.time}, 1")
        lines.append(f"%again{k} = icmp ult i64 %following{k}, {copy.times}")
        lines += [f"br i1 %again{k}, label %copy{k}, label %copied{k}", f"copied{k}:"]
        self.block, self.time, self._scaled = f"copied{k}", "", {}

    def _add(self, output: int, step: int, x: Register) -> None:
        """Add a number to an output, in the lanes of the mask."""
        body, at = self.body, self._at("%out", output, step)
        before = body.let(f"load {body.type}, ptr {at}, align 8")
        after = body.let(f"fadd {body.type} {before}, {x.name}")
        kept = body.let(f"select {body.test} {self.mask}, {body.type} {after}, {body.type} {before}")
        body.lines.append(f"store {body.type} {kept}, ptr {at}, align 8")


def source(plan: Dependences, body: Registers, arguments: str) -> tuple[str, Floats]:
    """Return the module of the function `block` with these arguments, and the table that it reads.

    The context of the function are three addresses: of the parameters' numbers, the workspace and the table.
    """
    writing = Body(plan, body)
    lines = writing.write()
    calls = [f"%at{i} = getelementptr ptr, ptr %context, i64 {i}\n%p{i} = load ptr, ptr %at{i}" for i in range(3)]
    pointers = "ptr %p0, ptr %p1, ptr %p2, ptr %in, ptr %out, i64 %mask"
    text = [
        *body.declarations(),
        f"define internal i64 @body({ARGUMENTS}) noinline #0 {{",
        *lines,
        "}",
        f"define i64 @block({arguments}) {{",
        *calls,
        f"%taken = call i64 @body({pointers})",
        "ret i64 %taken",
        "}",
        NEAR,
    ]
    return "\n".join(text), np.concatenate([*writing.table, np.zeros(1)])

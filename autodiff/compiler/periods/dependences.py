"""Dependences of loops in time: where each operand comes from, and what a loop carries in registers.

Present        a result of the same repetition
Carried     a result of an earlier repetition, up to four before, in a phi
Fixed       one slot in all repetitions, read before the loop
Moving      slots that move by a stride, in the trajectory
Leaf        an input, a constant or a parameter, the same or another in each repetition
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..program.program import Program
from .search import Periodic
from .trajectory import ConflictError, Trajectory

AGO = 4  # repetitions up to which a result is carried in registers
LISTED = 16  # outputs from which on they are a loop
Ints = NDArray[np.int64]


class Present(NamedTuple):
    """The result at a position of the body, in this repetition."""

    position: int


class Carried(NamedTuple):
    """The result at a position of the body, `ago` repetitions before."""

    position: int
    ago: int


class Fixed(NamedTuple):
    """A slot that all repetitions read."""

    slot: int


class Moving(NamedTuple):
    """The slots from `slot` on by `stride`, in an array of a `step`."""

    slot: int
    stride: int
    step: int


class Leaf(NamedTuple):
    """The slots of parameters, inputs or constants, one for each repetition."""

    slots: Ints


Source = Present | Carried | Fixed | Moving | Leaf


class Copy(NamedTuple):
    """Consecutive outputs from `output` on, which are slots that move by a stride."""

    output: int
    times: int
    moving: Moving


class Dependences:
    """The runs that were kept, and the sources of all that they read."""

    def __init__(self, program: Program, runs: Sequence[Periodic]) -> None:
        self.program, self.runs = program, sorted(runs)
        while True:
            try:
                self._lay_out()
            except ConflictError as conflict:
                self.runs.remove(conflict.run)
            else:
                return

    @property
    def size(self) -> int:
        """The number of instructions of the code."""
        return len(self.program.codes) - self.saved

    @property
    def saved(self) -> int:
        """The number of instructions that loops save."""
        return sum(run.period * (run.times - 1) for run in self.runs)

    def straight(self) -> Iterator[range]:
        """Yield the straight parts before each run and after the last, as ranges of instructions."""
        edges = [0, *(edge for run in self.runs for edge in (run.start, run.stop)), len(self.program.codes)]
        yield from (range(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True))

    def _lay_out(self) -> None:
        program, first = self.program, self.program.first
        self.trajectory = Trajectory(self.runs, first)
        self.carried: list[dict[int, int]] = [defaultdict(int) for _ in self.runs]  # position → most repetitions ago
        self.begun: list[dict[int, int]] = [defaultdict(int) for _ in self.runs]  # of these, which have a beginning
        self.sources: list[list[list[Source]]] = [[] for _ in self.runs]
        self._guard()
        self.listed = list(self._copies())
        copied = {k for one in self.listed for k in range(one.output, one.output + one.times)}
        for k, slot in enumerate(program.outputs):
            if k not in copied:
                self._read(slot)
        for part in self.straight():
            for slot in program.operands[program.starts[part.start] : program.starts[part.stop]].tolist():
                self._read(slot)
        for k in reversed(range(len(self.runs))):  # what a loop begins with comes from before it
            self._sources(k)
        self.trajectory.place()

    def _read(self, slot: int) -> None:
        """Let straight code read a slot: of a loop, in one of its last repetitions or from memory."""
        owner = self.trajectory.owner(slot) if slot >= self.program.first else None
        if owner is None:
            return
        k, time, position = owner
        ago = self.runs[k].times - 1 - time
        if ago <= AGO:
            self.carried[k][position] = max(self.carried[k][position], ago)
        else:
            self.trajectory.need(slot)

    def _guard(self) -> None:
        """Part the guards into those of all repetitions of a loop, which it checks, and others."""
        truths = dict(self.program.guards)
        self.checked: list[dict[int, bool]] = [{} for _ in self.runs]
        self.guards: list[tuple[int, bool]] = []
        counts: dict[tuple[int, int, bool], int] = defaultdict(int)
        owners = {slot: self.trajectory.owner(slot) for slot in truths if slot >= self.program.first}
        single = {slot for slot, truth in self.program.guards if truths[slot] == truth}
        for slot, truth in truths.items():
            owner = owners.get(slot)
            if owner and slot in single:
                counts[owner[0], owner[2], truth] += 1
        for slot, truth in self.program.guards:
            owner = owners.get(slot)
            if owner and counts[owner[0], owner[2], truth] == self.runs[owner[0]].times:
                self.checked[owner[0]][owner[2]] = truth
            else:
                self.guards.append((slot, truth))
                self._read(slot)

    def _copies(self) -> Iterator[Copy]:
        """Yield the sequences of outputs that move by a stride through the results of one loop."""
        outputs = np.array(self.program.outputs, np.int64)
        if len(outputs) < LISTED:
            return
        strides = np.diff(outputs)
        edges = [0, *(np.flatnonzero(np.diff(strides)) + 1).tolist(), len(strides)]
        free = 0
        for low, last in pairwise(edges):
            begin = max(low, free)
            times = last - begin + 1
            if times < LISTED:
                continue
            slot, stride = int(outputs[begin]), int(strides[begin])
            periods = self._periods(outputs[begin : last + 1])
            if len(periods) == 1 and 0 not in periods and stride and stride % periods.pop() == 0:
                yield Copy(begin, times, Moving(slot, stride, self.trajectory.need(slot, stride, times)))
                free = last + 1

    def _periods(self, slots: Ints) -> set[int]:
        """Return the periods of the loops that compute slots; 0 for a leaf."""
        owners = [self.trajectory.owner(slot) if slot >= self.program.first else (-1,) for slot in slots.tolist()]
        return {self.runs[owner[0]].period if owner[0] >= 0 else 0 for owner in owners if owner}

    def _sources(self, k: int) -> None:
        run, program = self.runs[k], self.program
        starts, counts = program.starts, np.array(program.arities)[program.codes]
        for position in range(run.period):
            i = run.start + position
            row: list[Source] = []
            for j in range(int(counts[i])):
                slots = program.operands[starts[i : run.stop : run.period][: run.times] + j].astype(np.int64)
                row.append(self._source(k, slots))
            self.sources[k].append(row)
        for position, most in self.begun[k].items():
            for ago in range(1, most + 1):
                self._read(self.trajectory.starts[k] + position - ago * run.period)

    def _source(self, k: int, slots: Ints) -> Source:
        """Return where the slots come from that an operand of run k reads."""
        run, start = self.runs[k], self.trajectory.starts[k]
        slot, stride = int(slots[0]), int(slots[1] - slots[0])
        if slot < self.program.first:
            return Leaf(slots)
        if stride == run.period:
            ago = max(0, -(-(start - slot) // run.period))
            position = slot + ago * run.period - start
            if ago == 0:
                return Present(position)
            if ago <= min(AGO, run.times - 1):
                self.carried[k][position] = max(self.carried[k][position], ago)
                self.begun[k][position] = max(self.begun[k][position], ago)
                return Carried(position, ago)
        if stride == 0 and slot < start:
            self._read(slot)
            return Fixed(slot)
        return Moving(slot, stride, self.trajectory.need(slot, stride, len(slots)))

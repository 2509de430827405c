"""The derivatives of a trace as more instructions: the sweep of `backward`, on slots in place of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .builder import Builder
from .tape import Tape

UNSEEN, IDLE, REACHING = 0, 1, 2  # a place that a sweep has not met, one that no target is behind, and the others
PENDING = ...  # the adjoint of an operand that is just being added to


class Sweep:
    """What the sweeps from all results of a tape share; `targets` are places, or -1 for none."""

    def __init__(self, builder: Builder, tape: Tape, targets: Sequence[int]) -> None:
        self.builder = builder
        self.tape = tape
        self.targets = targets
        self._state: list[int] = [UNSEEN] * len(tape.ops)
        self._adjoint: list[Any] = [None] * len(tape.ops)  # by place: a slot, or a number that it always is
        self._fixed: list[bool] = [False] * len(tape.ops)  # whether that slot is a constant's

    def derivatives(self, root: int) -> list[int | None]:
        """Return the slot of the derivative of what is at `root` by each target that it depends on.

        Contributions are added in the order of `backward`; that every adjoint starts at 0.0 only matters for the sign
        of a zero, which whoever takes the derivative sets right by adding 0.0.
        """
        reached = [target for target in self.targets if target >= 0]
        for target in reached:
            self._state[target] = REACHING
        seen: list[int] = []
        order = self._active_order(root, seen)
        found: list[int | None] = [None] * len(self.targets)
        if self._state[root] == REACHING:
            self._adjoint[root] = 1.0
            for i in range(len(order) - 1, -1, -1):
                self._propagate(order[i])
            for i, target in enumerate(self.targets):
                if target >= 0 and self._adjoint[target] is not None:
                    found[i] = self.builder.kept(self._adjoint[target])
        for place in seen:
            self._state[place] = UNSEEN
            self._adjoint[place] = None
        for target in reached:
            self._adjoint[target] = None
        return found

    def _propagate(self, node: int) -> None:
        """Add to the adjoint of each operand that a target is behind."""
        tape, builder, adjoint = self.tape, self.builder, self._adjoint
        seed = adjoint[node]
        if seed is None:
            return
        start, count = tape.starts[node], tape.starts[node + 1] - tape.starts[node]
        given: list[int] = []
        earlier: list[Any] = []  # the adjoints of the active operands
        places: list[int] = []  # and their places
        fixed, active, bit = 0, 0, 1
        for k in range(start, start + count):
            operand = tape.operands[k]
            if operand >= 0:
                given.append(builder.slots[operand])
                if builder.fixed[operand]:
                    fixed |= bit
                if tape.active[k] and self._state[operand] == REACHING:
                    active |= bit
                    places.append(operand)
                    earlier.append(adjoint[operand])
                    adjoint[operand] = PENDING
            else:
                given.append(builder.constant(tape.numbers[-1 - operand]))
                fixed |= bit
            bit += bit
        given.append(builder.slots[node])
        bit += bit
        number = None
        if type(seed) is float:
            number = repr(seed)
            given.append(0)
        else:
            given.append(seed)
            if self._fixed[node]:
                fixed |= bit
        pattern: list[Any] = []
        for i, before in enumerate(earlier):
            if type(before) is int:
                bit += bit
                if self._fixed[places[i]]:
                    fixed |= bit
                given.append(before)
                pattern.append("slot")
            elif before is PENDING:
                pattern.append(last(places, i))
            else:
                pattern.append(None if before is None else repr(before))
        template = builder.step(tape.ops[node], count, fixed, active, number, tuple(pattern))
        first = builder.use(template, given)
        for i, operand in enumerate(places):
            adjoint[operand] = builder.result(template, i, first, given)
            self._fixed[operand] = template.fixed[i]

    def _active_order(self, root: int, seen: list[int]) -> list[int]:
        """Return the places between targets and `root` in the post-order along edges, and list all that were met."""
        tape, state = self.tape, self._state
        order: list[int] = []
        path: list[int] = [root]
        while path:
            node = path[-1]
            if state[node] != UNSEEN:
                path.pop()
                continue
            before = len(path)
            found = IDLE
            for k in range(tape.starts[node + 1] - 1, tape.starts[node] - 1, -1):
                if tape.active[k]:
                    operand = tape.operands[k]
                    if state[operand] == UNSEEN:
                        path.append(operand)
                    elif state[operand] == REACHING:
                        found = REACHING
            if len(path) > before:
                continue
            state[node] = found
            seen.append(node)
            if found == REACHING:
                order.append(node)
            path.pop()
        return order


def last(places: list[int], i: int) -> int:
    """Return where before i the place at i was last."""
    k = i - 1
    while places[k] != places[i]:
        k -= 1
    return k

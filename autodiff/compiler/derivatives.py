"""The derivatives of a trace as more instructions: the sweep of `backward`, on slots in place of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .builder import Builder
from .recording import Record

UNSEEN, IDLE, REACHING = 0, 1, 2  # a place that a sweep has not met, one that no target is behind, and the others


class Sweep:
    """What the sweeps from all results of a record share: the slots of its places, and the targets' places (or -1)."""

    def __init__(self, builder: Builder, record: Record, slots: list[int], targets: Sequence[int]) -> None:
        self.builder = builder
        self.record = record
        self.slots = slots
        self.targets = targets
        self._state: list[int] = [UNSEEN] * len(slots)
        self._adjoint: list[Any] = [None] * len(slots)  # a slot, or a number that it always is

    def derivatives(self, root: int) -> list[int | None]:
        """Return the slot of the derivative of what is at `root` by each target that it depends on.

        Contributions are added in the order of `backward`; that every adjoint starts at 0.0 only matters for the sign
        of a zero, which whoever takes the derivative sets right by adding 0.0.
        """
        for target in self.targets:
            if target >= 0:
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
        for target in self.targets:
            if target >= 0:
                self._adjoint[target] = None
        return found

    def _propagate(self, node: int) -> None:
        """Add to the adjoint of each operand that a target is behind."""
        record, builder, adjoint = self.record, self.builder, self._adjoint
        seed = adjoint[node]
        if seed is None:
            return
        start, end = record.starts[node], record.starts[node + 1]
        given: list[int] = []
        active: list[bool] = []
        for k in range(start, end):
            operand = record.operands[k]
            if operand >= 0:
                given.append(self.slots[operand])
                active.append(record.active[k] and self._state[operand] == REACHING)
            else:
                given.append(builder.constant(record.numbers[-1 - operand]))
                active.append(False)
        given.append(self.slots[node])
        partials = builder.partials(record.ops[node], given, active)
        for i in range(end - start):
            partial = partials[i]
            if partial is not None:
                operand = record.operands[start + i]
                part = builder.times(partial, seed)
                before = adjoint[operand]
                adjoint[operand] = part if before is None else builder.plus(before, part)

    def _active_order(self, root: int, seen: list[int]) -> list[int]:
        """Return the places between targets and `root` in the post-order along edges, and list all that were met."""
        record, state = self.record, self._state
        order: list[int] = []
        path: list[int] = [root]
        while path:
            node = path[-1]
            if state[node] != UNSEEN:
                path.pop()
                continue
            before = len(path)
            found = IDLE
            for k in range(record.starts[node + 1] - 1, record.starts[node] - 1, -1):
                if record.active[k]:
                    operand = record.operands[k]
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

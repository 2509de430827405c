"""The reverse sweep on slots: the derivatives of a trace as more instructions, added in the order of `backward`.

    >>> from autodiff import Value, compile
    >>> w = Value(3.0)
    >>> print(compile(lambda x: (w * x) * w).program(1.0))
    program: 1 parameters, 1 inputs, 4 instructions
      t0 = p0 * x0
      t1 = t0 * p0
      t2 = x0 * p0
      t3 = t0 + t2
      return t1, t3

From t1 back: the adjoint of t1 is the number 1.0, so that t0 has that of p0 and p0 that of t0, no instruction yet.
From t0 back: p0 gets x0 · (adjoint of t0), which is t2, added to the adjoint that it has: t3 is ∂t1/∂p0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .builder import Builder
from .tape import Tape

PENDING = ...  # the adjoint of an operand that comes twice, while that of the first time is being computed


class Sweep:
    """Reverse sweeps over a tape, one from each result; `targets` are places to differentiate by, -1 for none."""

    def __init__(self, builder: Builder, tape: Tape, targets: Sequence[int]) -> None:
        self.builder = builder
        self.tape = tape
        self.targets = targets
        self._adjoint: list[Any] = [None] * len(tape.ops)  # by place: a slot, or a number that it always is
        self._fixed: list[bool] = [False] * len(tape.ops)  # whether that slot is a constant's
        self._seen: list[bool] = [False] * len(tape.ops)  # by the sweep that goes on; targets always are
        self._reaching: list[bool] = [False] * len(tape.ops)  # whether a place depends on a target
        self._mark()

    def _mark(self) -> None:
        """Mark what depends on targets, once for all results: most results of composed transforms do not."""
        tape, reaching = self.tape, self._reaching
        for target in self.targets:
            if target >= 0:
                reaching[target] = self._seen[target] = True
        if True not in reaching:
            return
        for place in range(len(tape.ops)):
            for k in range(tape.starts[place], tape.starts[place + 1]):
                if tape.active[k] and reaching[tape.operands[k]]:
                    reaching[place] = True
                    break

    def derivatives(self, root: int) -> list[tuple[int, int]]:
        """Return the index of each target that the place `root` depends on, and the slot of its derivative.

        Contributions are added in the order of `backward`. No adjoint starts at 0.0 here, which would only change the
        sign of a zero: the caller adds 0.0 to the derivative instead.
        """
        found: list[tuple[int, int]] = []
        if not self._reaching[root]:
            return found
        order = self._active_order(root)
        self._adjoint[root] = 1.0
        for i in range(len(order) - 1, -1, -1):
            self._propagate(order[i])
        for i, target in enumerate(self.targets):
            if target >= 0 and self._adjoint[target] is not None:
                found.append((i, self.builder.kept(self._adjoint[target])))
        for place in order:
            self._seen[place] = False
            self._adjoint[place] = None
        for target in self.targets:
            if target >= 0:
                self._adjoint[target] = None
        return found

    def _propagate(self, node: int) -> None:
        """Add partial · adjoint to the adjoint of each operand that depends on a target."""
        tape, builder, adjoint = self.tape, self.builder, self._adjoint
        seed = adjoint[node]  # which an operation further on has given it
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
                if tape.active[k] and self._reaching[operand]:
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

    def _active_order(self, root: int) -> list[int]:
        """Return the places between targets and `root` in post-order along edges, and mark them as seen."""
        tape, seen, reaching = self.tape, self._seen, self._reaching
        order: list[int] = []
        path: list[int] = [] if seen[root] else [root]
        while path:
            node = path[-1]
            if seen[node]:
                path.pop()
                continue
            before = len(path)
            for k in range(tape.starts[node + 1] - 1, tape.starts[node] - 1, -1):
                operand = tape.operands[k]
                if tape.active[k] and reaching[operand] and not seen[operand]:
                    path.append(operand)
            if len(path) == before:
                seen[node] = True
                order.append(node)
                path.pop()
        return order


def last(places: list[int], i: int) -> int:
    """Return the last index before i with the same place as i."""
    k = i - 1
    while places[k] != places[i]:
        k -= 1
    return k

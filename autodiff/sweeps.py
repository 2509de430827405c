"""Sweeps: the derivatives of many outputs by many inputs at once, each carried only where it reaches.

A sweep for one output walks the nodes below it, and a sweep from one input those above it: of a function whose matrix
of derivatives is sparse that is a small part of the graph. Here the sweeps of many outputs go together, node by node,
each in its own order, so that every derivative has the bits of a sweep of its own, and no zero is computed: no partial
that is inf meets the 0.0 of another direction.

Colouring (Coleman and Moré 1983; Gebremedhin, Manne and Pothen 2005) sweeps those columns together that have no row in
common. Such columns have no node in common either, so that here one sweep for all costs what a sweep for each costs.
What symmetry saves of a Hessian is saved as by the edge pushing of Gower and Mello (2012): pairs of entries come once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from heapq import heappop, heappush
from typing import Any

WORSE = 4  # how many times the products of the other direction the bits of the dense form are worth
TOGETHER = 64  # sweeps at a time, which bounds the memory of adjoints that wait for their node

Edges = list[tuple[int, Any]]  # of a node: the place of each operand and its partial
Row = dict[int, Any]  # the derivatives of an output by the inputs that it depends on


class Sweeps:
    """A graph in post-order: places count the inputs first, then the nodes, whose operands are at earlier places.

    >>> sweeps = Sweeps(2, [[(0, 3.0), (1, 5.0)], [(1, 7.0)]])  # y = 3 a + 5 b, z = 7 b
    >>> sweeps.backward([2, 3, 1])
    [{1: 5.0, 0: 3.0}, {1: 7.0}, {1: 1.0}]
    """

    def __init__(self, inputs: int, edges: Iterable[Edges]) -> None:
        self.inputs = inputs
        self.edges: list[Edges] = [*([] for _ in range(inputs)), *edges]

    def by_shape(self, outputs: Sequence[int | None]) -> list[Row]:
        """Return the derivatives of each output, forward if there are fewer inputs than outputs, else backward."""
        return self.forward(outputs) if self._tall(outputs) else self.backward(outputs)

    def by_products(self, outputs: Sequence[int | None]) -> list[Row]:
        """Return the same, swept as by shape unless that takes `WORSE` times the products of the other direction."""
        ahead, back = self._products(outputs)
        forward = ahead <= WORSE * back if self._tall(outputs) else ahead * WORSE < back
        return self.forward(outputs) if forward else self.backward(outputs)

    def _tall(self, outputs: Sequence[int | None]) -> bool:
        return 0 < self.inputs < len(outputs)

    def backward(self, outputs: Sequence[int | None]) -> list[Row]:
        """Return the derivatives of each output, whose place is given, None where it depends on no input."""
        found: list[Row] = [{} for _ in outputs]
        for start in range(0, len(outputs), TOGETHER):
            self._pull({i: outputs[i] for i in range(start, min(start + TOGETHER, len(outputs)))}, found, None)
        return found

    def symmetric(self, outputs: Sequence[int | None]) -> list[Row]:
        """Return the derivatives of output i by input j and of output j by input i, which are equal, found once.

        That of a fuller row is taken: the sweep of a row that has few entries need not pass what only the full row has
        in common with it, such as a chain of operations on one variable that all others are multiplied by.

        >>> Sweeps(2, [[(0, 3.0), (1, 5.0)], [(0, 5.0), (1, 7.0)]]).symmetric([2, 3])
        [{1: 5.0, 0: 3.0}, {0: 5.0, 1: 7.0}]
        """
        rank = self._ranks(outputs)
        last = rank[:]  # of each place, the highest rank of an input that it depends on
        for edges in self.edges[self.inputs :]:
            last.append(max((last[operand] for operand, _ in edges), default=-1))
        order = sorted(range(self.inputs), key=rank.__getitem__)
        half: list[Row] = [{} for _ in outputs]
        for start in range(0, len(order), TOGETHER):
            self._pull({r: outputs[order[r]] for r in range(start, min(start + TOGETHER, len(order)))}, half, last)
        found: list[Row] = [{} for _ in outputs]
        for i, row in zip(order, half, strict=True):
            for j, derivative in row.items():
                found[i][j] = found[j][i] = derivative
        return found

    def forward(self, outputs: Sequence[int | None]) -> list[Row]:
        """Return the same derivatives, found in sweeps forward."""
        found: list[Row] = [{} for _ in outputs]
        ends: dict[int, list[Row]] = {}
        for place, row in zip(outputs, found, strict=True):
            if place is not None:
                ends.setdefault(place, []).append(row)
        above: list[list[int]] = [[] for _ in self.edges]
        for place in range(self.inputs, len(self.edges)):
            for operand in {operand for operand, _ in self.edges[place]}:
                above[operand].append(place)
        for start in range(0, self.inputs, TOGETHER):
            self._push(range(start, min(start + TOGETHER, self.inputs)), above, ends)
        return found

    def _pull(self, outputs: dict[int, int | None], found: list[Row], last: Sequence[int] | None) -> None:
        """Sweep back from outputs, by key, and add to `found` under their keys; not below the `last` of a key."""
        adjoint: dict[int, dict[int, Any]] = {}
        for key, place in outputs.items():
            if place is not None:
                adjoint.setdefault(place, {})[key] = 1.0
        waiting = [-place for place in adjoint]
        waiting.sort()
        while waiting:
            place = -heappop(waiting)
            above = adjoint.pop(place)
            if place < self.inputs:
                for key, derivative in above.items():
                    found[key][place] = derivative
            for operand, partial in self.edges[place]:
                carried = above if last is None else {k: a for k, a in above.items() if k <= last[operand]}
                if operand in adjoint:
                    total = adjoint[operand]
                    for key, a in carried.items():
                        total[key] = total.get(key, 0.0) + partial * a
                elif carried:
                    adjoint[operand] = {key: 0.0 + partial * a for key, a in carried.items()}
                    heappush(waiting, -operand)

    def _push(self, inputs: Iterable[int], above: list[list[int]], ends: dict[int, list[Row]]) -> None:
        """Sweep forward from inputs, and add to the rows of the places in `ends`."""
        tangent: dict[int, dict[int, Any]] = {}
        unread: dict[int, int] = {}  # how many nodes still read a tangent
        waiting: list[int] = [*inputs]
        reached = set(waiting)
        while waiting:
            place = heappop(waiting)
            total: dict[int, Any] = {} if place >= self.inputs else {place: 1.0}
            for operand, partial in self.edges[place]:
                for key, t in tangent.get(operand, {}).items():
                    total[key] = total.get(key, 0.0) + partial * t
            for operand in {operand for operand, _ in self.edges[place] if operand in unread}:
                unread[operand] -= 1
                if not unread[operand]:
                    del tangent[operand], unread[operand]
            for row in ends.get(place, ()):
                row.update(total)
            if above[place]:
                tangent[place], unread[place] = total, len(above[place])
            for node in above[place]:
                if node not in reached:
                    reached.add(node)
                    heappush(waiting, node)

    def _ranks(self, outputs: Sequence[int | None]) -> list[int]:
        """Return the rank of each input: those whose output depends on most inputs come first."""
        ends = {*outputs}
        entries = {place: mask.bit_count() for place, mask in self._masks() if place in ends}
        full = [0 if place is None else entries[place] for place in outputs]
        rank = [0] * self.inputs
        for r, i in enumerate(sorted(range(self.inputs), key=lambda i: -full[i])):
            rank[i] = r
        return rank

    def _products(self, outputs: Sequence[int | None]) -> tuple[int, int]:
        """Return how many products the sweeps forward take, and how many those backward."""
        uses = self._uses()
        ahead, back = sum(mask.bit_count() * uses[place] for place, mask in self._masks()), 0
        ends: dict[int, list[int]] = {}
        for i, place in enumerate(outputs):
            ends.setdefault(-1 if place is None else place, []).append(i)
        masks: dict[int, int] = {}  # of a place not yet passed, a bit for each output that depends on it
        for place in range(len(self.edges) - 1, self.inputs - 1, -1):
            mask = masks.pop(place, 0)
            for i in ends.get(place, ()):
                mask |= 1 << i
            back += mask.bit_count() * len(self.edges[place])
            for operand, _ in self.edges[place]:
                if operand >= self.inputs:
                    masks[operand] = masks.get(operand, 0) | mask
        return ahead, back

    def _masks(self) -> Iterator[tuple[int, int]]:
        """Yield each place with a bit for each input that it depends on; none is kept longer than it is read."""
        left, masks = self._uses(), dict[int, int]()
        for place, edges in enumerate(self.edges):
            mask = 1 << place if place < self.inputs else 0
            for operand, _ in edges:
                mask |= 1 << operand if operand < self.inputs else masks[operand]
                left[operand] -= 1
                if not left[operand]:
                    masks.pop(operand, None)
            if place >= self.inputs and left[place]:
                masks[place] = mask
            yield place, mask

    def _uses(self) -> list[int]:
        """Return how many edges read each place."""
        found = [0] * len(self.edges)
        for edges in self.edges:
            for operand, _ in edges:
                found[operand] += 1
        return found

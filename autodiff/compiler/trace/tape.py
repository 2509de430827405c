"""What a run computed, as numbers: the graph that its results depend on, without the Values themselves.

A Value has a place: the inputs of the run come first, then whatever the results depend on, in the depth-first
post-order from them, operands in written order. So what is at a place depends on earlier places alone.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

from ...contexts import ProgramTrace, Trace, TraceError
from ...node import Node

INPUT, CAPTURED, LEAF = "<input>", "<captured>", ""  # in place of operations; a leaf of the run is a constant


class Tape:
    """The operations by place, and their operands: a place, or -1 - k for the k-th of `numbers`.

    The operands of place i are those from `starts[i]` to `starts[i + 1]`, and `active` tells which have a partial.
    `captured` are the Values from outside the trace, in the order of their first use.
    """

    def __init__(self, trace: Trace, inputs: Sequence[Any], roots: Sequence[Any]) -> None:
        self.trace = trace
        self.ops: list[str] = [INPUT] * len(inputs)
        self.starts: list[int] = [0] * (len(inputs) + 1)
        self.operands: list[int] = []
        self.active: list[bool] = []
        self.numbers: list[float] = []
        self.captured: list[Any] = []
        self._places: dict[int, int] = {id(v): i for i, v in enumerate(inputs)}
        for root in roots:
            self._visit(root)

    def place(self, node: Any) -> int:
        """Return the place of an input or of a Value that one of the roots depends on."""
        return self._places[id(node)]

    def same(self, other: Tape) -> bool:
        """Tell whether two runs computed the same from the same Values, to the last bit of each constant."""
        return (
            self.ops == other.ops
            and self.starts == other.starts
            and self.operands == other.operands
            and self.active == other.active
            and array("d", self.numbers).tobytes() == array("d", other.numbers).tobytes()
            and list(map(id, self.captured)) == list(map(id, other.captured))
        )

    def steps(self) -> list[str]:
        """Return in words, place by place, what `same` compares."""
        found: list[str] = []
        captured = iter(self.captured)
        for i, op in enumerate(self.ops):
            part = slice(self.starts[i], self.starts[i + 1])
            shown = [f"t{o}" if o >= 0 else repr(self.numbers[-1 - o]) for o in self.operands[part]]
            if op == CAPTURED:
                shown = [f"{id(next(captured)):#x}"]
            inactive = " without a gradient" if op and shown and True not in self.active[part] else ""
            found.append(f"{op or 'constant'}({', '.join(shown)}){inactive}")
        return found

    def _visit(self, root: Node) -> None:
        """Give a place to what `root` depends on, and last to itself."""
        if id(root) in self._places or self._is_leaf(root):
            return
        path: list[Node] = [root]
        found: list[list[int]] = [[]]  # for each node on the path, where its operands are as far as it was looked at
        while path:
            below = self._look(path[-1], found[-1])
            if below is not None:
                path.append(below)
                found.append([])
                continue
            self._operate(path.pop(), found.pop())
            if path:
                found[-1].append(len(self.ops) - 1)

    def _look(self, node: Node, found: list[int]) -> Node | None:
        """Note where the further operands of a node are, up to the first that has no place yet, and return that."""
        places = self._places
        further: tuple[Any, ...] = node.rest[0] if node.rest is not None else ()
        count = 1 if node.y is None else 2 + len(further)
        for k in range(len(found), count):
            operand = node.x if k == 0 else node.y if k == 1 else further[k - 2]
            if isinstance(operand, Node):
                place = places.get(id(operand), -1)
                if place < 0:
                    if not self._is_leaf(operand):
                        return operand
                    place = len(self.ops) - 1
                found.append(place)
            else:
                self.numbers.append(operand)
                found.append(-len(self.numbers))
        return None

    def _is_leaf(self, node: Node) -> bool:
        """Tell whether a node is from outside or a constant, which have their place at once."""
        trace = None if node.tag is None else node.tag[1]
        if trace is None or (trace is not self.trace and not self.trace.contains(trace)):
            _check_alive(node)
            self.captured.append(node)
            self._place(node, CAPTURED)
            return True
        if node.op:
            return False
        self.numbers.append(node._data)
        self.operands.append(-len(self.numbers))
        self.active.append(False)
        self._place(node, LEAF)
        return True

    def _operate(self, node: Node, found: list[int]) -> None:
        """Note an operation on what is at the places `found`."""
        edges = int(node.edges)
        self.operands.extend(found)
        self.active.append(edges & 1 != 0)
        if len(found) > 1:
            self.active.append(edges & 2 != 0)
        if node.rest is not None:
            for partial in node.rest[1]:
                self.active.append(edges & 4 != 0 and partial is not None)
        self._place(node, node.op)

    def _place(self, node: Node, op: str) -> None:
        self._places[id(node)] = len(self.ops)
        self.ops.append(op)
        self.starts.append(len(self.operands))


def _check_alive(node: Any) -> None:
    trace = node.trace
    while isinstance(trace, Trace):
        if isinstance(trace, ProgramTrace):
            raise TraceError(
                f"a Value ({node.op or 'a leaf'}) from an earlier run of a compiled function was kept and used again: "
                "its number is that of the run. Return it from the function instead"
            )
        trace = trace.outer

"""What a run computed, as numbers: the graph that its results depend on, without the Values themselves.

A Value has a place: the inputs of the run come first, then whatever the results depend on, in the depth-first
post-order from them, operands in written order. So what is at a place depends on earlier places alone.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

from ..contexts import ProgramTrace, Trace, TraceError
from ..node import Node

INPUT, CAPTURED, LEAF = "<input>", "<captured>", ""  # in place of operations; a leaf of the run is a constant


class Record:
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

    def same(self, other: Record) -> bool:
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
        places = self._places
        path: list[Node] = [root]
        while path:
            node = path[-1]
            if id(node) in places:
                path.pop()
                continue
            tag = node.tag
            if tag is None or (tag[1] is not self.trace and not self.trace.contains(tag[1])):
                _check_alive(node)
                self.captured.append(node)
                self._place(node, CAPTURED)
                path.pop()
            elif not node.op:
                self._operand(node._data, False)
                self._place(node, LEAF)
                path.pop()
            elif not self._await(node, path):
                self._operate(node)
                path.pop()

    def _await(self, node: Node, path: list[Node]) -> bool:
        """Put on the path the operands that have no place yet, the first on top; tell whether there are any."""
        places = self._places
        before = len(path)
        if node.rest is not None:
            further = node.rest[0]
            for i in range(len(further) - 1, -1, -1):
                operand = further[i]
                if isinstance(operand, Node) and id(operand) not in places:
                    path.append(operand)
        y = node.y
        if isinstance(y, Node) and id(y) not in places:
            path.append(y)
        x = node.x
        if isinstance(x, Node) and id(x) not in places:
            path.append(x)
        return len(path) > before

    def _operate(self, node: Node) -> None:
        """Note an operation whose operands have places."""
        edges = int(node.edges)
        self._operand(node.x, edges & 1 != 0)
        if node.y is not None:
            self._operand(node.y, edges & 2 != 0)
        rest = node.rest
        if rest is not None:
            on = edges & 4 != 0
            partials = rest[1]
            for i, operand in enumerate(rest[0]):
                self._operand(operand, on and partials[i] is not None)
        self._place(node, node.op)

    def _operand(self, operand: Any, active: bool) -> None:
        if isinstance(operand, Node):
            self.operands.append(self._places[id(operand)])
        else:
            self.numbers.append(operand)
            self.operands.append(-len(self.numbers))
        self.active.append(active)

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

"""The tape (Wengert list) of a run: the operations that its results depend on, as columns of plain numbers.

Each Value has a place on it: the inputs of the run come first, then what the results depend on, in depth-first
post-order from them, operands in written order. So every operation depends on earlier places alone.
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

    The operands of place i are those from `starts[i]` to `starts[i + 1]`; `active` is true for operands with a partial.
    `captured` are the Values from outside the trace, in the order of their first use.

    >>> from autodiff import Value
    >>> from autodiff.compiler.trace.run import record, taped
    >>> w = Value(3.0)
    >>> tape = taped(record(lambda x: w * x + 2.0 * w, [1.0], {}, 100))
    >>> list(enumerate(tape.ops))
    [(0, '<input>'), (1, '<captured>'), (2, 'mul'), (3, 'mul'), (4, 'add')]
    >>> tape.starts, tape.operands, tape.numbers  # 2 is mul(1, 0), 3 is mul(2.0, 1), 4 is add(2, 3)
    ([0, 0, 0, 2, 4, 6], [1, 0, -1, 1, 2, 3], [2.0])
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
        """Return whether two runs computed the same from the same Values, to the last bit of each constant."""
        return (
            self.ops == other.ops
            and self.starts == other.starts
            and self.operands == other.operands
            and self.active == other.active
            and array("d", self.numbers).tobytes() == array("d", other.numbers).tobytes()
            and list(map(id, self.captured)) == list(map(id, other.captured))
        )

    def steps(self) -> list[str]:
        """Return the operations in words, one for each place, as `same` compares them."""
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
        """Put on the tape whatever `root` depends on, and `root` itself last."""
        if id(root) in self._places or self._is_leaf(root):
            return
        path: list[Node] = [root]
        found: list[list[int]] = [[]]  # for each node on the path, the places of the operands that were looked at
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
        """Add the places of further operands of a node to `found`; return the first operand without one, else None."""
        places = self._places
        further: tuple[Any, ...] = node._rest[0] if node._rest is not None else ()
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
        """Return whether a node is a leaf, captured or constant; if so, it is put on the tape."""
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
        """Put an operation on the operands at the places `found` on the tape."""
        edges = int(node.edges)
        self.operands.extend(found)
        self.active.append(edges & 1 != 0)
        if len(found) > 1:
            self.active.append(edges & 2 != 0)
        if node._rest is not None:
            for partial in node._rest[1]:
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

"""Graph → picture: a value becomes a box of its own, a member of a fold, or a part of a chain drawn as one."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from autodiff.eager.documentation import equations
from autodiff.row import PRIMITIVES

from .graph import Graph, plain, symbol
from .labels import counted, shown
from .model import FIELDS, FORMAT, Arrow, Box, Picture
from .summary import FoldSummary

Owner = str | int | None  # of a value: its fold, by name; its chain, by the index of the last value; None: not shared
CHAINS = {"add": "Σ", "mul": "Π"}  # operations of which a chain, ((a + b) + c) + d, is drawn as one


def build(
    graph: Graph, owners: Sequence[Owner] | None = None, *, show: Collection[str] = FIELDS, fmt: str = FORMAT
) -> Picture:
    """Return the picture of a graph whose values have the given `owners`.

    >>> from autodiff import Value
    >>> from viz.picture.graph import graph_of_values
    >>> graph = graph_of_values([Value(3.0, label="x") * 2.0])
    >>> [box.name for box in build(graph).boxes]
    ['x', '2', '*', '']
    >>> [box.name for box in build(graph, ["all", "all"]).boxes]
    ['all', '']
    """
    return _Builder(graph, owners or [None] * len(graph.nodes), show, fmt).picture()


class _Builder:
    """The boxes and arrows of a picture under construction."""

    def __init__(self, graph: Graph, owners: Sequence[Owner], show: Collection[str], fmt: str) -> None:
        self.graph, self.owners, self.show, self.fmt = graph, owners, show, fmt
        self.differentiated = "grad" in show and any(graph.grads)
        names = dict.fromkeys(owner for owner in owners if type(owner) is str)
        self.folds = {name: (f"g{i}", FoldSummary(name)) for i, name in enumerate(names)}
        self.separate_results = graph.separate_results
        self.boxes: dict[str, Box | None] = {}
        self.arrows: list[Arrow] = []
        self.merged: dict[tuple[str, str], int] = {}  # the number of edges between two boxes, one of them a fold
        self.live: set[tuple[str, str]] = set()  # the pairs between which a gradient flows
        self.parts = Counter(i for i in owners if type(i) is int)  # the number of values in a chain, beside its last

    def picture(self) -> Picture:
        for i, owner in enumerate(self.owners):
            if isinstance(owner, str):
                self._fold(i, *self.folds[owner])
            else:
                self._draw(i, i if owner is None else owner)
        for ident, fold in self.folds.values():
            rows, title = fold.rows(self.fmt, grad=self.differentiated), fold.title(grad=self.differentiated)
            grad = fold.grad if "grad" in self.show else None
            self.boxes[ident] = Box(ident, "fold", shown(fold.name), rows, title, fold.name, None, grad, fold.size)
        boxes = [box for box in self.boxes.values() if box is not None]
        arrows = [*self.arrows, *(_merged(ends, n, ends in self.live) for ends, n in self.merged.items())]
        note = "; ".join(filter(None, [self._hidden(len(boxes)), self._warning()]))
        columns = _columns({name: ident for name, (ident, _) in self.folds.items()}, arrows)
        if self.folds:
            boxes = _ordered(boxes, arrows)
        return Picture(tuple(boxes), tuple(arrows), note, f"{self._summary()}{note and '; '}{note}", columns)

    def _draw(self, i: int, whole: int) -> None:
        """Draw value i and its operation; of a part of the chain that ends in value `whole`, the operands only."""
        node, name, scope = self.graph.nodes[i], f"n{i}", self.graph.scopes[i]
        if node.op:
            head, numbers = f"n{whole}o", dict(plain(node))
            operands = iter(self.graph.operands[i])
            for k, (operand, partial) in enumerate(zip(node.args, node.partials, strict=True)):
                if type(operand) is not float:
                    self._connect(i, next(operands), head, f"{name}e{k}", partial)
                elif k in numbers:
                    text, title = shown(format(operand, self.fmt)), f"number {operand!r}"
                    self.boxes[f"{name}c{k}"] = Box(f"{name}c{k}", "number", text, (), title, scope, operand)
                    self.arrows.append(Arrow(f"{name}e{k}", f"{name}c{k}", head, "plain"))
        if i == whole:
            if node.op:
                self.boxes[f"{name}o"] = self._operation(i)
                self.arrows.append(Arrow(f"{name}z", f"{name}o", name, "out"))
            self.boxes[name] = self._value(i)

    def _connect(self, i: int, j: int, head: str, name: str, partial: float | None) -> None:
        """Add the arrow from operand j of value i to the operation `head`, unless j is in the same chain."""
        if (tail := self._source(j)).startswith("g"):
            self._merge(tail, head, i, j)
        elif type(self.owners[j]) is not int:
            live = partial is not None or self.graph.program
            title = "" if self.graph.program else f"partial derivative {partial!r}" if live else "no gradient"
            self.arrows.append(Arrow(name, tail, head, "live" if live else "dead", title, partial))

    def _fold(self, i: int, ident: str, fold: FoldSummary) -> None:
        """Add value i to a fold; a result is drawn beside the fold, with an arrow from it."""
        self.boxes.setdefault(ident)
        fold.add(self.graph.nodes[i].op, self.graph.grads[i])
        for j in self.graph.operands[i]:
            if self.owners[j] != fold.name:
                self._merge(self._source(j), ident, i, j)
        if i in self.separate_results:
            self.boxes[f"n{i}"] = self._value(i)
            self.arrows.append(Arrow(f"n{i}z", ident, f"n{i}", "out"))

    def _source(self, j: int) -> str:
        """Return the id of the box from which the arrows of value j start."""
        owner = self.owners[j]
        return self.folds[owner][0] if type(owner) is str and j not in self.separate_results else f"n{j}"

    def _merge(self, tail: str, head: str, i: int, j: int) -> None:
        """Count the edge from value j to value i, one of them in a fold."""
        ends = tail, head
        self.merged[ends] = self.merged.get(ends, 0) + 1
        if ends not in self.live and self._flows(self.graph.nodes[i], self.graph.nodes[j]):
            self.live.add(ends)

    def _flows(self, node: Any, operand: Any) -> bool:
        pairs = zip(node.args, node.partials, strict=True)
        return self.graph.program or any(a is operand and d is not None for a, d in pairs)

    def _operation(self, i: int) -> Box:
        node, parts = self.graph.nodes[i], self.parts.get(i, 0)
        known = equations(PRIMITIVES[node.op]) if node.op in PRIMITIVES else []
        name, title = shown(symbol(node)), ": ".join(filter(None, [f"operation {node.op}", ", ".join(known)]))
        if parts:
            name, title = (
                CHAINS[node.op],
                f"operation {node.op} {parts + 1:,} times; its {parts:,} intermediate values are not drawn",
            )
        return Box(f"n{i}o", "operation", name, (), title, self.graph.scopes[i], hides=parts)

    def _value(self, i: int) -> Box:
        node, grad = self.graph.nodes[i], self.graph.grads[i]
        label = shown("" if node.label is None else str(node.label))
        path = "" if self.graph.program or not self.graph.names.get(i) else node.scope
        numbers = [] if self.graph.program else [("data", node.data), ("grad", grad)]
        rows = tuple((key, self._written(key, x)) for key, x in numbers if key in self.show)
        said = ", ".join(f"{key} {x!r}" for key, x in numbers)
        title = f"{label or shown(path) or 'value'}{said and ': '}{said}"
        name = (label or shown(self.graph.names.get(i, ""))) if "label" in self.show else ""
        shade = grad if "grad" in self.show else None
        return Box(f"n{i}", self.graph.kind(i), name, rows, title, self.graph.scopes[i], node.data, shade)

    def _written(self, key: str, x: float) -> str:
        """Return a number as text, marked where a gradient is zero after a backward pass."""
        vanished = key == "grad" and self.differentiated and x == 0.0
        return shown(format(x, self.fmt)) + (" (zero)" if vanished else "")

    def _summary(self) -> str:
        if self.graph.program:
            return f"Program: {counted(sum(bool(slot.op) for slot in self.graph.nodes), 'instruction')}"
        operations = sum(bool(node.op) for node in self.graph.nodes)
        return f"Computation graph: {counted(len(self.graph.nodes), 'value')}, {counted(operations, 'operation')}"

    def _hidden(self, boxes: int) -> str:
        if not self.folds and not self.parts:
            return ""
        return f"{counted(len(self.graph.nodes), 'value')} in {counted(boxes, 'box', 'boxes')}"

    def _warning(self) -> str:
        """Return a warning where no backward pass came from a result: after one, its gradient is 1."""
        shown = "grad" in self.show and not self.graph.program
        if not shown or any(self.graph.grads[i] for i in self.graph.results):
            return ""
        if not self.differentiated:
            return "backward() not run: every grad is 0"
        return "backward() not run from the result: its grad is 0, those of others are from another pass"


def _merged(ends: tuple[str, str], count: int, live: bool) -> Arrow:
    title = counted(count, "edge")
    return Arrow("-".join(ends), *ends, "live" if live else "dead", title, None, count)


def _columns(idents: dict[str, str], arrows: Iterable[Arrow]) -> tuple[tuple[str, ...], ...]:
    """Return groups of folds, by their ids, whose names differ in the last number only: the neurons of a layer.

    They are in the order of the numbers; a group with an arrow between two of its members is left out.
    """
    found: dict[str, list[tuple[int, str]]] = {}
    for name, ident in idents.items():
        stem, _, number = name.rpartition(".")
        if number.isdecimal():
            found.setdefault(stem, []).append((int(number), ident))
    group_of = {ident: stem for stem, group in found.items() for _, ident in group}
    joined = {group_of[a.tail] for a in arrows if a.tail in group_of and group_of[a.tail] == group_of.get(a.head)}
    groups = [group for stem, group in found.items() if len(group) > 1 and stem not in joined]
    return tuple(tuple(ident for _, ident in sorted(group)) for group in groups)


def _ordered(boxes: Sequence[Box], arrows: Iterable[Arrow]) -> list[Box]:
    """Return the boxes in topological order, ties in the given order; a cycle of folds is cut where it was begun."""
    index = {box.id: i for i, box in enumerate(boxes)}
    heads: list[list[int]] = [[] for _ in boxes]
    waits = [0] * len(boxes)
    for arrow in arrows:
        heads[index[arrow.tail]].append(index[arrow.head])
        waits[index[arrow.head]] += 1
    ready = [i for i, n in enumerate(waits) if n == 0]
    left = dict.fromkeys(range(len(boxes)))
    order: list[Box] = []
    while left:
        i = heapq.heappop(ready) if ready else next(iter(left))  # the first box of a cycle
        if i in left:
            del left[i]
            order.append(boxes[i])
            for head in heads[i]:
                waits[head] -= 1
                if waits[head] == 0 and head in left:
                    heapq.heappush(ready, head)
    return order

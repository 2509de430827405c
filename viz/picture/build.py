"""Graph → picture: each value in a box of its own, in a fold, or as a part of an operation that is drawn as one."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from autodiff.eager.documentation import equations
from autodiff.row import PRIMITIVES

from .fold import Fold, columns, word
from .graph import Graph, plain, symbol
from .labels import shown
from .model import FIELDS, Arrow, Box, Picture

Home = str | int | None  # the name of a value's fold; the place whose operation it is a part of; None for its own box
CHAINS = {"add": "Σ", "mul": "Π"}  # operations that are drawn as one with those of the same kind they are applied to


def sketch(
    graph: Graph, homes: Sequence[Home] | None = None, *, show: Collection[str] = FIELDS, fmt: str = ".4g"
) -> Picture:
    """Return the picture of a graph, its values folded as `homes` says.

    >>> from autodiff import Value
    >>> from viz.picture.graph import graph_of_values
    >>> graph = graph_of_values([Value(3.0, label="x") * 2.0])
    >>> [box.name for box in sketch(graph).boxes]
    ['x', '2', '*', '']
    >>> [box.name for box in sketch(graph, ["all", "all"]).boxes]
    ['all', '']
    """
    return _Sketch(graph, homes or [None] * len(graph.nodes), show, fmt).picture()


class _Sketch:
    """A picture in the making."""

    def __init__(self, graph: Graph, homes: Sequence[Home], show: Collection[str], fmt: str) -> None:
        self.graph, self.homes, self.show, self.fmt = graph, homes, show, fmt
        self.swept = "grad" in show and any(graph.grads)
        names = dict.fromkeys(home for home in homes if type(home) is str)
        self.folds = {name: (f"g{i}", Fold(name)) for i, name in enumerate(names)}
        self.outstanding = graph.outstanding
        self.boxes: dict[str, Box | None] = {}
        self.arrows: list[Arrow] = []
        self.merged: dict[tuple[str, str], int] = {}  # how many arrows from or to a fold have the same ends
        self.live: set[tuple[str, str]] = set()  # those through which a gradient flows
        self.parts: dict[int, int] = {}  # how many values are parts of the operation of one
        for home in homes:
            if type(home) is int:
                self.parts[home] = self.parts.get(home, 0) + 1

    def picture(self) -> Picture:
        for i, home in enumerate(self.homes):
            if isinstance(home, str):
                self._fold(i, *self.folds[home])
            else:
                self._draw(i, i if home is None else home)
        for ident, fold in self.folds.values():
            rows, title = fold.rows(self.fmt, grad=self.swept), fold.title(grad=self.swept)
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
        """Draw value i, or only what it is computed from if it is a part of the operation of value `whole`."""
        node, name, scope = self.graph.nodes[i], f"n{i}", self.graph.homes[i]
        if node.op:
            head, numbers = f"n{whole}o", dict(plain(node))
            places = iter(self.graph.operands[i])
            for k, (operand, partial) in enumerate(zip(node.args, node.partials, strict=True)):
                if type(operand) is not float:
                    self._connect(i, next(places), head, f"{name}e{k}", partial)
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
        """Add the arrow from operand j of value i to the operation `head`, unless j is a part of that, too."""
        if (tail := self._source(j)).startswith("g"):
            self._merge(tail, head, i, j)
        elif type(self.homes[j]) is not int:
            live = partial is not None or self.graph.program
            title = "" if self.graph.program else f"partial derivative {partial!r}" if live else "no gradient"
            self.arrows.append(Arrow(name, tail, head, "live" if live else "dead", title, partial))

    def _fold(self, i: int, ident: str, fold: Fold) -> None:
        """Let value i disappear in a fold, from which a result comes out again."""
        self.boxes.setdefault(ident)
        fold.add(self.graph.nodes[i].op, self.graph.grads[i])
        for j in self.graph.operands[i]:
            if self.homes[j] != fold.name:
                self._merge(self._source(j), ident, i, j)
        if i in self.outstanding:
            self.boxes[f"n{i}"] = self._value(i)
            self.arrows.append(Arrow(f"n{i}z", ident, f"n{i}", "out"))

    def _source(self, j: int) -> str:
        """Return the id of the box that value j comes from."""
        home = self.homes[j]
        return self.folds[home][0] if type(home) is str and j not in self.outstanding else f"n{j}"

    def _merge(self, tail: str, head: str, i: int, j: int) -> None:
        """Count an arrow from or to a fold: that from value j to value i."""
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
        return Box(f"n{i}o", "operation", name, (), title, self.graph.homes[i], hides=parts)

    def _value(self, i: int) -> Box:
        node, grad = self.graph.nodes[i], self.graph.grads[i]
        label = shown("" if node.label is None else str(node.label))
        kind = "result" if i in self.graph.results else "inner"
        if kind == "inner" and not node.op:
            kind = "parameter" if i in self.graph.parameters else "leaf"
        path = "" if self.graph.program or not self.graph.names.get(i) else node.scope
        numbers = [] if self.graph.program else [("data", node.data), ("grad", grad)]
        rows = tuple((key, self._written(key, x)) for key, x in numbers if key in self.show)
        said = ", ".join(f"{key} {x!r}" for key, x in numbers)
        title = f"{label or shown(path) or 'value'}{said and ': '}{said}"
        name = (label or shown(self.graph.names.get(i, ""))) if "label" in self.show else ""
        shade = grad if "grad" in self.show else None
        return Box(f"n{i}", kind, name, rows, title, self.graph.homes[i], node.data, shade)

    def _written(self, key: str, x: float) -> str:
        """Return a number, and for a gradient that vanished the word for it."""
        vanished = key == "grad" and self.swept and x == 0.0
        return shown(format(x, self.fmt)) + (f" ({word(x)})" if vanished else "")

    def _summary(self) -> str:
        if self.graph.program:
            return f"Program: {_counted(sum(bool(slot.op) for slot in self.graph.nodes), 'instruction')}"
        operations = sum(bool(node.op) for node in self.graph.nodes)
        return f"Computation graph: {_counted(len(self.graph.nodes), 'value')}, {_counted(operations, 'operation')}"

    def _hidden(self, boxes: int) -> str:
        if not self.folds and not self.parts:
            return ""
        return f"{_counted(len(self.graph.nodes), 'value')} in {_counted(boxes, 'box', 'boxes')}"

    def _warning(self) -> str:
        """Return what the gradients do not mean: after backward() from a root its own is 1."""
        shown = "grad" in self.show and not self.graph.program
        if not shown or any(self.graph.grads[i] for i in self.graph.results):
            return ""
        if not self.swept:
            return "backward() not run: every grad is 0"
        return "backward() not run from the result: its grad is 0, those of others are from another pass"


def _counted(n: int, one: str, many: str = "") -> str:
    return f"{n:,} {one if n == 1 else many or f'{one}s'}"


def _merged(ends: tuple[str, str], count: int, live: bool) -> Arrow:
    title = _counted(count, "edge")
    return Arrow("-".join(ends), *ends, "live" if live else "dead", title, None, count)


def _columns(idents: dict[str, str], arrows: Iterable[Arrow]) -> tuple[tuple[str, ...], ...]:
    """Return the ids of folds that stand beside each other, unless an arrow joins two of them."""
    groups = [tuple(idents[name] for name in group) for group in columns(idents)]
    place = {ident: i for i, group in enumerate(groups) for ident in group}
    joined = {place[a.tail] for a in arrows if a.tail in place and place[a.tail] == place.get(a.head)}
    return tuple(group for i, group in enumerate(groups) if i not in joined)


def _ordered(boxes: Sequence[Box], arrows: Iterable[Arrow]) -> list[Box]:
    """Return boxes so that arrows lead forward, as far as the folds let them; otherwise in the order they have."""
    place = {box.id: i for i, box in enumerate(boxes)}
    heads: list[list[int]] = [[] for _ in boxes]
    waits = [0] * len(boxes)
    for arrow in arrows:
        heads[place[arrow.tail]].append(place[arrow.head])
        waits[place[arrow.head]] += 1
    ready = [i for i, n in enumerate(waits) if n == 0]
    left = dict.fromkeys(range(len(boxes)))
    order: list[Box] = []
    while left:
        i = heapq.heappop(ready) if ready else next(iter(left))  # a circle is entered where it was begun
        if i in left:
            del left[i]
            order.append(boxes[i])
            for head in heads[i]:
                waits[head] -= 1
                if waits[head] == 0 and head in left:
                    heapq.heappush(ready, head)
    return order

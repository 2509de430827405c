"""Linearization: a function at a point, as the graph between its inputs and outputs, swept forward or backward.

The function runs once, on fresh Values that stand for the arguments. If nothing in the graph depends on Values from
outside, the stored partials are numbers enough, and so is the result. Otherwise the rules of the table are read under
the arithmetic of Values, and the derivative is a graph again: so transforms nest, and never confuse perturbations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from math import isfinite
from struct import pack
from typing import Any

from . import trees
from .apply import check_finite, graphic_partials
from .bulk import dependents
from .contexts import Trace, detect_switch, no_grad_switch, program_trace, recording, tracing, undetected
from .graph import nonfinite, postorder
from .node import Node
from .row import PRIMITIVES
from .sweeps import Row, Sweeps
from .value import Value

Edges = Callable[[Any], Iterable[tuple[Any, Any]]]  # of a node: each operand and its partial, None where it has none


def contributions(
    order: Sequence[Any], adjoint: dict[int, Any], edges: Edges
) -> Iterator[tuple[Any, int, Any, Any, Any]]:
    """Sweep back through nodes in post-order: partial · adjoint is added to the adjoint of each operand, by its id.

    The last node comes first, and the operands of each in written order; an adjoint starts at 0.0. Yields after each
    addition the node, which operand it is, the partial, the product, and the adjoint of the operand before.
    """
    for node in reversed(order):
        if id(node) in adjoint:
            above = adjoint[id(node)]
            for k, (operand, partial) in enumerate(edges(node)):
                if partial is not None:
                    before, product = adjoint.get(id(operand), 0.0), partial * above
                    adjoint[id(operand)] = before + product
                    yield node, k, partial, product, before


def accumulate(order: Sequence[Any], adjoint: dict[int, Any], edges: Edges) -> None:
    """Carry out a reverse sweep: `adjoint` then has the derivatives by all that it reaches."""
    for _ in contributions(order, adjoint, edges):
        pass


def written(node: Any) -> Iterable[tuple[Any, Any]]:
    """Return each operand of a node with its stored partial, in written order."""
    return zip(node.args, node._partials(), strict=True)


class Linearization:
    """The run of `f` on `args`, linear in the numbers of those arguments whose indices are in `which`.

    With `has_aux` f returns a pair, of which the second, `aux`, is not differentiated.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        args: Sequence[Any],
        which: Sequence[int],
        options: dict[str, Any],
        *,
        has_aux: bool = False,
    ):
        self.primals = [args[i] for i in which]
        numbers = trees.leaves(self.primals)
        with tracing() as self.trace:
            with undetected():
                self.inputs = [x * 1.0 if isinstance(x, Value) else Value(x) for x in numbers]
            self.trace.inputs = self.inputs
            lifted = dict(
                zip(
                    which,
                    trees.rebuild(self.primals, self.inputs, number=lambda x: x, array=trees.value_array),
                    strict=True,
                )
            )
            result = f(*(lifted.get(i, arg) for i, arg in enumerate(args)), **options)
        self.aux: Any = None
        if has_aux:
            result, self.aux = _pair(result)
        self.output = trees.unboxed(result)
        self.outputs = trees.leaves(self.output)
        self._find_graph()

    def _find_graph(self) -> None:
        """Find the nodes between inputs and outputs, operands first, and whether the graph has Values from outside."""
        inputs = frozenset(map(id, self.inputs))
        order = postorder((y for y in self.outputs if isinstance(y, Node)), stop=inputs)
        program = program_trace()
        traced = program is not None  # then numbers may follow the data where no derivative does
        self.graphic = traced or any(x.op for x in self.inputs) or bool(_outside(order, self.trace))
        if program is not None:
            program.composed = True
        self.moved: dict[int, Any] = {}
        self.depends = set(inputs)
        self.nodes = dependents(order, self.depends)

    def _edges(self, node: Any) -> list[tuple[Any, Any]]:
        """Return (operand, partial) for each operand of `node` that depends on the inputs, in written order."""
        depends = self.depends
        if not self.graphic:
            return [(a, d) for a, d in node._operands() if id(a) in depends]
        args = node.args
        active = [d is not None and id(a) in depends for a, d in zip(args, node._partials(), strict=True)]
        now = [self.moved.get(id(a), a) for a in args] if self.moved else args
        partials = graphic_partials(PRIMITIVES[node.op], now, self.moved.get(id(node), node), active)
        return [(a, d) for a, d in zip(args, partials, strict=True) if d is not None and id(a) in depends]

    def forward_point(self) -> dict[int, tuple[Any, float]]:
        """Return the Values that the rules read, by id, with their numbers; none if partials are stored numbers."""
        read = [v for node in self.nodes for v in (node, *node.args) if isinstance(v, Value)] if self.graphic else []
        return {id(v): (v, v._data) for v in read}

    def return_to(self, point: dict[int, tuple[Any, float]]) -> None:
        """Replace nodes whose `data` was assigned since the run by nodes with the numbers of its forward point."""
        with recording(), undetected():
            self.moved = {i: v * 1.0 for i, (v, data) in point.items() if _differ(v._data, data)}
        for i, twin in self.moved.items():
            twin._data = point[i][1]

    def jacobian(self) -> list[list[Any]]:
        """Return for each output its derivative by each input, settled."""
        zeros, found = [0.0] * len(self.inputs), []
        for row in self.rows():
            dense: list[Any] = zeros[:]
            for i, derivative in row.items():
                dense[i] = derivative
            found.append(dense)
        return found

    def rows(self, sweep: Callable[[Sweeps, Sequence[int | None]], list[Row]] = Sweeps.by_shape) -> list[Row]:
        """Return for each output its derivative by each input on which it depends, settled, by the index of the input.

        `sweep` is a method of `Sweeps`. The partials of a node are evaluated once for all sweeps.
        """
        places = {id(v): i for i, v in enumerate(self.inputs + self.nodes)}
        with recording():
            edges = ([(places[id(a)], d) for a, d in self._edges(node)] for node in self.nodes)
            rows = sweep(Sweeps(len(self.inputs), edges), [places.get(id(y)) for y in self.outputs])
        if detect_switch.get().on:
            self._detect_in(rows)
        if not self.graphic:
            return rows
        settled = iter(self.settle([d for row in rows for d in row.values()]))
        return [{i: next(settled) for i in row} for row in rows]

    def _detect_in(self, rows: list[Row]) -> None:
        """Sweep once more, alone, to the first derivative that is nan or inf, to name the node that it comes from."""
        wrong = [(i, y) for y, row in enumerate(rows) for i, d in row.items() if not isfinite(_number(d))]
        if wrong:
            self.pull([self.outputs[wrong[0][1]]], [1.0])
            self._along({id(self.inputs[wrong[0][0]]): 1.0})

    def pull(self, outputs: Iterable[Any], cotangents: Iterable[Any]) -> list[Any]:
        """Return the derivative of Σ cotangent · output by each input."""
        adjoint: dict[int, Any] = {}
        with recording():
            for output, cotangent in zip(outputs, cotangents, strict=True):
                adjoint[id(output)] = adjoint.get(id(output), 0.0) + cotangent
            accumulate(self.nodes, adjoint, self._edges)
        self._detect("gradient by", adjoint, self.nodes[::-1], self.inputs)
        return [adjoint.get(id(x), 0.0) for x in self.inputs]

    def push(self, tangents: Iterable[Any]) -> list[Any]:
        """Return the derivative of each output along `tangents`, one for each input."""
        with recording():
            tangent = {id(x): 0.0 + t for x, t in zip(self.inputs, tangents, strict=True)}
        return self._along(tangent)

    def _along(self, tangent: dict[int, Any]) -> list[Any]:
        """Sweep forward from the inputs that have a tangent, and return the tangent of each output."""
        with recording():
            for node in self.nodes:
                if any(id(a) in tangent for a in node.args):
                    total: Any = 0.0
                    for operand, partial in self._edges(node):
                        if id(operand) in tangent:
                            tangent[id(node)] = total = total + partial * tangent[id(operand)]
        self._detect("tangent of", tangent, self.nodes, self.outputs)
        return [tangent.get(id(y), 0.0) for y in self.outputs]

    def _detect(self, kind: str, derivatives: dict[int, Any], order: list[Any], ends: list[Any]) -> None:
        """Under `detect_nonfinite`, name the node in `order` from which on a derivative at the `ends` is nan or inf.

        Only what reaches an end counts: where a branch is not taken, such numbers may stand between.
        """
        if not detect_switch.get().on:
            return
        numbers = {i: _number(d) for i, d in derivatives.items()}
        if all(isfinite(numbers.get(id(x), 0.0)) for x in ends):
            return
        for node in order:
            check_finite(node)
            if not isfinite(number := numbers.get(id(node), 0.0)):
                raise nonfinite(kind, node.label or node.op, node._data, number)
        for x in ends:
            if not isfinite(number := numbers.get(id(x), 0.0)):
                raise nonfinite(kind, "an argument", x._data, number)

    def settle(self, numbers: Sequence[Any]) -> list[Any]:
        """Return `numbers`, as floats where they depend on no Value from outside the run.

        In a function that is being compiled all stay Values: a partial such as relu's is constant to derivatives and
        still follows the data.
        """
        if program_trace() is not None:
            return [x if isinstance(x, Value) else float(x) for x in numbers]
        own = set() if self.graphic else set(map(id, self.outputs))  # whose graph has none; that of a tangent may
        order = postorder(x for x in numbers if isinstance(x, Node) and id(x) not in own)
        outside = {id(v) for v in _outside(order, self.trace)}
        if outside:
            dependents(order, outside)
        plain = no_grad_switch.get().on
        results = [x if id(x) in outside else x._data if isinstance(x, Node) else float(x) for x in numbers]
        return [x * 1.0 if plain and isinstance(x, Value) else x for x in results]


def _outside(order: Iterable[Any], trace: Trace) -> list[Any]:
    """Return the leaves in `order` that were not made in `trace`."""
    return [v for v in order if not v.op and not trace.contains(v.trace)]


def _pair(result: Any) -> tuple[Any, Any]:
    """Return a pair. Raises TypeError for what is none."""
    if not isinstance(result, tuple) or len(result) != 2:
        raise TypeError(
            f"with `has_aux` the function returns a pair, the number and what else it found, got {result!r:.60}"
        )
    return result


def _number(x: Any) -> float:
    number: float = x._data if isinstance(x, Node) else x
    return number


def _differ(x: float, y: float) -> bool:
    """Return whether two numbers differ in a bit."""
    return pack("d", x) != pack("d", y)

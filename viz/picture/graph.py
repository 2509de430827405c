"""The graph to draw, in one form for Values and for Programs: nodes in order, with the indices of their operands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from autodiff.compiler.program.program import Program
from autodiff.graph import postorder
from autodiff.node import Node
from autodiff.row import PRIMITIVES

from .scopes import parent, prefixes

MOST_RESULTS = 50


@dataclass(slots=True)
class Slot:
    """A slot of a Program, with the attributes of a node; data and grad are None, since the program has not run."""

    op: str
    label: str
    args: tuple[Any, ...] = ()
    data: float | None = None
    grad: float | None = None
    scope: str = ""

    @property
    def partials(self) -> tuple[float | None, ...]:
        """None for each operand: in a Program, derivatives are instructions of their own."""
        return (None,) * len(self.args)


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes in the order of evaluation, each with the indices of the nodes among its operands.

    `scopes` are those that nodes are drawn in: a parameter, whose own `scope` is its path, is drawn in the scope of its
    module, and `names` has the rest of the path. `grads` are the gradients to show: those of the nodes, or, in the
    explorer, those of one pass.
    """

    nodes: Sequence[Any]
    operands: list[list[int]]
    results: frozenset[int]
    scopes: list[str]
    parameters: frozenset[int]
    grads: Sequence[float | None]
    names: dict[int, str] = field(default_factory=dict)
    program: bool = False

    def kind(self, i: int) -> str:
        """Return the kind of the box of value i, one of `model.VALUES`."""
        if i in self.results:
            return "result"
        return "inner" if self.nodes[i].op else "parameter" if i in self.parameters else "leaf"

    @property
    def separate_results(self) -> frozenset[int]:
        """The results that are drawn beside their fold: all, or none if there are more than 50."""
        return self.results if len(self.results) <= MOST_RESULTS else frozenset()


def graph_of_values(roots: Sequence[Node]) -> Graph:
    """Return the graph that computed `roots`.

    >>> from autodiff import Value
    >>> x = Value(3.0)
    >>> graph_of_values([x * x + x]).operands
    [[], [0, 0], [1, 0]]
    """
    nodes = postorder(roots, everything=True)
    index = {id(node): i for i, node in enumerate(nodes)}
    operands: list[list[int]] = []
    for node in nodes:
        found: list[int] = []
        x, y, rest = node.x, node.y, node._rest
        if x is not None and type(x) is not float:
            found.append(index[id(x)])
        if y is not None and type(y) is not float:
            found.append(index[id(y)])
        if rest:
            found += [index[id(a)] for a in rest[0] if type(a) is not float]
        operands.append(found)
    scopes = [node.scope for node in nodes]
    results = frozenset(index[id(root)] for root in roots)
    names = _name_leaves(nodes, operands, scopes)
    parameters = frozenset(i for i, name in names.items() if name)
    return Graph(nodes, operands, results, scopes, parameters, [node.grad for node in nodes], names)


def graph_of_program(program: Program) -> Graph:
    """Return the graph of a program: parameters, inputs and instructions under the names that `print` gives them.

    >>> from autodiff import compile
    >>> graph = graph_of_program(compile(lambda x: x * x + 1.0).program(3.0))
    >>> [(slot.op, slot.label, slot.args) for slot in graph.nodes]
    [('', 'x0', ()), ('mul', 't0', (0, 0)), ('add', 't1', (1, 1.0))]
    """
    variables = program.parameters + program.inputs
    constants = range(variables, program.first)
    index = [*range(variables), *constants, *range(variables, variables + len(program.instructions))]
    nodes = [Slot("", program.name(i)) for i in range(variables)]
    operands: list[list[int]] = [[] for _ in range(variables)]
    for i, (operation, slots) in enumerate(program.instructions, program.first):
        args = tuple(program.constants[o - variables] if o in constants else index[o] for o in slots)
        nodes.append(Slot(operation, program.name(i), args))
        operands.append([index[o] for o in slots if o not in constants])
    results = frozenset(index[o] for o in program.outputs if o not in constants)
    scopes, parameters, grads = [""] * len(nodes), frozenset(range(program.parameters)), [None] * len(nodes)
    return Graph(nodes, operands, results, scopes, parameters, grads, program=True)


def symbol(node: Any) -> str:
    """Return the symbol of a node's operation, with a plain exponent: `**3`.

    >>> from autodiff import Value
    >>> symbol(Value(2.0) ** 3), symbol(Value(2.0).relu())
    ('**3', 'ReLU')
    """
    if node.op in PRIMITIVES and isinstance(node, Node):
        return str(node._op)  # type: ignore[attr-defined]
    return PRIMITIVES[node.op].symbol if node.op in PRIMITIVES else str(node.op)


def plain(node: Any) -> list[tuple[int, float]]:
    """Return the position and the number of each plain operand that is not in the symbol of the operation.

    >>> from autodiff import Value
    >>> plain(2.0 * Value(3.0)), plain(Value(3.0) ** 3)
    ([(0, 2.0)], [])
    """
    if node.op in PRIMITIVES and symbol(node) != PRIMITIVES[node.op].symbol:
        return []
    return [(i, a) for i, a in enumerate(node.args) if type(a) is float]


def _name_leaves(nodes: Sequence[Any], operands: list[list[int]], scopes: list[str]) -> dict[int, str]:
    """Move each leaf to the innermost scope around it that has operations; return the rest of the paths, as names.

    A leaf with a name is a parameter, whose scope is its path. A leaf made in a scope that has operations has no name.
    """
    known = {prefix for i, scope in enumerate(scopes) if operands[i] for prefix in prefixes(scope)}
    names: dict[int, str] = {}
    unplaced = set()
    for i, path in enumerate(scopes):
        if path and not nodes[i].op:
            own = next((prefix for prefix in reversed(prefixes(path)) if prefix in known), "")
            names[i] = path[len(own) :].lstrip(".") if own or parent(path) else ""
            scopes[i] = own or path
            if not own:
                unplaced.add(i)
    for i in range(len(nodes)) if unplaced else ():
        for j in unplaced.intersection(operands[i]) if scopes[i] else ():
            # its module ran inside another scope: it is drawn where it was first used, in encoder.layers.0
            own = next((prefix for prefix in reversed(prefixes(scopes[j])) if scopes[i].endswith(f".{prefix}")), "")
            names[j], scopes[j] = scopes[j][len(own) :].lstrip("."), scopes[i]
            unplaced.remove(j)
    return names

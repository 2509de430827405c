"""What is drawn: the nodes of a graph of Values, or the slots of a Program, in one form, operands by their place."""

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
    """A slot of a Program, with what a node has: no number is known before the program runs."""

    op: str
    label: str
    args: tuple[Any, ...] = ()
    data: float | None = None
    grad: float | None = None
    scope: str = ""

    @property
    def partials(self) -> tuple[float | None, ...]:
        """None for each operand: slopes are instructions of their own."""
        return (None,) * len(self.args)


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes in the order of evaluation; `operands` are for each the places of those of its operands that are nodes.

    `scopes` is for each the scope that it is drawn in: for a parameter, whose own `scope` is its path, that of the
    module that holds it, below which it has a name. `grads` are the gradients to be shown: those that the nodes hold,
    or, on a page, those of one pass.
    """

    nodes: Sequence[Any]
    operands: list[list[int]]
    results: frozenset[int]
    scopes: list[str]
    parameters: frozenset[int]
    grads: Sequence[float | None]
    names: dict[int, str] = field(default_factory=dict)
    program: bool = False

    @property
    def separate_results(self) -> frozenset[int]:
        """The results that stand out of a fold: all, unless they are too many to be told apart."""
        return self.results if len(self.results) <= MOST_RESULTS else frozenset()


def graph_of_values(roots: Sequence[Node]) -> Graph:
    """Return the graph of all that `roots` were computed from.

    >>> from autodiff import Value
    >>> x = Value(3.0)
    >>> graph_of_values([x * x + x]).operands
    [[], [0, 0], [1, 0]]
    """
    nodes = postorder(roots, everything=True)
    place = {id(node): i for i, node in enumerate(nodes)}
    operands: list[list[int]] = []
    for node in nodes:
        found: list[int] = []
        x, y, rest = node.x, node.y, node.rest
        if x is not None and type(x) is not float:
            found.append(place[id(x)])
        if y is not None and type(y) is not float:
            found.append(place[id(y)])
        if rest:
            found += [place[id(a)] for a in rest[0] if type(a) is not float]
        operands.append(found)
    scopes = [node.scope for node in nodes]
    results = frozenset(place[id(root)] for root in roots)
    names = _housed(nodes, operands, scopes)
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
    place = [*range(variables), *constants, *range(variables, variables + len(program.instructions))]
    nodes = [Slot("", program.name(i)) for i in range(variables)]
    operands: list[list[int]] = [[] for _ in range(variables)]
    for i, (operation, slots) in enumerate(program.instructions, program.first):
        args = tuple(program.constants[o - variables] if o in constants else place[o] for o in slots)
        nodes.append(Slot(operation, program.name(i), args))
        operands.append([place[o] for o in slots if o not in constants])
    results = frozenset(place[o] for o in program.outputs if o not in constants)
    scopes, parameters, grads = [""] * len(nodes), frozenset(range(program.parameters)), [None] * len(nodes)
    return Graph(nodes, operands, results, scopes, parameters, grads, program=True)


def symbol(node: Any) -> str:
    """Return how a picture shows the operation of a node, a plain exponent included: `**3`.

    >>> from autodiff import Value
    >>> symbol(Value(2.0) ** 3), symbol(Value(2.0).relu())
    ('**3', 'ReLU')
    """
    if node.op in PRIMITIVES and isinstance(node, Node):
        return str(node._op)  # type: ignore[attr-defined]
    return PRIMITIVES[node.op].symbol if node.op in PRIMITIVES else str(node.op)


def plain(node: Any) -> list[tuple[int, float]]:
    """Return the place and the number of each plain operand that the symbol of the operation does not show.

    >>> from autodiff import Value
    >>> plain(2.0 * Value(3.0)), plain(Value(3.0) ** 3)
    ([(0, 2.0)], [])
    """
    if node.op in PRIMITIVES and symbol(node) != PRIMITIVES[node.op].symbol:
        return []
    return [(i, a) for i, a in enumerate(node.args) if type(a) is float]


def _housed(nodes: Sequence[Any], operands: list[list[int]], scopes: list[str]) -> dict[int, str]:
    """Change the scopes of leaves to scopes that operations have, and return the names that leaves have there.

    A leaf with a name is a parameter: its scope is its path. One that was made in a scope that computes has none.
    """
    known = {prefix for i, scope in enumerate(scopes) if operands[i] for prefix in prefixes(scope)}
    names: dict[int, str] = {}
    strangers = set()
    for i, path in enumerate(scopes):
        if path and not nodes[i].op:
            own = next((prefix for prefix in reversed(prefixes(path)) if prefix in known), "")
            names[i] = path[len(own) :].lstrip(".") if own or parent(path) else ""
            scopes[i] = own or path
            if not own:
                strangers.add(i)
    for i in range(len(nodes)) if strangers else ():
        for j in strangers.intersection(operands[i]) if scopes[i] else ():
            # its module ran in another scope: it is drawn where it was first used, encoder.layers.0
            own = next((prefix for prefix in reversed(prefixes(scopes[j])) if scopes[i].endswith(f".{prefix}")), "")
            names[j], scopes[j] = scopes[j][len(own) :].lstrip("."), scopes[i]
            strangers.remove(j)
    return names

"""What the explorer's page must know of every value and of every step, forward and back.

Numbers are text, as Python writes them, so that each is the engine's to the last digit.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten
from typing import Any

from autodiff.node import Node
from autodiff.row import PRIMITIVES, Primitive
from autodiff.text import Term, term, text

from ..formula.simplify import simplified
from ..picture.graph import Graph, symbol
from ..picture.labels import shown
from ..picture.model import KINDS
from ..svg.shades import Shades
from .deltas import Adjoints, TracedLayer, checks, layers
from .schema import AdditionData, GraphData, LayerData, NodeData, OperandData, RowData, StepData
from .steps import BackwardStep, adjoints, backward_steps

LONGEST = 200  # characters of a formula that are shown
MOST_TERMS = 8  # operands of a variadic row that are written out
MOST_NEURONS, MOST_EXAMPLES = 32, 3  # of a layer, whose errors are shown

OTHERS = (
    "Some values held other gradients when this page was made: backward() had run more than once, or from another. "
    "Here are those of one pass."
)

Ids = dict[int, str]  # of nodes, by the id of the object


def facts(graph: Graph, data: Sequence[float], root: Node, *, fmt: str = ".4g") -> GraphData:
    """Return what a page knows: `nodes`, `rows`, `steps` back from `root`, and `layers`, in what JSON can hold.

    `data` are the numbers of the nodes, `fmt` is the format of those in the picture.

    >>> from autodiff import Value
    >>> from viz.picture.graph import graph_of_values
    >>> x = Value(3.0, label="x")
    >>> y = x * x
    >>> [step["adds"][-1]["after"] for step in facts(graph_of_values([y]), [3.0, 9.0], y)["steps"]]
    ['6.0']
    """
    ids = {id(node): f"n{i}" for i, node in enumerate(graph.nodes)}
    steps = backward_steps(root)
    adjoint = adjoints(root, steps)
    return {
        "root": ids[id(root)],
        "zero": format(0.0, fmt),
        "one": format(1.0, fmt),
        "top": Shades(adjoint.values()).top or 1.0,
        "nodes": [
            {**_node(node, KINDS[graph.kind(i)], ids), "data": repr(x), "short": format(x, fmt)}
            for i, (node, x) in enumerate(zip(graph.nodes, data, strict=True))
        ],
        "rows": {_row(node): _formulas(node) for node in graph.nodes if node.op},
        "steps": [_step(step, ids, fmt) for step in steps],
        "layers": _layers(layers(graph.nodes), adjoint, ids),
        "note": _note(graph.nodes, adjoint),
    }


def _note(nodes: Sequence[Node], adjoint: Adjoints) -> str:
    """Return what the reader must know where `backward` has not run once, from the root of this pass."""
    held = [(repr(node.grad), repr(adjoint.get(id(node), 0.0))) for node in nodes]
    ran = any(grad != "0.0" for grad, _ in held)
    return OTHERS if ran and any(grad != found for grad, found in held) else ""


def _node(node: Any, kind: str, ids: Ids) -> NodeData:
    return {
        "id": ids[id(node)],
        "kind": kind,
        "name": shown("" if node.label is None else str(node.label)),
        "op": shown(symbol(node)) if node.op else "",
        "row": _row(node),
        "scope": shown(node.scope),
        "args": [_operand(x, d, ids) for x, d in zip(node.args, node.partials, strict=True)],
    }


def _operand(x: Node | float, partial: float | None, ids: Ids) -> OperandData:
    slope = None if partial is None else repr(partial)
    return {"of": ids[id(x)], "partial": slope} if isinstance(x, Node) else {"data": repr(x), "partial": slope}


def _step(step: BackwardStep, ids: Ids, fmt: str) -> StepData:
    adds: list[AdditionData] = [
        {
            "to": ids[id(a.operand)],
            "index": a.index,
            "partial": repr(a.partial),
            "before": repr(a.before),
            "after": repr(a.after),
            "short": format(a.after, fmt),
        }
        for a in step.additions
    ]
    return {"node": ids[id(step.node)], "adjoint": repr(step.adjoint), "adds": adds}


def _layers(net: Sequence[TracedLayer], adjoint: Adjoints, ids: Ids) -> list[LayerData]:
    """Return for each layer its errors, as the ids of the sums z, and what BP1–BP4 say of them."""
    return [
        {
            "path": shown(layer.path),
            "checks": [[c.name, c.equation, _verdict(c.difference)] for c in checks(net, place, adjoint)],
            "neurons": [
                [{"z": ids[id(f.sum)], "slope": f"{f.slope:.4g}"} for f in evaluations[:MOST_EXAMPLES]]
                for evaluations in layer.neurons[:MOST_NEURONS]
            ],
            "size": [len(layer.neurons), len(layer.neurons[0])],
            "softmax": layer.softmax,
        }
        for place, layer in enumerate(net)
    ]


def _verdict(difference: float | None) -> str:
    if difference is None:
        return ""
    return "exact" if difference == 0.0 else f"to within {difference:.2g}"


def _row(node: Node) -> str:
    return f"{node.op} {len(node.args)}" if node.op else ""


def _formulas(node: Node) -> RowData:
    """Return the value and the partials of the row as text, in x, y or x1, x2, …; z is the value."""
    row, n = PRIMITIVES.get(node.op), len(node.args)
    names = ("x", "y")[:n] if n <= 2 else [f"x{i + 1}" for i in range(n)]
    if row is None or (row.variadic and not _short(row, n)):
        return {
            "value": f"{shown(node.op)}({', '.join(dict.fromkeys([names[0], '…', names[-1]]))})",
            "partials": [""] * n,
        }
    terms = [Term(name) for name in names]
    partials = row.linearize(text, terms, Term("z"))
    return {"value": _legible(row.evaluate(text, terms)), "partials": [_legible(d) for d in partials]}


def _short(row: Primitive, n: int) -> bool:
    """Tell whether a row of n arguments can be written out: the text of some doubles with each argument."""
    pair = [Term("x1"), Term("x2")][:n]
    return n <= MOST_TERMS and all(len(str(d)) < LONGEST for d in row.linearize(text, pair, Term("z")))


def _legible(formula: Any) -> str:
    """Return a rule as text, without what it does for nan, infinities and the smallest numbers."""
    if formula is None:
        return ""
    plain = str(simplified(term(formula))).replace("math.", "").replace("fabs(", "abs(")
    return shorten(plain, LONGEST, placeholder=" …")

"""Facts: the JSON of the explorer's page, with each value, each operation's forms, and each step forward and back.

Numbers are text, as Python writes them, so that each is the engine's to the last digit.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten
from typing import Any

from autodiff.eager.documentation import computed_as
from autodiff.node import Node
from autodiff.row import PRIMITIVES
from autodiff.textbook import Form
from autodiff.typesetting import plain

from ..formula.rows import columns
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
    """Return the `nodes`, the forms of their `rows`, the `steps` back from `root` and the `layers`, as JSON holds them.

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
    """Return a warning where the gradients held are not those of one pass from this root; "" elsewhere."""
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
    """Return for each layer its neurons' weighted sums z, as ids, and the outcome of the checks BP1–BP4."""
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
    """Return the forms of the value and the partials of a node in x and y, or x1, x2, …, and the value z."""
    n = len(node.args)
    names = ("x", "y")[:n] if n <= 2 else [f"x{i + 1}" for i in range(n)]
    value, partials = columns(node, list(map(Form, names)), Form("z"))
    row = PRIMITIVES.get(node.op)
    if row is None:  # the result of a compiled function, whose partials are numbers
        return {"value": _called(node.op, names), "partials": [""] * n}
    computed = [None] * (1 + n) if row.variadic or not row.textbook else computed_as(row, names)
    written = [_legible(form, robust) for form, robust in zip((value, *partials), computed, strict=True)]
    return {"value": _called(node.op, names) if n > MOST_TERMS else written[0], "partials": written[1:]}


def _called(name: str, operands: Sequence[str]) -> str:
    return f"{shown(name)}({', '.join(dict.fromkeys([operands[0], '…', operands[-1]]))})"


def _legible(form: Form | None, computed: str | None) -> str:
    """Return a form as text, and the rule that computes it where that is another formula."""
    if form is None:
        return ""
    text = shorten(plain(form), LONGEST, placeholder=" …")
    return f"{text}, computed as {computed.replace('math.', '')}" if computed else text

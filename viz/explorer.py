"""The explorer of a graph: what its page must know of every value and of every step, forward and backward."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from string import Template
from textwrap import shorten
from typing import Any

from autodiff.graph import postorder
from autodiff.node import Node
from autodiff.row import PRIMITIVES
from autodiff.text import Term, text

from .deltas import Layer, checks, layers
from .labels import shown
from .pages import Page, page, part
from .steps import Step, backward_steps

SCRIPTS = ("player.js", "walk.js", "story.js", "layers.js", "picture.js", "explorer.js")
STYLES = ("page.css", "explorer.css")
LONGEST = 200  # characters of a formula that are shown
MOST_NEURONS, MOST_EXAMPLES = 32, 3  # of a layer, whose errors are shown
MOST_TERMS = 8  # operands of a variadic row that are written out


class Explorer:
    """What a page tells of all that `roots` were computed from, as it is now; backward starts at the first of them.

    `fmt` is the format of the numbers in the picture.

    >>> from autodiff import Value
    >>> x = Value(3.0, label="x")
    >>> found = Explorer([x * x]).facts()
    >>> [node["name"] for node in found["nodes"]], found["rows"]["mul 2"]["partials"]
    (['x', ''], ['y', 'x'])
    """

    def __init__(self, roots: Sequence[Node], *, fmt: str = ".4g") -> None:
        self._roots, self._fmt = roots, fmt
        self._nodes = postorder(roots, everything=True)
        self._data = [node.data for node in self._nodes]

    def page(self, svg: str, summary: str) -> Page:
        """Return the page around the picture `svg`, with `summary` as its title.

        >>> from autodiff import Value
        >>> from viz import draw
        >>> Explorer([Value(2.0)]).page(draw(Value(2.0)).svg(), "a graph")
        <Page: a graph. Write it with `.save("page.html")`>
        """
        parts = {"title": escape(summary), "picture": _undressed(svg), "player": part("player.html")}
        body = Template(part("explorer.html")).substitute(parts)
        return page(summary, self.facts(), body=body, script=SCRIPTS, style=STYLES)

    def facts(self) -> dict[str, Any]:
        """Return what the page knows, every number as text: `nodes`, `rows`, `steps`, and the id of the `root`.

        >>> from autodiff import Value
        >>> Explorer([Value(2.0)]).facts()["root"]
        'n0'
        """
        ids = {id(node): f"n{i}" for i, node in enumerate(self._nodes)}
        results = {id(root) for root in self._roots}
        steps = backward_steps(self._roots[0])
        return {
            "root": ids[id(self._roots[0])],
            "zero": format(0.0, self._fmt),
            "one": format(1.0, self._fmt),
            "nodes": [
                {"data": repr(x), "kind": _kind(node, results), **_node(node, ids)}
                for node, x in zip(self._nodes, self._data, strict=True)
            ],
            "rows": {_row(node): _formulas(node) for node in self._nodes if node.op},
            "steps": [_step(step, ids, self._fmt) for step in steps],
            "layers": _layers(layers(self._nodes), steps, self._roots[0], ids),
        }


def _kind(node: Node, results: set[int]) -> str:
    return "result" if id(node) in results else "on the way" if node.op else "leaf"


def _node(node: Any, ids: dict[int, str]) -> dict[str, Any]:
    return {
        "id": ids[id(node)],
        "name": shown("" if node.label is None else str(node.label)),
        "op": node._op if node.op in PRIMITIVES else shown(node.op),
        "row": _row(node),
        "scope": shown(node.scope),
        "args": [_operand(x, d, ids) for x, d in zip(node.args, node.partials, strict=True)],
    }


def _operand(x: Node | float, partial: float | None, ids: dict[int, str]) -> dict[str, Any]:
    what = {"of": ids[id(x)]} if isinstance(x, Node) else {"data": repr(x)}
    return {**what, "partial": None if partial is None else repr(partial)}


def _step(step: Step, ids: dict[int, str], fmt: str) -> dict[str, Any]:
    adds = [
        {
            "to": ids[id(a.operand)],
            "place": a.place,
            "partial": repr(a.partial),
            "before": repr(a.before),
            "after": repr(a.after),
            "short": format(a.after, fmt),
        }
        for a in step.additions
    ]
    return {"node": ids[id(step.node)], "adjoint": repr(step.adjoint), "adds": adds}


def _layers(net: Sequence[Layer], steps: Sequence[Step], root: Node, ids: dict[int, str]) -> list[dict[str, Any]]:
    """Return for each layer its errors, as the ids of the sums z, and what BP1–BP4 say of them."""
    adjoint = {id(a.operand): a.after for step in steps for a in step.additions} | {id(root): 1.0}
    return [
        {
            "path": shown(layer.path),
            "checks": [[c.name, c.equation, c.difference] for c in checks(net, place, adjoint)],
            "neurons": [
                [{"z": ids[id(f.sum)], "slope": f"{f.slope:.4g}"} for f in firings[:MOST_EXAMPLES]]
                for firings in layer.neurons[:MOST_NEURONS]
            ],
            "size": [len(layer.neurons), len(layer.neurons[0])],
            "softmax": layer.softmax,
        }
        for place, layer in enumerate(net)
    ]


def _row(node: Node) -> str:
    return f"{node.op} {len(node.args)}" if node.op else ""


def _formulas(node: Node) -> dict[str, Any]:
    """Return the value and the partials of the row as text, in x, y or x1, x2, …; z is the value."""
    row, n = PRIMITIVES.get(node.op), len(node.args)
    names = ("x", "y")[:n] if n <= 2 else [f"x{i + 1}" for i in range(n)]
    if row is None or (row.variadic and n > MOST_TERMS):
        return {"value": f"{shown(node.op)}({names[0]}, …, {names[-1]})", "partials": [""] * n}
    terms = [Term(name) for name in names]
    partials = row.linearize(text, terms, Term("z"))
    return {"value": _legible(row.evaluate(text, terms)), "partials": [_legible(d) for d in partials]}


def _legible(formula: Any) -> str:
    return "" if formula is None else shorten(str(formula).replace("math.", ""), LONGEST, placeholder=" …")


def _undressed(svg: str) -> str:
    """Return `svg` without a style of its own: the page has one, and forbids others."""
    return re.sub(r' style="[^"]*"', "", svg, count=1)

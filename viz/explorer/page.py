"""The explorer: a page on which a graph is evaluated and differentiated step by step, in pictures fine and coarse."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import cached_property

from autodiff.node import Node

from ..pages.pages import Page, asset, page
from ..picture.build import Owner, build
from ..picture.folding import Fold, folded
from ..picture.graph import Graph, graph_of_values
from ..picture.limits import SizeError, check_layout
from ..picture.model import FIELDS, FORMAT, Picture
from .facts import facts
from .outline import outline
from .schema import ExplorerData, GraphData, ViewData
from .steps import adjoints, backward_steps

SCRIPTS = (
    "explorer/timeline.js",
    "explorer/descriptions.js",
    "explorer/layers.js",
    "explorer/views.js",
    "explorer/picture.js",
    "explorer/explorer.js",
)
STYLES = ("explorer/explorer.css",)
MOST_VALUES = 3000  # in larger graphs the steps are the boxes of the picture
DETAILS: dict[str, Fold] = {"layers": "layer", "neurons": "neuron", "values": None}

Render = Callable[[Picture], str]


class Explorer:
    """The graph of `roots` as it is now, ready to be explored; the backward pass starts at the first of them.

    `fold`, `show` and `fmt` are those of the drawing that it belongs to; `graph` is that of the roots, if at hand.

    >>> from autodiff import Value
    >>> x = Value(3.0, label="x")
    >>> found = Explorer([x * x]).facts()
    >>> [node["name"] for node in found["nodes"]], found["rows"]["mul 2"]["partials"]
    (['x', ''], ['y', 'x'])
    """

    def __init__(
        self,
        roots: Sequence[Node],
        *,
        fold: Fold = None,
        show: Collection[str] = FIELDS,
        fmt: str = FORMAT,
        graph: Graph | None = None,
    ) -> None:
        self._root, self._fold, self._show, self._fmt = roots[0], fold, show, fmt
        self._graph: Graph = graph or graph_of_values(roots)
        self._data = [node.data for node in self._graph.nodes]

    def page(self, svg: str, drawn: Picture, render: Render) -> Page:
        """Return the page around `svg`, the picture `drawn`; `render` gives the bare SVG of coarser and finer pictures.

        >>> from autodiff import Value
        >>> picture = Picture((), (), "", "a graph; not differentiated")
        >>> Explorer([Value(2.0)]).page("<svg/>", picture, lambda picture: "<svg/>")
        <Page: a graph. Write it with `.save("page.html")`>
        """
        title, nodes = drawn.summary.partition(";")[0], self._graph.nodes
        known: GraphData
        if len(nodes) > MOST_VALUES:
            root = next(i for i, node in enumerate(nodes) if node is self._root)
            known, views = outline(drawn, f"n{root}"), [(svg, ViewData(name="as drawn", own=True, box_of={}))]
        else:
            known, views = self.facts(), self._views(svg, drawn, render)
        data: ExplorerData = {**known, "views": [view for _, view in views]}
        pictures = "".join(f"<template>{svg}</template>" for svg, _ in views)
        body = asset("explorer/explorer.html")
        return page(title, data, body=body, scripts=SCRIPTS, styles=STYLES, pictures=pictures)

    def facts(self) -> GraphData:
        """Return the data of every value and of every step.

        >>> from autodiff import Value
        >>> Explorer([Value(2.0)]).facts()["root"]
        'n0'
        """
        return facts(self._graph, self._data, self._root, fmt=self._fmt)

    def _views(self, svg: str, drawn: Picture, render: Render) -> list[tuple[str, ViewData]]:
        """Return the picture as it was drawn, among those of layers, neurons and values that can be laid out."""
        own = tuple(folded(self._graph, self._fold))
        named: dict[tuple[Owner, ...], str] = {own: "as drawn"}
        for name, fold in DETAILS.items() if any(self._graph.scopes) else ():
            named[tuple(folded(self._graph, fold))] = name
        views: list[tuple[int, str, ViewData]] = []
        for owners, name in named.items():
            picture = build(self._differentiated, owners, show=self._show, fmt=self._fmt)
            if owners == own or _can_be_laid_out(picture):
                box_of = _box_of(owners, self._graph.separate_results)
                view = ViewData(name=name, own=owners == own, box_of=box_of)
                views.append((len(picture.boxes), svg if picture == drawn else render(picture), view))
        return [(text, view) for _, text, view in sorted(views, key=lambda view: view[0])]

    @cached_property
    def _differentiated(self) -> Graph:
        """The graph with the gradients of one pass, whatever its values hold."""
        adjoint = adjoints(self._root, backward_steps(self._root))
        return replace(self._graph, grads=[adjoint.get(id(node), 0.0) for node in self._graph.nodes])


def _can_be_laid_out(picture: Picture) -> bool:
    try:
        check_layout(picture)
    except SizeError:
        return False
    return True


def _box_of(owners: Sequence[Owner], separate_results: Collection[int]) -> dict[str, str]:
    """Return, for each value that has no box of its own, the id of the box that stands for it."""
    folds = {name: f"g{i}" for i, name in enumerate(dict.fromkeys(name for name in owners if isinstance(name, str)))}
    return {
        f"n{i}": folds[owner] if isinstance(owner, str) else f"n{owner}o"
        for i, owner in enumerate(owners)
        if owner is not None and i not in separate_results
    }

"""The explorer: a page on which a graph is computed and differentiated step by step, in pictures fine and coarse."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

from autodiff.node import Node

from ..pages.pages import Page, asset, page
from ..picture.build import Owner, build
from ..picture.folding import Fold, folded
from ..picture.graph import Graph, graph_of_values
from ..picture.limits import SizeError, check_layout
from ..picture.model import Picture
from .facts import facts
from .outline import outline
from .steps import adjoints, backward_steps

SCRIPTS = (
    "explorer/walk.js",
    "explorer/story.js",
    "explorer/layers.js",
    "explorer/views.js",
    "explorer/picture.js",
    "explorer/explorer.js",
)
STYLES = ("explorer/explorer.css",)
MOST_VALUES = 3000  # that are stepped through one by one; of more, the boxes of the picture are
DETAILS: dict[str, Fold] = {"layers": "layer", "neurons": "neuron", "values": None}

Render = Callable[[Picture], str]


class Explorer:
    """What a page tells of all that `roots` were computed from, as it is now; backward starts at the first of them.

    `fold`, `show` and `fmt` are those of the drawing that it belongs to, `graph` is that of the roots if it is known.

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
        show: Collection[str] = ("label", "data", "grad"),
        fmt: str = ".4g",
        graph: Graph | None = None,
    ) -> None:
        self._roots, self._fold, self._show, self._fmt = roots, fold, show, fmt
        self._graph: Graph = graph or graph_of_values(roots)
        self._data = [node.data for node in self._graph.nodes]

    def page(self, svg: str, drawn: Picture, render: Render) -> Page:
        """Return the page around `svg`, the picture `drawn`; `render` gives the SVG of others, coarser and finer.

        >>> from autodiff import Value
        >>> picture = Picture((), (), "", "a graph; not differentiated")
        >>> Explorer([Value(2.0)]).page("<svg/>", picture, lambda picture: "<svg/>")
        <Page: a graph. Write it with `.save("page.html")`>
        """
        title = drawn.summary.partition(";")[0]
        views: list[dict[str, Any]]
        if len(self._graph.nodes) > MOST_VALUES:
            known = outline(drawn, f"n{self._root}")
            views = [{"name": "as drawn", "own": True, "box_of": {}, "svg": svg}]
        else:
            known, views = self.facts(), self._views(svg, drawn, render)
        pictures = "".join(f"<template>{_without_style(view.pop('svg'))}</template>" for view in views)
        body = asset("explorer/explorer.html")
        return page(title, {**known, "views": views}, body=body, scripts=SCRIPTS, styles=STYLES, pictures=pictures)

    def facts(self) -> dict[str, Any]:
        """Return what the page knows of every value and of every step.

        >>> from autodiff import Value
        >>> Explorer([Value(2.0)]).facts()["root"]
        'n0'
        """
        return facts(self._graph, self._data, self._roots[0], fmt=self._fmt)

    @property
    def _root(self) -> int:
        return next(i for i, node in enumerate(self._graph.nodes) if node is self._roots[0])

    def _views(self, svg: str, drawn: Picture, render: Render) -> list[dict[str, Any]]:
        """Return the picture as it was drawn, among those of layers, neurons and values that can be laid out."""
        views: dict[tuple[Owner, ...], dict[str, Any]] = {}
        own = folded(self._graph, self._fold)
        passed = self._of_one_pass(own)
        self._add(views, own, "as drawn", svg if passed == drawn else render(passed), passed)
        for name, fold in DETAILS.items() if any(self._graph.scopes) else ():
            owners = folded(self._graph, fold)
            if tuple(owners) in views:
                views[tuple(owners)]["name"] = name
            elif (found := self._sketch(owners)) is not None:
                self._add(views, owners, name, render(found), found)
        views[tuple(own)]["own"] = True
        return sorted(views.values(), key=lambda view: int(view["boxes"]))

    def _add(self, views: dict[Any, Any], owners: Sequence[Owner], name: str, svg: str, picture: Picture) -> None:
        places = _box_of(owners, self._graph.separate_results)
        view = {"name": name, "own": False, "boxes": len(picture.boxes), "box_of": places, "svg": svg}
        views[tuple(owners)] = view

    def _of_one_pass(self, owners: Sequence[Owner]) -> Picture:
        """Return the picture with the gradients of one pass, whatever the values hold."""
        root = self._roots[0]
        adjoint = adjoints(root, backward_steps(root))
        graph = replace(self._graph, grads=[adjoint.get(id(node), 0.0) for node in self._graph.nodes])
        return build(graph, owners, show=self._show, fmt=self._fmt)

    def _sketch(self, owners: Sequence[Owner]) -> Picture | None:
        """Return the picture, None if it cannot be laid out."""
        found = self._of_one_pass(owners)
        try:
            check_layout([box.id for box in found.boxes], [(arrow.tail, arrow.head) for arrow in found.arrows])
        except SizeError:
            return None
        return found


def _box_of(owners: Sequence[Owner], separate_results: Collection[int]) -> dict[str, str]:
    """Return the id of the box that each value is drawn in which has none of its own."""
    folds = {name: f"g{i}" for i, name in enumerate(dict.fromkeys(owner for owner in owners if isinstance(owner, str)))}
    return {
        f"n{i}": folds[owner] if isinstance(owner, str) else f"n{owner}o"
        for i, owner in enumerate(owners)
        if owner is not None and i not in separate_results
    }


def _without_style(svg: str) -> str:
    """Return `svg` without a style of its own: the page has one, and forbids others."""
    return re.sub(r' style="[^"]*"', "", svg, count=1)

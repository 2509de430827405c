"""The explorer: a page on which a graph is computed and differentiated step by step, in pictures fine and coarse."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from html import escape
from string import Template
from typing import Any

from autodiff.node import Node

from ..pages.pages import Page, page, part
from ..picture.build import Home, sketch
from ..picture.folding import Fold, folded
from ..picture.graph import Graph, graph_of_values
from ..picture.limits import SizeError, check_layout
from ..picture.model import Picture
from .facts import facts
from .outline import outline
from .steps import adjoints, backward_steps

SCRIPTS = (
    "pages/player.js",
    "pages/shades.js",
    "explorer/walk.js",
    "explorer/story.js",
    "explorer/layers.js",
    "explorer/views.js",
    "explorer/picture.js",
    "explorer/explorer.js",
)
STYLES = ("pages/page.css", "pages/shades.css", "explorer/explorer.css")
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
            views = [{"name": "as drawn", "own": True, "homes": {}, "svg": svg}]
        else:
            known, views = self.facts(), self._views(svg, drawn, render)
        pictures = "".join(f"<template>{_undressed(view.pop('svg'))}</template>" for view in views)
        parts = {"title": escape(title), "pictures": pictures, "player": part("pages/player.html")}
        body = Template(part("explorer/explorer.html")).substitute(parts)
        return page(title, {**known, "views": views}, body=body, script=SCRIPTS, style=STYLES)

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
        views: dict[tuple[Home, ...], dict[str, Any]] = {}
        own = folded(self._graph, self._fold)
        passed = self._passed(own)
        self._add(views, own, "as drawn", svg if passed == drawn else render(passed), passed)
        for name, fold in DETAILS.items() if any(self._graph.homes) else ():
            homes = folded(self._graph, fold)
            if tuple(homes) in views:
                views[tuple(homes)]["name"] = name
            elif (found := self._sketch(homes)) is not None:
                self._add(views, homes, name, render(found), found)
        views[tuple(own)]["own"] = True
        return sorted(views.values(), key=lambda view: int(view["boxes"]))

    def _add(self, views: dict[Any, Any], homes: Sequence[Home], name: str, svg: str, picture: Picture) -> None:
        places = _homes(homes, self._graph.outstanding)
        view = {"name": name, "own": False, "boxes": len(picture.boxes), "homes": places, "svg": svg}
        views[tuple(homes)] = view

    def _passed(self, homes: Sequence[Home]) -> Picture:
        """Return the picture with the gradients of one pass, whatever the values hold."""
        root = self._roots[0]
        adjoint = adjoints(root, backward_steps(root))
        graph = replace(self._graph, grads=[adjoint.get(id(node), 0.0) for node in self._graph.nodes])
        return sketch(graph, homes, show=self._show, fmt=self._fmt)

    def _sketch(self, homes: Sequence[Home]) -> Picture | None:
        """Return the picture, None if it cannot be laid out."""
        found = self._passed(homes)
        try:
            check_layout([box.id for box in found.boxes], [(arrow.tail, arrow.head) for arrow in found.arrows])
        except SizeError:
            return None
        return found


def _homes(homes: Sequence[Home], outstanding: Collection[int]) -> dict[str, str]:
    """Return the id of the box that each value is drawn in which has none of its own."""
    folds = {name: f"g{i}" for i, name in enumerate(dict.fromkeys(home for home in homes if isinstance(home, str)))}
    return {
        f"n{i}": folds[home] if isinstance(home, str) else f"n{home}o"
        for i, home in enumerate(homes)
        if home is not None and i not in outstanding
    }


def _undressed(svg: str) -> str:
    """Return `svg` without a style of its own: the page has one, and forbids others."""
    return re.sub(r' style="[^"]*"', "", svg, count=1)

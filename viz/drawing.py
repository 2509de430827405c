"""draw and draw_dot: the picture of a computation graph, for a notebook or a file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from autodiff import Value
from autodiff.compiler.program.program import Program
from autodiff.files import write

from .explorer.page import Explorer
from .pages.pages import Page
from .picture.folding import Fold
from .picture.model import FIELDS, FORMAT, Picture
from .picture.pipeline import graph_of, picture
from .picture.table import table
from .svg.digraph import Digraph
from .svg.document import document
from .svg.dot import PORTS, digraph
from .svg.render import render

DIRECTIONS = tuple(PORTS)
SUFFIXES = {".svg": "svg", ".dot": "dot", ".gv": "dot", ".png": "png", ".pdf": "pdf", ".html": "html"}


class Drawing:
    """The picture of a graph at the time of drawing, displayed as SVG in a notebook."""

    def __init__(self, graph: Digraph, explorer: Explorer | None = None) -> None:
        self._graph, self._explorer = graph, explorer

    def dot(self) -> str:
        """Return the picture in DOT, Graphviz's language.

        >>> draw(Value(2.0)).dot().split()[0]
        'digraph'
        """
        return str(self._graph.source)

    def svg(self) -> str:
        """Return the picture as one `<svg>` element. Raises RenderError if no installed engine can draw it.

        >>> draw(Value(2.0)).svg()[:4]
        '<svg'
        """
        return self._svg

    def table(self) -> str:
        """Return the picture as a table of text: a row for each value and each fold.

        >>> print(draw(Value(2.0, label="x") * 3.0, show=("label", "data")).table())
        box  kind    name  data  grad  from
        n0   input   x     2
        n1   result        6           * of n0, 3
        """
        return table(self._picture)

    def explore(self) -> Page:
        """Return a page that steps through the graph, forward and backward; of several results, from the first.

        A notebook displays it; it needs neither a network nor another file. Its gradients are those of one pass of
        `backward()`; beyond 3,000 values the steps are boxes, and the gradients those that were drawn. Raises
        RenderError if no installed engine can draw the graph.

        >>> draw(Value(2.0) * 3.0).explore()
        <Page: Computation graph: 2 values, 1 operation. Write it with `.save("page.html")`>
        """
        if self._explorer is None:
            raise TypeError("a program has no numbers to step through: draw a Value that was computed")
        drawn = document(self._drawn, self._picture, bare=True)
        return self._explorer.page(drawn, self._picture, self._others)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture in the format of the suffix, .svg, .dot, .gv, .png or .pdf; return the path.

        With .html it is the page of `explore`. The file is written whole or not at all. Raises ValueError for another
        suffix, RenderError if no engine can draw it: .png and .pdf need Graphviz's `dot` program or pygraphviz.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     draw(Value(2.0)).save(Path(folder) / "g.svg").name
        'g.svg'
        """
        kind = SUFFIXES.get(Path(path).suffix.lower())
        if kind is None:
            raise ValueError(f"cannot save as `{os.fspath(path)}`: the name must end in one of {', '.join(SUFFIXES)}")
        if kind == "html":
            return self.explore().save(path)
        if kind == "dot":
            return write(path, self.dot().encode())
        return write(path, self.svg().encode() if kind == "svg" else self._graph.pipe(kind))

    def __repr__(self) -> str:
        return f"<{self._picture.summary}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"image/svg+xml": self.svg(), "text/plain": repr(self)}

    @property
    def _picture(self) -> Picture:
        return self._graph.picture

    @cached_property
    def _drawn(self) -> bytes:
        return render(self._graph.source)

    def _others(self, picture: Picture) -> str:
        """Return the SVG of another picture, laid out the same way."""
        rankdir = str(self._graph.graph_attr["rankdir"])
        return document(render(digraph(picture, rankdir=rankdir).source), picture, bare=True)

    @cached_property
    def _svg(self) -> str:
        return document(self._drawn, self._picture)


def draw(
    root: Value | Iterable[Value] | Program,
    show: Sequence[str] = FIELDS,
    *,
    fold: Fold = "auto",
    force: bool = False,
    rankdir: str = "LR",
    fmt: str = FORMAT,
) -> Drawing:
    """Draw the graph that computed `root`, a Value or several, or a program that `autodiff.compile` made.

    `show` is what to write in each box, of "label", "data" and "grad"; `rankdir` the direction of the graph: "LR" from
    left to right, "RL", "TB" from top to bottom, "BT"; `fmt` is Python's format of the numbers.

    `fold` is what to draw as one box: "neuron" or "layer", the values of each; an int, the values whose scopes agree in
    that number of levels; a function of a Value, those for which it returns the same name (None: a box of its own);
    None, nothing. "auto" takes the first of these with at most 200 boxes and 500 arrows: no fold; sums and products of
    many terms as one operation; scopes from the deepest level up; the values nearest the result.

    Raises SizeError beyond 1,500 boxes (values, operations, plain numbers) or 2,500 arrows, or where these are too
    long, unless `force` has it drawn all the same, however long that takes.

    >>> x = Value(3.0, label="x")
    >>> y = x * x
    >>> y.backward()
    >>> draw(y)
    <Computation graph: 2 values, 1 operation>
    >>> draw(y, fold=lambda value: value.op)
    <Computation graph: 2 values, 1 operation; 2 values in 3 boxes>
    """
    values = root if isinstance(root, Program) else _values(root)
    _check(show, rankdir, fmt)
    graph = graph_of(values)
    drawn = digraph(picture(graph, show=show, fmt=fmt, fold=fold, force=force), rankdir=rankdir)
    if isinstance(values, Program):
        return Drawing(drawn)
    return Drawing(drawn, Explorer(values, fold=fold, show=show, fmt=fmt, graph=graph))


def draw_dot(
    root: Value | Iterable[Value],
    format: str = "svg",  # noqa: A002
    rankdir: str = "LR",
    *,
    fold: Fold = None,
) -> Digraph:
    """Return the picture as a `graphviz.Digraph`, as micrograd's `draw_dot` does; SVG needs no `dot` program.

    >>> draw_dot(Value(2.0)).pipe(encoding="utf-8")[:4]
    '<svg'
    """
    values = _values(root)
    _check(FIELDS, rankdir, FORMAT)
    graph = digraph(picture(values, fold=fold), rankdir=rankdir)
    graph.format = format
    return graph


def _check(show: Any, rankdir: Any, fmt: Any) -> None:
    """Raise ValueError for invalid options."""
    if isinstance(show, str) or not isinstance(show, Iterable) or not set(show) <= set(FIELDS):
        raise ValueError(f"`show` is a tuple of some of {', '.join(FIELDS)}, got {show!r}")
    if rankdir not in DIRECTIONS:
        raise ValueError(f"`rankdir` is one of {', '.join(DIRECTIONS)}, got {rankdir!r}")
    try:
        format(1.0, fmt)
    except (TypeError, ValueError):
        raise ValueError(f"`fmt` is a format of floats such as '.4g', got {fmt!r}") from None


def _values(root: Any) -> list[Value]:
    if isinstance(root, Value):
        return [root]
    values = list(getattr(root, "flat", root)) if isinstance(root, Iterable) else [root]
    for value in values:
        if not isinstance(value, Value):
            raise TypeError(f"`draw` takes a Value or several, got {type(value).__name__} {value!r:.40}")
    if not values:
        raise ValueError("`draw` takes a Value or several, got none")
    return values

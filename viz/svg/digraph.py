"""Digraph: a `graphviz.Digraph` that renders SVG without the `dot` program, in notebooks too."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import graphviz

from autodiff.files import write

from ..picture.model import Picture
from .document import document
from .render import ENGINES, render


class Digraph(graphviz.Digraph):  # type: ignore[misc]
    """The interface of the graphviz package; `picture` has the titles that the SVG gives nodes and edges."""

    picture = Picture((), (), "", "")

    def pipe(
        self,
        format: str | None = None,  # noqa: A002 (graphviz's name)
        renderer: str | None = None,
        formatter: str | None = None,
        neato_no_op: bool | int | None = None,
        quiet: bool = False,
        *,
        engine: str | None = None,
        encoding: str | None = None,
    ) -> Any:
        """Return the picture as bytes, or as text where `encoding` is given; "svg" needs no `dot` program.

        >>> graph = Digraph()
        >>> graph.edge("a", "b")
        >>> graph.pipe("svg", encoding="utf-8")[:4]
        '<svg'
        """
        format = format or self.format
        if format not in ENGINES or renderer or formatter or neato_no_op is not None:
            options = {"neato_no_op": neato_no_op, "engine": engine, "encoding": encoding, "quiet": quiet}
            return super().pipe(format, renderer=renderer, formatter=formatter, **options)
        picture = render(self.source, to=format, engine=engine or self.engine)
        if format == "svg":
            picture = document(picture, self.picture).encode()
        return picture.decode(encoding) if encoding else picture

    def render(
        self,
        filename: str | os.PathLike[str] | None = None,
        directory: str | os.PathLike[str] | None = None,
        view: bool = False,
        cleanup: bool = False,
        format: str | None = None,  # noqa: A002 (graphviz's name)
        *,
        outfile: str | os.PathLike[str] | None = None,
        engine: str | None = None,
        quiet: bool = False,
        quiet_view: bool = False,
        **options: Any,
    ) -> str:
        """Save the DOT source and its picture, beside it or as `outfile`; return the path of the picture.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Path(Digraph().render("g.gv", folder, format="svg")).name
        'g.gv.svg'
        """
        format = format or (Path(outfile).suffix[1:] if outfile else "") or self.format
        if filename is None and outfile:
            filename = Path(outfile).with_suffix(".gv")
        if format not in ENGINES or options:
            options |= {"view": view, "cleanup": cleanup, "format": format, "outfile": outfile, "engine": engine}
            options |= {"quiet": quiet, "quiet_view": quiet_view}
            return str(super().render(filename, directory=directory, **options))
        picture = self.pipe(format, engine=engine)
        source = self.save(filename, directory=directory)
        path = str(write(outfile or f"{source}.{format}", picture))
        if cleanup:
            os.remove(source)
        if view or quiet_view:
            graphviz.view(path, quiet=quiet_view)
        return path

    def copy(self) -> Digraph:
        """Return an independent copy."""
        twin: Digraph = super().copy()
        twin.picture = self.picture
        return twin

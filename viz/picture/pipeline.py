"""Roots → picture: the graph is read, folded, built, and refused if it is too large to lay out."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from autodiff.compiler.program.program import Program
from autodiff.node import Node

from .build import build
from .folding import Fold, check, folded
from .graph import Graph, graph_of_program, graph_of_values
from .limits import check_layout, check_values
from .model import FIELDS, FORMAT, Picture


def picture(
    roots: Sequence[Node] | Program | Graph,
    *,
    show: Collection[str] = FIELDS,
    fmt: str = FORMAT,
    fold: Fold = None,
    force: bool = False,
) -> Picture:
    """Return the picture of a program, or of the graph that computed `roots`, with the options of `draw`.

    Raises SizeError if it cannot be laid out in some seconds, unless `force`d; ValueError or TypeError for another
    `fold`.

    >>> from autodiff import Value
    >>> [box.name for box in picture([Value(3.0, label="x") * 2.0]).boxes]
    ['x', '2', '*', '']
    """
    check(fold)
    graph = roots if isinstance(roots, Graph) else graph_of(roots)
    if fold is None and not force:
        check_values(len(graph.nodes))
    found = build(graph, folded(graph, fold), show=show, fmt=fmt)
    if not force:
        check_layout(found)
    return found


def graph_of(roots: Sequence[Node] | Program) -> Graph:
    """Return the graph of Values or of a program.

    >>> from autodiff import Value
    >>> graph_of([Value(2.0)]).operands
    [[]]
    """
    return graph_of_program(roots) if isinstance(roots, Program) else graph_of_values(roots)

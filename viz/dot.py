"""Picture → DOT: shapes, colours and sizes.

Sizes are ours, from the width of a character: Graphviz measures only Courier right where no fonts are installed.
Operands enter an operation as written, from top to bottom, or from left to right where the graph runs down.
"""

from __future__ import annotations

from . import palette as p
from .digraph import Digraph
from .labels import columns, quoted
from .picture import VALUES, Box, Picture

LINE_HEIGHT = 1.2  # ems
PADDING = 8.0  # points at either side of a text
SYMBOL_SIZE = p.FONT_SIZE + 3.0
INCH = 72.0  # points

# nslimit: what is left to gain after so many steps is not seen, but takes minutes where arrows are long
GRAPH = {"bgcolor": p.PAPER, "nodesep": "0.2", "ranksep": "0.3", "pad": "0.2", "nslimit": "2"}
NOTE = {"fontname": "Courier", "fontsize": f"{p.FONT_SIZE:g}", "fontcolor": p.WARNING, "labelloc": "b"}
NODE = {"fontname": "Courier", "fontsize": f"{p.FONT_SIZE:g}", "fontcolor": p.INK, "fixedsize": "true"}
EDGE = {"color": p.LINE, "arrowsize": "0.6"}
VALUE = {"shape": "record", "style": "rounded,filled"}
BOXES = {
    "leaf": {**VALUE, "fillcolor": p.LEAF, "color": p.LEAF_LINE},
    "inner": {**VALUE, "fillcolor": p.PAPER, "color": p.LINE},
    "result": {**VALUE, "fillcolor": p.RESULT, "color": p.RESULT_LINE, "penwidth": "1.6"},
    "operation": {
        "shape": "ellipse",
        "style": "filled",
        "color": p.OPERATION,
        "fontcolor": p.PAPER,
        "fontsize": f"{SYMBOL_SIZE:g}",
        "ordering": "in",
    },
    "number": {"shape": "box", "style": "rounded,filled", "color": p.TAG, "fontcolor": p.MUTED},
}
ARROWS: dict[str, dict[str, str]] = {
    "live": {},
    "dead": {"style": "dashed"},
    "plain": {"color": p.PALE},
    "out": {"arrowhead": "none", "weight": "8"},
}


def digraph(picture: Picture, *, rankdir: str = "LR") -> Digraph:
    """Return `picture` in DOT, laid out from left to right, or as `rankdir` says: LR, RL, TB or BT.

    >>> from viz.picture import Box
    >>> graph = digraph(Picture((Box("n0", "number", "2"),), (), "", "a number"))
    >>> "n0 [label=2 " in graph.source
    True
    """
    note = {"label": quoted(picture.note), **NOTE} if picture.note else {}
    graph = Digraph(graph_attr={"rankdir": rankdir, **GRAPH, **note}, node_attr=NODE, edge_attr=EDGE)
    graph.summary = picture.summary
    graph.titles = {box.id: box.title for box in picture.boxes} | {arrow.id: arrow.title for arrow in picture.arrows}
    for box in picture.boxes:
        label = _cells(box, down=rankdir in ("LR", "RL")) if box.kind in VALUES else quoted(box.name)
        graph.node(box.id, label, id=box.id, **{"class": box.kind}, **BOXES[box.kind], **_size(box))
    for arrow in picture.arrows:
        graph.edge(arrow.tail, arrow.head, id=arrow.id, **{"class": arrow.kind}, **ARROWS[arrow.kind])
    return graph


def _cells(box: Box, *, down: bool) -> str:
    """Return the label of a record: the name above the rows; `down` where records stack their cells anyway."""
    rows = "".join(f"{quoted(f'{key} {number}')}\\l" for key, number in box.rows)
    cells = "|".join(cell for cell in (quoted(box.name), rows) if cell)
    return cells if down else f"{{{cells}}}"


def _size(box: Box) -> dict[str, str]:
    """Return the width and height, in inches, that hold the name above the rows."""
    em = SYMBOL_SIZE if box.kind == "operation" else p.FONT_SIZE
    names = box.name.split("\n") if box.name else []
    rows = [f"{key} {number}" for key, number in box.rows]
    width = max(map(columns, [*names, *rows]), default=0) * p.CHARACTER * em + 2 * PADDING
    if box.kind == "operation":
        width *= 1.2  # an ellipse narrows where a word ends
    cells = [len(lines) * LINE_HEIGHT * em + PADDING for lines in (names, rows) if lines]
    height = max(sum(cells), 2.5 * PADDING)
    return {"width": f"{max(width, height) / INCH:.3f}", "height": f"{height / INCH:.3f}"}

"""Picture → DOT: the shape, colours and size of each box, and the order of arrows.

Sizes are computed here from the width of a character: without fonts Graphviz measures only Courier right. Operands
enter an operation in written order, from top to bottom, or from left to right where the graph runs down.
"""

from __future__ import annotations

from itertools import pairwise

from .. import palette as p
from ..picture.labels import display_width, quoted
from ..picture.model import VALUES, Box, Picture
from ..picture.summary import SPECIAL
from .digraph import Digraph
from .shades import FILLS, Shades

LINE_HEIGHT = 1.2  # ems
PADDING = 8.0  # points at either side of a text
SYMBOL_SIZE = p.FONT_SIZE + 3.0
INCH = 72.0  # points

# nslimit bounds the steps of network simplex: later ones gain nothing visible, but take minutes where arrows are long
GRAPH = {
    "bgcolor": p.PAPER,
    "nodesep": "0.2",
    "ranksep": "0.3",
    "pad": "0.2",
    "nslimit": "2",
    "outputorder": "edgesfirst",
}
DENSE = {"splines": "line", "ranksep": "1.6", "nodesep": "0.08"}  # where each neuron is joined to all of the next layer
LARGE, MANY = {"nslimit": "1"}, 400  # of more boxes than these, half the steps
NOTE = {"fontname": "Courier", "fontsize": f"{p.FONT_SIZE:g}", "fontcolor": p.MUTED, "labelloc": "b"}
NODE = {"fontname": "Courier", "fontsize": f"{p.FONT_SIZE:g}", "fontcolor": p.INK, "fixedsize": "true"}
EDGE = {"color": p.LINE, "arrowsize": "0.6"}
SYMBOL = {"fontcolor": p.PAPER, "fontsize": f"{SYMBOL_SIZE:g}", "ordering": "in"}
SHAPES: dict[str, dict[str, str]] = {
    "leaf": {"shape": "note"},
    "parameter": {"shape": "cylinder"},
    "inner": {"shape": "record", "style": "rounded,filled"},
    "result": {"shape": "box", "style": "rounded,filled", "peripheries": "2"},
    "operation": {"shape": "ellipse", **SYMBOL},
    "number": {"shape": "box", "fontcolor": p.MUTED},
    "fold": {"shape": "folder"},
}
BOXES: dict[str, dict[str, str]] = {
    kind: {"style": "filled", "color": line, **({"fillcolor": fill} if fill != line else {}), **SHAPES[kind]}
    for kind, (fill, line) in p.BOXES.items()
}
OUTLINES = {"zero": "dotted", "nan": "dashed,bold", "inf": "bold"}
TALLER = {"parameter": 12.0, "fold": 6.0}  # points of height that the shape itself takes
ARROWS: dict[str, dict[str, str]] = {
    "live": {},
    "dead": {"style": "dashed"},
    "plain": {"color": p.PALE},
    "out": {"arrowhead": "none", "weight": "8"},
}
PORTS = {
    "LR": ("e", "w"),
    "RL": ("w", "e"),
    "TB": ("s", "n"),
    "BT": ("n", "s"),
}  # sides to leave and enter


def digraph(picture: Picture, *, rankdir: str = "LR") -> Digraph:
    """Return `picture` in DOT, to be laid out in the direction `rankdir`: LR, RL, TB or BT.

    >>> graph = digraph(Picture((Box("n0", "number", "2"),), (), "", "a number"))
    >>> "n0 [label=2 " in graph.source
    True
    """
    note = {"label": quoted(picture.note), **NOTE} if picture.note else {}
    if "backward()" in picture.note:
        note["fontcolor"] = p.WARNING
    layout = DENSE if picture.columns else LARGE if len(picture.boxes) > MANY else {}
    graph = Digraph(graph_attr={"rankdir": rankdir, **GRAPH, **layout, **note}, node_attr=NODE, edge_attr=EDGE)
    graph.picture = picture
    shades = Shades(box.grad for box in picture.boxes)
    sizes = {box.id: _size(box) for box in picture.boxes}
    for column in picture.columns:
        widest = max((sizes[ident]["width"] for ident in column), key=float)
        for ident in column:
            sizes[ident]["width"] = widest
    for box in picture.boxes:
        shade = shades.of(box.grad)
        label = _cells(box, down=rankdir in ("LR", "RL"))
        look = {**BOXES[box.kind], **_shaded(box, shade), **sizes[box.id]}
        graph.node(box.id, label, id=box.id, **{"class": f"{box.kind} {shade}".rstrip()}, **look)
    for arrow in picture.arrows:
        ports = [f"{end}:{port}" for end, port in zip((arrow.tail, arrow.head), PORTS[rankdir], strict=True)]
        ends = ports if picture.columns else (arrow.tail, arrow.head)
        graph.edge(*ends, id=arrow.id, **{"class": arrow.kind}, **ARROWS[arrow.kind])
    for column in picture.columns:
        with graph.subgraph(graph_attr={"rank": "same"}) as same:
            for above, below in pairwise(column):
                same.edge(above, below, style="invis")
    return graph


def _shaded(box: Box, shade: str) -> dict[str, str]:
    """Return the attributes that show the shade or pattern of a box's gradient."""
    if shade in FILLS and box.kind in (*VALUES, "fold"):
        return {"fillcolor": FILLS[shade]}
    if shade in SPECIAL:
        fill = {"fillcolor": p.PAPER if shade == "zero" else p.ALARM}
        return {"style": f"{BOXES[box.kind]['style']},{OUTLINES[shade]}", **fill}
    return {}


def _cells(box: Box, *, down: bool) -> str:
    """Return the label, the name above the rows; in a graph that runs across (`down`) records stack their cells."""
    rows = "".join(f"{quoted(f'{key} {number}')}\\l" for key, number in box.rows)
    if BOXES[box.kind]["shape"] != "record":
        return quoted(box.name) + ("\\n" if box.name and rows else "") + rows
    cells = "|".join(cell for cell in (quoted(box.name), rows) if cell)
    return cells if down else f"{{{cells}}}"


def _size(box: Box) -> dict[str, str]:
    """Return the width and height, in inches, that hold the name above the rows."""
    em = SYMBOL_SIZE if box.kind == "operation" else p.FONT_SIZE
    names = box.name.split("\n") if box.name else []
    rows = [f"{key} {number}" for key, number in box.rows]
    width = max(map(display_width, [*names, *rows]), default=0) * p.CHARACTER * em + 2 * PADDING
    if box.kind == "operation":
        width *= 1.2  # an ellipse is narrower at the ends of a word
    cells = [len(lines) * LINE_HEIGHT * em + PADDING for lines in (names, rows) if lines]
    height = max(sum(cells), 2.5 * PADDING) + TALLER.get(box.kind, 0.0)
    return {"width": f"{max(width, height) / INCH:.3f}", "height": f"{height / INCH:.3f}"}

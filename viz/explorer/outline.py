"""The outline of a graph too large to step through value by value: the boxes of its picture are the steps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from ..picture.model import KINDS, VALUES, Box, Picture
from ..svg.shades import Shades
from .schema import AdditionData, GraphData, NodeData, StepData


def outline(picture: Picture, root: str) -> GraphData:
    """Return the data of a picture that ends in the box `root`: its values and folds as nodes, in their order.

    The gradients are those that the picture was drawn with; of a fold there are no numbers but those in its title.

    >>> from viz.picture.model import Arrow
    >>> boxes = Box("g0", "fold", "net", hides=900), Box("n9", "result", "L", data=2.0, grad=1.0)
    >>> found = outline(Picture(boxes, (Arrow("n9z", "g0", "n9", "out"),), "", ""), "n9")
    >>> [(node["id"], node["op"], node["args"]) for node in found["nodes"]]
    [('g0', 'fold', []), ('n9', 'fold', [{'of': 'g0', 'partial': None}])]
    """
    boxes = {box.id: box for box in picture.boxes}
    owners = {a.tail: a.head for a in picture.arrows if a.kind == "out" and boxes[a.tail].kind == "operation"}
    operands: defaultdict[str, dict[str, None]] = defaultdict(dict)  # of each value or fold, without repetition
    for arrow in picture.arrows:
        if boxes[arrow.tail].kind in (*VALUES, "fold"):
            operands[owners.get(arrow.head, arrow.head)][arrow.tail] = None
    symbols = {owner: boxes[operation].name for operation, owner in owners.items()}
    drawn = [box for box in picture.boxes if box.kind in (*VALUES, "fold")]
    computed = [box.id for box in drawn if _operation(box, symbols, operands)]
    return {
        "root": root,
        "coarse": True,
        "zero": None,
        "one": None,
        "top": Shades(box.grad for box in drawn).top or 1.0,
        "nodes": [_node(box, _operation(box, symbols, operands), list(operands[box.id])) for box in drawn],
        "rows": {},
        "steps": [_step(ident, list(operands[ident]), boxes) for ident in reversed(computed)],
        "layers": [],
        "note": picture.note,
    }


def _operation(box: Box, symbols: dict[str, str], operands: Mapping[str, Any]) -> str:
    """Return the operation that computes a box, "" for an input."""
    return symbols.get(box.id, "") or ("fold" if box.kind == "fold" or operands.get(box.id) else "")


def _step(ident: str, operands: list[str], boxes: Mapping[str, Box]) -> StepData:
    adds: list[AdditionData] = [
        {"to": name, "index": k, "after": "" if grad is None else repr(grad)}
        for k, (name, grad) in enumerate((name, boxes[name].grad) for name in operands)
    ]
    return {"node": ident, "adds": adds}


def _node(box: Box, op: str, operands: list[str]) -> NodeData:
    return {
        "id": box.id,
        "name": box.name,
        "kind": f"{box.hides:,} values" if box.kind == "fold" else KINDS[box.kind],
        "op": op,
        "row": "",
        "scope": box.scope,
        "title": box.title,
        "args": [{"of": operand, "partial": None} for operand in operands],
    }

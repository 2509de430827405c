"""A picture as a table of text, for readers who cannot see it or want to search it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from .labels import counted, display_width
from .model import KINDS, VALUES, Arrow, Box, Picture

HEAD = ("box", "kind", "name", "data", "grad", "from")


def table(picture: Picture) -> str:
    """Return the table: a row for each value and each fold, with its kind, its numbers and its operands.

    >>> from autodiff import Value
    >>> from viz.picture.pipeline import picture
    >>> x = Value(3.0, label="x")
    >>> y = 2.0 * x
    >>> y.backward()
    >>> print(table(picture([y])))
    box  kind    name  data  grad  from
    n0   input   x     3     2
    n1   result        6     1     * of 2, n0
    """
    incoming: defaultdict[str, list[Arrow]] = defaultdict(list)
    for arrow in picture.arrows:
        incoming[arrow.head].append(arrow)
    boxes = {box.id: box for box in picture.boxes}
    rows = [_row(box, _origin(box, incoming, boxes)) for box in picture.boxes if box.kind in (*VALUES, "fold")]
    return "\n".join([*_aligned([HEAD, *rows]), *([picture.note] if picture.note else [])])


def _row(box: Box, origin: str) -> tuple[str, ...]:
    numbers = dict(box.rows)
    data, grad = numbers.get("data", ""), numbers.get("grad", "")
    if box.kind == "fold":
        data = counted(box.hides, "value")
        grad = ", ".join(numbers[key] for key in ("|grad|", "and", "grad") if key in numbers)
    return box.id, KINDS[box.kind], box.name.replace("\n", " "), data, grad, origin


def _origin(box: Box, incoming: dict[str, list[Arrow]], boxes: dict[str, Box]) -> str:
    """Return the operation of a value and its operands; for a fold, the sources of its edges and their counts."""
    if box.kind == "fold":
        return ", ".join(_repeated(arrow) for arrow in incoming.get(box.id, ()))
    source = next((boxes[arrow.tail] for arrow in incoming.get(box.id, ()) if arrow.kind == "out"), None)
    if source is None or source.kind == "fold":
        return source.id if source else ""
    operands = (arrow if boxes[arrow.tail].kind != "number" else boxes[arrow.tail] for arrow in incoming[source.id])
    return f"{source.name} of {', '.join(_repeated(o) if isinstance(o, Arrow) else o.name for o in operands)}"


def _repeated(arrow: Arrow) -> str:
    return arrow.tail + (f" ×{arrow.count:,}" if arrow.count > 1 else "")


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(display_width, column)) for column in zip(*rows, strict=True)]
    cells = ([cell + " " * (n - display_width(cell)) for cell, n in zip(row, widths, strict=True)] for row in rows)
    return ["  ".join(row).rstrip() for row in cells]

"""The model of a picture: boxes and arrows, before any layout.

Boxes are in the order of evaluation and named by it, so that a picture is the same in every run. `x + x` has two
arrows. Each box has a `scope`; a box of kind "fold" stands for several values, and the arrows between the same two
boxes, one of them a fold, are one arrow with a `count`.
"""

from __future__ import annotations

from dataclasses import dataclass

FIELDS, FORMAT = ("label", "data", "grad"), ".4g"  # the parts of a value to write, and the format of numbers
VALUES = ("leaf", "parameter", "inner", "result")  # boxes of one value
KINDS = {  # the kinds of boxes, as a legend and a table name them
    "leaf": "input",
    "parameter": "parameter",
    "number": "constant",
    "operation": "operation",
    "inner": "value",
    "result": "result",
    "fold": "folded values",
}


@dataclass(frozen=True, slots=True)
class Box:
    """A value (its kind one of VALUES), an "operation", a plain "number" among its operands, or a "fold".

    A "leaf" is an input, a "parameter" a leaf that a Module or a scope made. `rows` are pairs of a key and a number;
    `title` is the description in words, with numbers in full. `data` and `grad` are those of a value; of a fold, None
    and the gradient of largest size; of other boxes, None. `hides` counts the values without a box of their own that a
    fold, or an operation drawn for a chain, stands for. Ids: `n7` a value, `n7o` its operation, `n7c0` its operand 0,
    `g0` a fold.
    """

    id: str
    kind: str
    name: str
    rows: tuple[tuple[str, str], ...] = ()
    title: str = ""
    scope: str = ""
    data: float | None = None
    grad: float | None = None
    hides: int = 0


@dataclass(frozen=True, slots=True)
class Arrow:
    """An arrow to an operation from an operand, or "out" of it to its value.

    Its kind is "live" if a gradient flows back to the operand, else "dead", and "plain" from a number. `partial` is the
    derivative of the operation by the operand. An arrow from or to a fold stands for `count` edges.
    """

    id: str
    tail: str
    head: str
    kind: str
    title: str = ""
    partial: float | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class Picture:
    """Boxes and arrows in the order of evaluation, a `summary` of the graph and a `note` of what is folded or missing.

    `columns` are groups of folds, by their ids, to be drawn in one column in this order: the neurons of a layer.
    """

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    note: str
    summary: str
    columns: tuple[tuple[str, ...], ...] = ()

"""The model of a picture: boxes and arrows, before any layout.

Boxes are in the order of evaluation and named by it, so that a picture is the same in every run. `x + x` has two
arrows. Each box carries its `scope`; where values are folded, one box of kind "fold" stands for all of its scope, and
arrows between the same boxes are one with a `count`. Whoever folds on his own (a page, say) takes the picture with
fold=None and joins the boxes whose scopes have a prefix in common (`viz.picture.scopes.prefixes`).
"""

from __future__ import annotations

from dataclasses import dataclass

FIELDS = ("label", "data", "grad")
VALUES = ("leaf", "parameter", "inner", "result")  # boxes of one value
KINDS = {  # what each kind of box is called
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
    """A value (its kind one of VALUES), an "operation", a plain "number" that one was applied to, or a "fold".

    A "leaf" is an input, a "parameter" one that a Module or a scope made. `rows` are pairs of a key and a number;
    `title` tells all of it in words, numbers in full. `data` and `grad` are the numbers of a value, None where there
    are none; those of a fold are None and the `grad` of largest size in it. `hides` is how many values a fold, or the
    operation of a chain drawn as one, stands for beside the boxes of their own. Ids: `n7` a value, `n7o` its
    operation, `n7c0` its operand 0, `g0` a fold.
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
    """From an operand, "live" if a gradient flows back to it, else "dead"; from a "plain" number; "out" to a result.

    `partial` is the derivative of the operation by this operand; an arrow from or to a fold stands for `count` such.
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
    """Boxes and arrows in the order of evaluation; `note` is what the reader must be told, `summary` what this is.

    `columns` are the ids of folds that stand beside each other in this order: the neurons of a layer.
    """

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    note: str
    summary: str
    columns: tuple[tuple[str, ...], ...] = ()

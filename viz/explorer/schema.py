"""The schema of the explorer's JSON: `facts` and `outline` write it, the scripts read it from `data`.

Numbers are strings as Python writes them, so that each is the engine's to the last digit. Keys that are not required
belong to a graph that is stepped through value by value, `title` to one whose steps are the boxes of its picture.
"""

from __future__ import annotations

from typing import NotRequired, TypedDict


class OperandData(TypedDict):
    """An operand: the id of a node, `of`, or a plain number, `data`; `partial` is None if no gradient flows to it."""

    of: NotRequired[str]
    data: NotRequired[str]
    partial: str | None


class NodeData(TypedDict):
    """A value: `row` is a key of `rows`, "" for a leaf; `short` is `data` in the format of the picture."""

    id: str
    name: str
    kind: str
    op: str
    row: str
    scope: str
    args: list[OperandData]
    data: NotRequired[str]
    short: NotRequired[str]
    title: NotRequired[str]


class RowData(TypedDict):
    """The formulas of an operation: its value and its partials."""

    value: str
    partials: list[str]


class AdditionData(TypedDict):
    """after = before + partial · adjoint: what a step adds to the adjoint of `to`, its operand number `index`."""

    to: str
    index: int
    after: str
    partial: NotRequired[str]
    before: NotRequired[str]
    short: NotRequired[str]


class StepData(TypedDict):
    """A step of the backward pass, from a node to its operands."""

    node: str
    adds: list[AdditionData]
    adjoint: NotRequired[str]


class EvaluationData(TypedDict):
    """The evaluation of a neuron: the id of its weighted sum, and σ′ there."""

    z: str
    slope: str


class LayerData(TypedDict):
    """A layer: `checks` are triples of name, equation and verdict, `size` the numbers of neurons and of examples."""

    path: str
    checks: list[list[str]]
    neurons: list[list[EvaluationData]]
    size: list[int]
    softmax: bool


class GraphData(TypedDict):
    """A graph and the pass back from `root`; `top` is the largest |grad|, `zero` and `one` are formatted for it."""

    root: str
    coarse: NotRequired[bool]
    zero: str | None
    one: str | None
    top: float
    nodes: list[NodeData]
    rows: dict[str, RowData]
    steps: list[StepData]
    layers: list[LayerData]
    note: str


class ViewData(TypedDict):
    """A picture of the graph: `own` marks the one that was drawn; `box_of` is the box of each value that is folded."""

    name: str
    own: bool
    box_of: dict[str, str]


class ExplorerData(GraphData):
    """All of the data: the graph and its pictures, from the coarsest to the finest."""

    views: list[ViewData]

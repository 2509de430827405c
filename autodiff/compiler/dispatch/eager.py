"""The eager backend: every row is run on Values, and swept backward. It is the reference of all other backends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ...graph import postorder
from ...linearization import accumulate, written
from ...node import Node
from ..trace.run import Run, Slopes, taped, without_values
from .results import Part
from .structure import Structure


def runs(recorded: Iterable[tuple[int, Run]], rows: int, active: Sequence[bool]) -> list[Part]:
    """Return the outputs of the rows of each path, in the order of their first rows; each row comes with its number."""
    groups: dict[Any, _Group] = {}
    for r, run in recorded:
        group = groups.get(run.guards)
        if group is None:
            group = groups[run.guards] = _Group(Structure(without_values(run.output, len(run.results))))
        group.captured.update((id(v), v) for v in taped(run).captured)
        results = [y._data if isinstance(y, Node) else y for y in run.results]
        group.rows.append((r, results, [_slopes(y, run, active) for y in run.results]))
    return [_gathered(group, rows, len(active)) for group in groups.values()]


class _Group:
    """The rows that take one path, each with its number, its results and their slopes, and the Values they capture."""

    def __init__(self, structure: Structure) -> None:
        self.structure = structure
        self.captured: dict[int, Any] = {}
        self.rows: list[tuple[int, list[float], list[list[tuple[int, float]]]]] = []


def _gathered(group: _Group, rows: int, inputs: int) -> Part:
    captured = group.captured
    n = len(group.rows[0][1])
    width, taken = len(captured) + inputs, np.zeros(rows, bool)
    outputs = np.zeros((n * (1 + width), len(group.rows)))
    has = np.zeros((n, width), bool)
    index = {i: k for k, i in enumerate(captured)}
    for column, (r, results, by_result) in enumerate(group.rows):
        taken[r] = True
        for i, (y, slopes) in enumerate(zip(results, by_result, strict=True)):
            outputs[i, column] = y
            for target, slope in slopes:
                k = len(captured) - 1 - target if target < 0 else index[target]
                outputs[n + i * width + k, column] = slope
                has[i, k] = True
    found = [Slopes(np.flatnonzero(h).tolist(), n + i * width + np.flatnonzero(h)) for i, h in enumerate(has)]
    return Part(list(captured.values()), found, group.structure, outputs, taken, bool(has.any()))


def _slopes(y: Any, run: Run, active: Sequence[bool]) -> list[tuple[int, float]]:
    """Return the derivatives of y: by each captured Value, named by its id, and by input i, named -1 - i."""
    if not isinstance(y, Node):
        return []
    inputs = {id(v): i for i, v in enumerate(run.inputs)}
    outside = {id(node) for node in postorder([y]) if not run.trace.contains(node.trace)}
    stop = frozenset([*outside, *inputs])
    adjoint = {id(y): 1.0}
    accumulate([node for node in postorder([y], stop=stop) if id(node) not in stop], adjoint, written)
    slopes = []
    for i, d in adjoint.items():
        if i in outside:
            slopes.append((i, d))
        elif i in inputs and active[inputs[i]]:
            slopes.append((-1 - inputs[i], d))
    return slopes

"""The eager backend: every row is run on Values, and swept backward. It is the reference of all other backends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...graph import postorder
from ...linearization import accumulate, written
from ...node import Node
from ..trace.run import Run, Slopes, record, taped, without_values
from .results import Part
from .signature import Arguments
from .structure import Structure


def runs(f: Any, arguments: Arguments, rows: int, active: Sequence[bool]) -> list[Part]:
    """Return the outputs of the rows of each path, in the order of their first rows."""
    f = arguments.complete(f)
    groups: dict[Any, list[tuple[int, Run]]] = {}
    for r in range(rows):
        run = record(f, *arguments.row(r))
        groups.setdefault(run.guards, []).append((r, run))
    return [_gathered(group, rows, active) for group in groups.values()]


def _gathered(group: list[tuple[int, Run]], rows: int, active: Sequence[bool]) -> Part:
    captured: dict[int, Any] = {}
    columns = []
    for r, run in group:
        captured.update((id(v), v) for v in taped(run).captured)
        columns.append((r, run.results, [_slopes(y, run, active) for y in run.results]))
    n = len(columns[0][1])
    width, taken = len(captured) + len(active), np.zeros(rows, bool)
    outputs = np.zeros((n * (1 + width), rows))
    has = np.zeros((n, width), bool)
    index = {i: k for k, i in enumerate(captured)}
    for r, results, by_result in columns:
        taken[r] = True
        for i, (y, slopes) in enumerate(zip(results, by_result, strict=True)):
            outputs[i, r] = y._data if isinstance(y, Node) else y
            for target, slope in slopes:
                k = target if target < 0 else index[target]
                k = len(captured) - 1 - k if k < 0 else k
                outputs[n + i * width + k, r] = slope
                has[i, k] = True
    found = [Slopes(np.flatnonzero(h).tolist(), n + i * width + np.flatnonzero(h)) for i, h in enumerate(has)]
    structure = Structure(without_values(group[0][1].output, n))
    return Part(list(captured.values()), found, structure, outputs, taken, bool(has.any()))


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

"""How time and memory grow from 10² to 10⁷ nodes, on the chain x ← x·b + a, each size in a fresh process.

Time is that of a forward and a backward pass, also with Python's cyclic collector off, which otherwise walks the graph
now and then while it is built. Memory is what Python has allocated after the forward pass, and at the peak in the
backward pass. Where a line is level, the cost of a node does not depend on how many there are.
"""

from __future__ import annotations

import gc
import math
import statistics
import time
import tracemalloc
from typing import NamedTuple

from autodiff import Value

from .chain import A, B, X, chained
from .harness import child, shown

SIZES = [10**k for k in range(2, 8)]
QUICK_SIZES = SIZES[:3]


class Point(NamedTuple):
    """Seconds (with the collector and without) and bytes per node of a graph of so many nodes."""

    nodes: int
    seconds: float
    uncollected: float
    held: float
    peak: float


def seconds(nodes: int, *, collector: bool) -> float:
    """Return the seconds a node of passes forward and backward over a graph of `nodes`."""
    repeat = max(1, 1_000_000 // nodes)
    gc.collect()
    gc.freeze()
    if not collector:
        gc.disable()
    start = time.perf_counter()
    for _ in range(repeat):
        chained(Value(X), Value(B), Value(A), nodes // 2).backward()
    return (time.perf_counter() - start) / (repeat * nodes)


def memory(nodes: int) -> list[float]:
    """Return the bytes a node after the forward pass, and at the peak of the backward pass."""
    chained(Value(X), Value(B), Value(A), 10).backward()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    root = chained(Value(X), Value(B), Value(A), nodes // 2)
    held = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.reset_peak()
    root.backward()
    peak = tracemalloc.get_traced_memory()[1] - before
    return [held / nodes, peak / nodes]


def measure(*, quick: bool) -> list[Point]:
    """Return a point for each size: the median time of fresh processes, and memory."""
    points = []
    for nodes in QUICK_SIZES if quick else SIZES:
        turns = [
            [child(f"seconds({nodes}, collector={collector})", "growth") for collector in (True, False)]
            for _ in range(1 if quick else 3)
        ]
        points.append(
            Point(nodes, *map(statistics.median, zip(*turns, strict=True)), *child(f"memory({nodes})", "growth"))
        )
    return points


def exponent(points: list[Point]) -> float:
    """Return p of the power law nodes^p that fits the total times best: 1 is a straight line."""
    slope, _ = statistics.linear_regression(
        [math.log(p.nodes) for p in points], [math.log(p.nodes * p.seconds) for p in points]
    )
    return slope


def markdown(points: list[Point]) -> str:
    """Return the points as a table."""
    lines = ["| nodes | time a node | collector off | bytes a node, forward | at the peak, backward |"]
    lines += ["|--:|--:|--:|--:|--:|"]
    for p in points:
        times = f"{shown(p.seconds, 's')} | {shown(p.uncollected, 's')}"
        lines.append(f"| {p.nodes:,} | {times} | {p.held:.1f} | {p.peak:.1f} |")
    return "\n".join([*lines, "", f"The total time grows as nodes^{exponent(points):.3f}."])

"""A chain of nodes, x ← x·b + a from x = 1, and its derivatives by x, b and a."""

from __future__ import annotations

from typing import Any

from .contenders import programs
from .harness import LARGE, QUICK, Table, rows, times

STEPS = 500_000
X, B, A = 1.0, 0.999999, 1e-6


def chained(x: Any, b: Any, a: Any, steps: int) -> Any:
    """Return the end of the chain: two nodes a step."""
    for _ in range(steps):
        x = x * b + a
    return x


def measure(*, quick: bool) -> list[Table]:
    steps = 1_000 if quick else STEPS
    title = f"Chain of {2 * steps:,} nodes"
    runs, remarks = programs("chain", steps)
    record = times(title, runs, QUICK if quick else LARGE)
    return [Table(title, str(__doc__), "s", rows(record, {}), remarks)]

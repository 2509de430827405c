"""The second derivative of an expression of 30 nodes in one variable."""

from __future__ import annotations

from typing import Any

from .contenders import programs
from .harness import QUICK, USUAL, Table, rows, times

POINT = 0.7


def expression(m: Any, x: Any) -> Any:
    """Return 30 operations on x; m is the package that has sin, cos, exp, log, sqrt, tanh."""
    u = m.sin(x) * m.exp(-x / 2.0) + m.cos(3.0 * x)
    v = m.tanh(u * x - 0.5) / (1.0 + u * u)
    w = m.log(2.0 + v * v) + m.sqrt(1.0 + x * x)
    return (u * v - w * x) / (1.0 + m.exp(-w)) + m.sin(u)


def measure(*, quick: bool) -> list[Table]:
    title = "Second derivative"
    runs, remarks = programs("second_derivative")
    record = times(title, runs, QUICK if quick else USUAL)
    return [Table(title, str(__doc__), "s", rows(record, {}), remarks)]

"""The expression of micrograd's README: value and gradient, built anew in each run where the graph is dynamic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .contenders import programs
from .harness import BUILD, QUICK, USUAL, Table, rows, times

PROMISED = {"pure": {"micrograd": 2.5}, "compiled": {"micrograd": 12.0, "xad": 1.0}}


def composed(a: Any, b: Any, relu: Callable[[Any], Any]) -> Any:
    """Return the expression, written as in micrograd's README."""
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + relu(b + a)
    d += 3 * d + relu(b - a)
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    return g


def expression(kind: Any) -> list[float]:
    """Return value and gradient of the expression at (-4, 2), by micrograd's Value or ours."""
    a, b = kind(-4.0), kind(2.0)
    g = composed(a, b, kind.relu)
    g.backward()
    return [g.data, a.grad, b.grad]


def measure(*, quick: bool) -> list[Table]:
    title = "README expression"
    runs, remarks = programs("readme_expression")
    record = times(title, runs, QUICK if quick else USUAL)
    return [Table(title, str(__doc__), "s", rows(record, PROMISED[BUILD]), remarks)]

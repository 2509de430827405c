"""The expression of micrograd's README, forward and backward: at least 2.3 times micrograd's speed, pure Python."""

from __future__ import annotations

from typing import Any

from micrograd.engine import Value as MicrogradValue

from autodiff import Value

from .harness import Claim, Contender


def expression(kind: Any) -> list[float]:
    """Return value and gradient of the expression, written as in micrograd's README."""
    a = kind(-4.0)
    b = kind(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    return [g.data, a.grad, b.grad]


CLAIM = Claim(
    "README expression",
    Contender("autodiff", lambda: expression(Value)),
    [Contender("micrograd", lambda: expression(MicrogradValue))],
    {"micrograd": 2.3},
)

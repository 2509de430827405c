"""Jacobians and Hessians by their shape: one number to 300 states of a logistic growth, and Rosenbrock's function.

The growth has one input and many results, and is swept forward. Each is checked against derivatives written by hand.
"""

from __future__ import annotations

from typing import Any

from autodiff import compile, hessian, jacobian
from autodiff.trees import leaves

from .harness import OURS, QUICK, USUAL, Table, rows, times

STEP = 0.01


def growth(rate: Any) -> list[Any]:
    """Return 300 states of y' = rate · y · (1 - y) from 0.5 on."""
    y, states = 0.5, []
    for _ in range(300):
        y = y + STEP * (rate * y * (1.0 - y))
        states.append(y)
    return states


def growth_by_hand(rate: float) -> list[float]:
    """Return the derivative of each state by the rate."""
    y, slope, slopes = 0.5, 0.0, []
    for _ in range(300):
        slope += STEP * (y * (1.0 - y) + rate * (1.0 - 2.0 * y) * slope)
        y += STEP * rate * y * (1.0 - y)
        slopes.append(slope)
    return slopes


def rosenbrock(x: Any) -> Any:
    """Return Σ 100 (x' - x²)² + (1 - x)² over neighbours x, x'."""
    return sum(100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2 for i in range(len(x) - 1))


def rosenbrock_by_hand(x: list[float]) -> list[list[float]]:
    """Return the Hessian, which has three diagonals."""
    found = [[0.0] * len(x) for _ in x]
    for i in range(len(x) - 1):
        found[i][i] += 1200.0 * x[i] ** 2 - 400.0 * x[i + 1] + 2.0
        found[i + 1][i + 1] += 200.0
        found[i][i + 1] = found[i + 1][i] = -400.0 * x[i]
    return found


def measure(*, quick: bool) -> list[Table]:
    works = [
        ("Tall Jacobian", jacobian(growth), growth_by_hand, 0.3),
        ("Sparse Hessian", hessian(rosenbrock), rosenbrock_by_hand, [0.1 * (i % 10) for i in range(60)]),
    ]
    tables = []
    for title, derivative, by_hand, x in works:
        fast = compile(derivative)
        runs: dict[str, Any] = {
            OURS: lambda fast=fast, x=x: fast(x),
            f"{OURS} (eager)": lambda derivative=derivative, x=x: derivative(x),
            "by hand": lambda by_hand=by_hand, x=x: by_hand(x),
        }
        record = times(title, runs, QUICK if quick else USUAL, dict.fromkeys(runs, leaves))
        remark = f"{len(fast.program(x).codes):,} instructions."
        tables.append(Table(title, str(__doc__), "s", rows(record, {}), [remark]))
    return tables

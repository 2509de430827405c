"""autodiff: the programs of micrograd's users, with our imports; `autodiff.sum` where a sum is long."""

from __future__ import annotations

import builtins
from typing import Any

import autodiff
from autodiff import Value, grad
from nn import MLP

from .. import chain as chains
from ..harness import OURS, Run
from ..moons_step import step
from ..readme_expression import expression
from ..second_derivative import POINT
from ..second_derivative import expression as thirty

CANNOT: dict[str, str] = {}


def readme_expression() -> dict[str, Run]:
    return {OURS: lambda: expression(Value)}


def moons_step() -> dict[str, Run]:
    return {OURS: step(Value, MLP)}


def chain(steps: int) -> dict[str, Run]:
    return {OURS: lambda: run_chain(Value, steps)}


def run_chain(kind: Any, steps: int) -> list[float]:
    """Differentiate the chain by micrograd's Value or ours."""
    x, b, a = kind(chains.X), kind(chains.B), kind(chains.A)
    y = chains.chained(x, b, a, steps)
    y.backward()
    return [y.data, x.grad, b.grad, a.grad]


def forward(steps: int) -> tuple[float, Any]:
    """Return the value of the chain, and what keeps its graph alive."""
    y = chains.chained(Value(chains.X), Value(chains.B), Value(chains.A), steps)
    return y.data, y


def wide_sum(numbers: list[float]) -> dict[str, Run]:
    return {
        OURS: lambda: run_sum(Value, autodiff.sum, numbers),
        f"{OURS} (built-in sum)": lambda: run_sum(Value, builtins.sum, numbers),
    }


def run_sum(kind: Any, add: Any, numbers: list[float]) -> list[float]:
    """Differentiate the sum by micrograd's Value or ours."""
    leaves = [kind(x) for x in numbers]
    total = add(leaves)
    total.backward()
    return [total.data, *[leaf.grad for leaf in leaves]]


def second_derivative() -> dict[str, Run]:
    second = grad(grad(lambda x: thirty(autodiff, x)))
    return {OURS: lambda: [second(POINT)]}

"""Jacobians of every shape: forward where there are fewer inputs than results, backward elsewhere."""

from __future__ import annotations

from math import cos, inf, sin
from typing import Any

import pytest

from autodiff import Value, compile, jacobian
from autodiff.trees import leaves


def test_a_tall_jacobian_is_found_forward_and_no_infinite_partial_meets_another_input() -> None:
    def f(x: Any, y: Any) -> Any:
        return [x.sqrt() + y, y * 3.0, x.sqrt() * y, x]

    expected = [[inf, 1.0], [0.0, 3.0], [inf, 0.0], [1.0, 0.0]]
    derivative = jacobian(lambda v: f(*v))
    assert derivative([0.0, 2.0]) == expected
    assert compile(derivative)([0.0, 2.0]) == expected
    columns = jacobian(f, (0, 1))(0.0, 2.0)
    assert [[*row] for row in zip(*columns, strict=True)] == expected


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 7])
def test_a_jacobian_of_any_shape_has_closed_forms_eager_compiled_and_differentiated_again(rows: int) -> None:
    def f(x: Any) -> list[Any]:
        return [(x[0] * float(i + 1)).sin() * x[1] ** i + x[2] for i in range(rows)]

    def closed(x: Any) -> list[list[float]]:
        a, b = x[0], x[1]
        return [
            [(i + 1) * cos((i + 1) * a) * b**i, sin((i + 1) * a) * i * (b ** (i - 1) if i else 0.0), 1.0]
            for i in range(rows)
        ]

    x = [0.3, 1.7, -2.0]
    derivative = jacobian(f)
    found = derivative(x)
    assert leaves(found) == pytest.approx(leaves(closed(x)), rel=1e-14)
    assert compile(derivative)(x) == found
    second = jacobian(lambda x: leaves(derivative(x)))(x)
    assert second[0][0] == pytest.approx(-sin(x[0]), rel=1e-14)
    assert compile(jacobian(lambda x: leaves(derivative(x))))(x) == second


def test_a_tall_jacobian_is_swept_once_for_each_input() -> None:
    def states(p: Any) -> list[Any]:
        y, found = 1.0, []
        for _ in range(200):
            y = y + 0.01 * (p * y)
            found.append(y)
        return found

    program = compile(jacobian(states)).program(0.3)
    assert len(program.codes) < 200 * 8
    assert jacobian(states)(0.3)[9] == pytest.approx(10 * 0.01 * 1.003**9, rel=1e-13)


def test_backward_goes_through_a_tall_jacobian() -> None:
    w = Value(2.0)
    column = jacobian(lambda x: [w * x * x, w * w * x, x])(3.0)
    (column[0] + column[1]).backward()
    assert w.grad == 6.0 + 4.0

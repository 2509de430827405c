"""Sweeps of many outputs at once: the bits of a sweep for each, on random programs with few operands in common."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, isnan
from random import Random
from struct import pack
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autodiff as ad
from autodiff import Value, compile, detect_nonfinite, grad, hessian, jacobian, jvp, vjp
from autodiff.sweeps import TOGETHER, Sweeps


def random_program(seed: int, inputs: int, outputs: int) -> Callable[[Any], list[Any]]:
    """Return a function of some numbers whose results depend on few of them each, and share operations."""
    random = Random(seed)
    unary = [ad.sin, ad.exp, ad.tanh, lambda a: a * a, lambda a: a.detach() if isinstance(a, Value) else a]
    binary = [lambda a, b: a * b, lambda a, b: a - 2.0 * b, lambda a, b: a / (1.0 + b * b), ad.hypot, ad.maximum]
    steps = [
        (random.choice(unary), random.randrange(4), -1)
        if random.random() < 0.4
        else (random.choice(binary), random.randrange(4), random.randrange(4))
        for _ in range(3 * outputs)
    ]
    starts = [random.randrange(inputs) for _ in range(4 * outputs)]

    def f(x: Any) -> list[Any]:
        found = []
        shared = x[0] * x[-1]
        for i in range(outputs):
            terms = [x[k] for k in starts[4 * i : 4 * i + 4]]
            for operation, a, b in steps[3 * i : 3 * i + 3]:
                terms[(a + b) % 4] = operation(terms[a]) if b < 0 else operation(terms[a], terms[b])
            found.append(terms[i % 4] + (shared if i % 5 == 0 else 0.0))
        return found

    return f


def bits(rows: Any) -> list[list[bytes]]:
    return [[b"nan" if isnan(x) else pack("d", x) for x in row] for row in rows]


@given(st.integers(0, 2**32), st.integers(1, 9), st.integers(1, 9))
def test_rows_found_together_have_the_bits_of_a_sweep_for_each(seed: int, n: int, m: int) -> None:
    f, x = random_program(seed, n, m), [0.5 + 0.25 * i for i in range(n)]
    unit = [[float(i == j) for i in range(max(n, m))] for j in range(max(n, m))]
    found = jacobian(f)(x)
    if n < m:
        columns = [jvp(f, [x], [unit[j][:n]])[1] for j in range(n)]
        assert [[*row] for row in zip(*columns, strict=True)] == found
    else:
        _, pullback = vjp(f, x)
        assert bits(found) == bits(pullback(unit[i][:m])[0] for i in range(m))
    assert bits(compile(jacobian(f))(x)) == bits(found)


def test_sweeps_beyond_those_that_go_together_are_whole() -> None:
    n = 2 * TOGETHER + 3

    def chain(x: Any) -> list[Any]:
        return [x[i] * x[(i + 1) % n] + x[0] for i in range(n)]

    x = [1.0 + i / n for i in range(n)]
    expected = [[0.0] * n for _ in x]
    for i in range(n):
        expected[i][i] += x[(i + 1) % n]
        expected[i][(i + 1) % n] += x[i]
        expected[i][0] += 1.0
    assert jacobian(chain)(x) == expected
    assert jacobian(lambda x: [*chain(x), x[5]])(x) == [*expected, [float(i == 5) for i in range(n)]]


@pytest.mark.parametrize("way", ["backward", "forward"])
def test_no_partial_that_is_infinite_meets_another_direction(way: str) -> None:
    sweeps = Sweeps(3, [[(0, inf), (1, 2.0)], [(1, 3.0)], [(4, 1.0), (2, -inf)]])
    assert getattr(sweeps, way)([3, 4, 5, None, 0]) == [
        {0: inf, 1: 2.0},
        {1: 3.0},
        {1: 3.0, 2: -inf},
        {},
        {0: 1.0},
    ]


def test_an_operand_that_comes_twice_and_a_result_that_comes_twice_are_counted_twice() -> None:
    for f in (lambda x: [x[0] * x[0], x[1]], lambda x: [x[0] * x[0], x[1], x[0], x[1]]):
        expected = [[6.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]]
        assert jacobian(f)([3.0, 2.0]) == expected[: len(f([3.0, 2.0]))]
    y = Value(1.0)
    assert jacobian(lambda x: [z := x[0] * y.data, z])([5.0]) == [[1.0], [1.0]]


class Counted(float):
    """A partial that counts its products."""

    products = 0

    def __mul__(self, other: Any) -> Any:
        Counted.products += 1
        return float(self) * other


def test_of_a_symmetric_matrix_the_fuller_row_passes_what_rows_share() -> None:
    chain = 50
    links = [[(i, Counted(1.0))] for i in (0, *range(3, 2 + chain))]  # operations on input 0 alone …
    top = 2 + chain
    rows = [[(top, 2.0), (1, 3.0), (2, 4.0)], [(top, 3.0), (1, 1.0)], [(top, 4.0), (2, 1.0)]]  # … that all rows read
    sweeps, places = Sweeps(3, [*links, *rows]), [top + 1, top + 2, top + 3]
    expected = [{0: 2.0, 1: 3.0, 2: 4.0}, {0: 3.0, 1: 1.0}, {0: 4.0, 2: 1.0}]
    assert sweeps.backward(places) == sweeps.forward(places) == expected
    Counted.products = 0
    assert sweeps.symmetric(places) == expected
    assert Counted.products == chain


def test_detection_names_the_operation_from_which_a_derivative_of_a_row_is_infinite() -> None:
    square = jacobian(lambda x: [x[1] * 2.0, x[0].sqrt()])
    tall = jacobian(lambda x: [x[1] * 2.0, x[0].sqrt(), x[1], x[0]])
    for derivative in (square, tall, hessian(lambda x: x[0] ** 1.5 + x[1])):
        assert not all(-inf < d < inf for row in derivative([0.0, 1.0]) for d in row)
        with detect_nonfinite(), pytest.raises(FloatingPointError, match=r"sqrt|rsqrt|pow|div|mul"):
            derivative([0.0, 1.0])


def test_a_hessian_of_a_hessian_row_is_differentiated_through() -> None:
    third = jacobian(lambda x: hessian(lambda y: y[0] ** 2 * y[1] ** 2)(x)[0])([2.0, 3.0])
    assert third == [[0.0, 4.0 * 3.0], [4.0 * 3.0, 4.0 * 2.0]]
    assert grad(lambda x: hessian(lambda y: (y[0] * y[1]).exp())(x)[0][1])([0.0, 0.0]) == [0.0, 0.0]

"""Sweeps of many outputs at once: the bits of a sweep for each, on random programs with few operands in common."""

from __future__ import annotations

from math import inf, isnan, isqrt
from struct import pack
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autodiff import Value, compile, detect_nonfinite, grad, hessian, jacobian, jvp, vjp
from autodiff.linearization import Linearization
from autodiff.sweeps import TOGETHER, Sweeps
from tests.support.sparse_programs import sparse_program

FEW = settings(max_examples=50, deadline=None, print_blob=True)


def bits(rows: Any) -> list[list[bytes]]:
    return [[b"nan" if isnan(x) else pack("d", x) for x in row] for row in rows]


@FEW
@given(st.integers(0, 2**32), st.integers(1, 9), st.integers(1, 9))
def test_rows_found_together_have_the_bits_of_a_sweep_for_each(seed: int, n: int, m: int) -> None:
    f, x = sparse_program(seed, n, m), [0.5 + 0.25 * i for i in range(n)]
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
    assert Sweeps(1, [[], [(0, 2.0), (1, 3.0)]]).symmetric([2]) == [{0: 2.0}]  # a node that is constant after all


def summed(n: int) -> tuple[Sweeps, list[int]]:
    """Return a band of 2 n results, and a sum of n squares that is one more: forward, each input passes the sum."""
    band = [[(i, 1.0), (min(i + 1, n - 1), 2.0)] for i in range(n)] * 2
    squares = [[(i, Counted(3.0))] for i in range(n)]
    first = n + len(band)
    sums = [[(first + i, Counted(1.0)), (first + n + i - 1, Counted(1.0))][: 1 + (i > 0)] for i in range(n)]
    return Sweeps(n, [*band, *squares, *sums]), [*range(n, 3 * n), first + 2 * n - 1]


def test_a_sparse_jacobian_is_swept_in_the_direction_of_few_products() -> None:
    n = 80
    sweeps, places = summed(n)
    Counted.products = 0
    rows = sweeps.by_products(places)
    assert Counted.products == n + 2 * n - 1
    assert rows == sweeps.by_shape(places)
    assert Counted.products > n * n / 2


def test_the_direction_of_the_dense_form_is_kept_where_the_other_is_not_much_better() -> None:
    links = [[(0, Counted(2.0))], *([(i, Counted(1.0))] for i in range(2, 30))]
    sweeps = Sweeps(2, [*links, *([(30, Counted(1.0)), (1, Counted(1.0))] for _ in range(2))])
    Counted.products = 0
    assert sweeps.by_products([31, 32]) == [{0: 2.0, 1: 1.0}] * 2
    assert Counted.products == 2 * (29 + 2)  # backward by shape; forward takes 29 + 2 · 2


@FEW
@given(st.integers(0, 2**32), st.integers(1, 9), st.integers(1, 9))
def test_products_are_counted_as_sweeps_take_them(seed: int, n: int, m: int) -> None:
    run = Linearization(sparse_program(seed, n, m), [[0.5 + 0.25 * i for i in range(n)]], [0], {})
    places = {id(v): i for i, v in enumerate(run.inputs + run.nodes)}
    edges = [[(places[id(a)], Counted(d)) for a, d in run._edges(node)] for node in run.nodes]
    sweeps, outputs = Sweeps(n, edges), [places.get(id(y)) for y in run.outputs]
    taken = []
    for sweep in (sweeps.forward, sweeps.backward):
        Counted.products = 0
        sweep(outputs)
        taken.append(Counted.products)
    assert sweeps._products(outputs) == tuple(taken)


def lennard_jones(x: Any) -> Any:
    total: Any = 0.0
    for i in range(len(x) // 3):
        for j in range(i):
            u, v, w = (x[3 * i + k] - x[3 * j + k] for k in range(3))
            total = total + (u * u + v * v + w * w) ** -6 - (u * u + v * v + w * w) ** -3
    return total


def membrane(x: Any) -> Any:
    n = isqrt(len(x))
    steps = [(i * n + j, i * n + j + 1, i * n + j + n) for i in range(n - 1) for j in range(n - 1)]
    return sum(((x[p] - x[q]) ** 2 + (x[p] - x[r]) ** 2 + 1.0).sqrt() for p, q, r in steps)


def hub(x: Any) -> Any:
    return sum(x[0].cos().sin().exp() * v * v for v in x[1:])


def band(x: Any) -> Any:
    return sum((x[i] * x[i + 1] - x[i + 2] * x[i + 3]) ** 2 for i in range(len(x) - 3))


@pytest.mark.parametrize("f", [lennard_jones, membrane, hub, band])
def test_a_hessian_takes_fewer_products_than_columns_compressed_by_a_star_colouring(f: Any) -> None:
    x = [0.5 + 0.37 * i % 1.0 for i in range(36)]
    run = Linearization(grad(f), [x], [0], {})
    places = {id(v): i for i, v in enumerate(run.inputs + run.nodes)}
    edges = [[(places[id(a)], Counted(d)) for a, d in run._edges(node)] for node in run.nodes]
    sweeps, outputs = Sweeps(len(x), edges), [places.get(id(y)) for y in run.outputs]
    Counted.products = 0
    rows = sweeps.symmetric(outputs)
    taken, Counted.products = Counted.products, 0
    together = sweeps.backward(outputs)
    assert [sorted(row) for row in rows] == [sorted(row) for row in together]
    assert taken <= Counted.products
    colours = star_colouring([set(row) - {i} for i, row in enumerate(rows)])
    up = [{colours[i]} for i in range(len(x))]  # of each place, the colours whose sweep forward reaches it
    for found in edges:
        up.append(set[int]().union(*(up[operand] for operand, _ in found)))
    down: list[set[int]] = [set() for _ in sweeps.edges]  # and those whose sweep backward does
    for i, place in enumerate(outputs):
        down[place or 0] |= {colours[i]} if place else set()
    for place in range(len(down) - 1, -1, -1):
        for operand, _ in sweeps.edges[place]:
            down[operand] |= down[place]
    assert taken < sum(len(up[operand]) for found in edges for operand, _ in found)
    assert taken < sum(len(down[place]) for place, found in enumerate(sweeps.edges) for _ in found)


def star_colouring(neighbours: list[set[int]]) -> list[int]:
    """Return the colours of Gebremedhin, Manne and Pothen (2005), algorithm 4.1: no path of four has but two colours.

    The vertices with most neighbours come first.
    """
    colours = [-1] * len(neighbours)
    for v in sorted(range(len(neighbours)), key=lambda v: -len(neighbours[v])):
        barred = {colours[w] for w in neighbours[v]}
        for w in neighbours[v]:
            for x in neighbours[w] - {v}:
                ends = (y for y in neighbours[x] if y != w)
                if colours[w] < 0 or any(colours[y] == colours[w] for y in ends):
                    barred.add(colours[x])
        colours[v] = next(c for c in range(len(neighbours)) if c not in barred)
    return colours


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

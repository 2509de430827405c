"""Every row at the edges of the floats, in value, first and second derivative, in every arithmetic.

What is right there `tests/support/edges.py` derives, from the `edges` of the row first. Second derivatives are
compared with the truth where they are smooth. There a row promises no number of ulp: its rule is differentiated as it
stands, and may subtract. What it may lose is bounded by the sum of the absolute paths that add up to the
derivative (Higham 2002, Accuracy and Stability, 3.1): so many units in the last place of that sum, and nothing where
it overflows.
"""

from __future__ import annotations

import dataclasses
import math
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from types import CodeType
from typing import Any

import numpy as np
import pytest
from mpmath import mpf

from autodiff import PRIMITIVES, Value, grad, hessian
from autodiff.apply import call
from autodiff.arithmetic import ARITHMETICS, FLOAT_ERRORS, INF, NAN, floats, ieee
from autodiff.arrays import numpy as arrays
from autodiff.row import Primitive
from autodiff.text import Term, term, text, whole

from ..conftest import ROWS, SMOOTH, bits
from ..support.edges import SPECIAL, expected, grid, matching, nearest, second
from ..support.reading import active, read
from ..support.replay import gradient, graph_of_partials, total_of_paths

DENORMAL, NORMAL, LARGEST = 5e-324, sys.float_info.min, sys.float_info.max
ROUNDINGS = 64  # of the rule and its derivative, in units of 2⁻⁵³
SECOND = [
    row
    for row in SMOOTH
    if any(isinstance(d, Value) for d in graph_of_partials(row.values[0], grid(row.values[0])[1])[1])
]


def close(found: float, wanted: Any, *, within: float = 4.0, loss: float = 0.0) -> bool:
    """Tell whether `found` is `wanted` to 4 ulp, or to 4 denormals below the normal numbers; any nan is nan."""
    near = nearest(wanted)
    if bits(found) == bits(near) or found == near:
        return True
    if math.isnan(found) or math.isnan(near):
        return False
    if math.isinf(found) or math.isinf(near):
        return found * near > 0.0 and min(abs(found), abs(near)) > LARGEST * (1.0 - 2.0**-50)
    return abs(mpf(found) - mpf(wanted)) <= max(within * math.ulp(near), 4.0 * DENORMAL, loss)


@cache
def eager(name: str) -> list[tuple[tuple[float, ...], list[float | None]]]:
    """Return the points of the grid, each with value and partials of the row there."""
    nodes = [(point, call(name, *map(Value, point))) for point in grid(PRIMITIVES[name])]
    return [(point, [node.data, *node.partials]) for point, node in nodes]


@cache
def source(name: str) -> list[CodeType | None]:
    """Return the text of a row's value and partials, compiled."""
    row = PRIMITIVES[name]
    terms = [Term(f"x{i}") for i in range(len(row.domain))]
    columns = [row.evaluate(text, terms), *row.linearize(text, terms, Term("z"))]
    return [None if column is None else compile(str(whole(term(column))), name, "eval") for column in columns]


def read_source(row: Primitive, point: Sequence[float]) -> list[float | None]:
    scope: dict[str, Any] = {
        "m": floats,
        "math": math,
        "inf": INF,
        "nan": NAN,
        **{f"x{i}": x for i, x in enumerate(point)},
    }
    value, *partials = source(row.name)
    scope["z"] = float(eval(value, scope))  # type: ignore[arg-type]
    return [scope["z"], *(None if code is None else float(eval(code, scope)) for code in partials)]


def found_by(name: str, row: Primitive, point: Sequence[float]) -> list[float | None]:
    """Return value and partials under the arithmetic `name`, under IEEE floats where that raises."""
    try:
        if name == "text":
            return read_source(row, point)
        value, partials = read(ARITHMETICS[name], row, point)
    except FLOAT_ERRORS:
        value, partials = read(ieee, row, point)
    return [value, *partials]


def differences(row: Primitive) -> list[tuple[Any, ...]]:
    """Return the points where `row`, read eagerly, is not as expected."""
    wrong: list[tuple[Any, ...]] = []
    for point, found in eager(row.name):
        for column, (x, wanted) in enumerate(zip(found, expected(row, point), strict=True)):
            near_root = column and any(abs(point[0] - root) < 1.0 for root in row.roots)
            if (x is None) != (wanted is None) or (
                x is not None and not close(x, wanted, loss=1.5e-16 if near_root else 0.0)
            ):
                wrong.append((point, column, x, None if wanted is None else nearest(wanted)))
    return wrong


@pytest.mark.parametrize("row", ROWS)
def test_value_and_partials_are_what_the_row_states_or_what_follows(row: Primitive) -> None:
    assert differences(row) == []


@pytest.mark.parametrize("row", [row for row in ROWS if row.values[0].edges])
def test_every_entry_of_the_edges_is_the_first_to_match_at_a_point_of_the_grid(row: Primitive) -> None:
    met = {id(matching(row, point)) for point in grid(row)}
    assert [entry for entry in row.edges if id(entry) not in met] == []


@pytest.mark.parametrize("name", ["neg", "atan2", "leaky_relu", "maximum", "hypot", "xlogy", "clamp"])
def test_a_convention_that_the_edges_do_not_state_is_noticed(name: str) -> None:
    assert differences(dataclasses.replace(PRIMITIVES[name], edges=()))


@pytest.mark.parametrize("name", ["exp", "sqrt", "div", "atan2", "logsumexp"])
def test_an_entry_of_the_edges_that_is_not_what_the_row_gives_is_noticed(name: str) -> None:
    row = PRIMITIVES[name]
    forged = [(place, tuple(0.125 for _ in outcome)) for place, outcome in row.edges]
    assert len(differences(dataclasses.replace(row, edges=tuple(forged)))) >= len(forged)


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("name", ["floats", "ieee", "values", "text"])
def test_scalar_arithmetics_agree_bit_for_bit(name: str, row: Primitive) -> None:
    for point, (value, *partials) in eager(row.name):
        found = found_by(name, row, point)
        assert bits(found[0]) == bits(value), point
        assert [d if d is None else bits(d) for d in found[1:]] == [d if d is None else bits(d) for d in partials], (
            point
        )


@pytest.mark.parametrize("row", ROWS)
def test_arrays_agree_within_4_ulp(row: Primitive) -> None:
    points = [point for point, _ in eager(row.name) if len(point) == len(row.domain)]
    found = by_arrays(row, points)
    for k, (point, wanted) in enumerate(entry for entry in eager(row.name) if len(entry[0]) == len(row.domain)):
        for column, x in zip(found, wanted, strict=True):
            assert (column is None) == (x is None)
            assert x is None or close(float(column[k]), x), (point, float(column[k]), x)


def by_arrays(row: Primitive, points: Sequence[Sequence[float]]) -> list[Any]:
    columns = [np.array(column) for column in zip(*points, strict=True)]
    with np.errstate(all="ignore"):
        z = np.broadcast_to(row.evaluate(arrays, columns), len(points))
        partials = row.linearize(arrays, columns, z)
    return [z, *(d if d is None else np.broadcast_to(d, len(points)) for d in partials)]


@pytest.mark.parametrize("row", SECOND)
def test_second_derivatives_are_true_where_they_are_smooth(row: Primitive) -> None:
    for point, i, leaves, slope in slopes(row):
        paths = total_of_paths(slope, leaves)
        for j in active(row):
            if math.isfinite(paths[j]) and smooth(row, point):
                found = leaves[j].grad
                wanted = second(row, point, i, j, found=found)
                loss = max(ROUNDINGS * 2.0**-53 * paths[j], NORMAL)
                assert wanted is None or close(found, wanted, loss=loss), (point, i, j, found, nearest(wanted))


@pytest.mark.parametrize("row", SECOND)
def test_second_derivatives_agree_in_every_arithmetic(row: Primitive) -> None:
    points = few(row)
    leaves, partials = graph_of_partials(row, points[0])
    with np.errstate(all="ignore"):
        columns = [np.array(column) for column in zip(*points, strict=True)]
        arrayed = {i: gradient(arrays, partials[i], leaves, columns) for i in varying(row, partials)}
    for k, (point, i, leaves, slope) in enumerate(slopes(row)):
        again = gradient(ieee, slope, leaves, [ieee.lift(x) for x in point])
        paths = total_of_paths(slope, leaves)
        for j, leaf in enumerate(leaves):
            assert bits(leaf.grad) == bits(float(again[j])), (point, i, j)
            column = float(np.broadcast_to(arrayed[i][j], len(points))[k // len(arrayed)])
            loss = ROUNDINGS * 2.0**-53 * paths[j]
            assert close(column, leaf.grad, loss=loss) or not math.isfinite(paths[j]), (point, i, j, column, leaf.grad)


@pytest.mark.parametrize("row", SECOND)
def test_the_hessian_is_the_sweep_through_the_graph_of_the_partials(row: Primitive) -> None:
    second_order = hessian(lambda xs: call(row.name, *xs))
    for k, (point, i, leaves, _) in enumerate(slopes(row)):
        if k % 5 == 0:
            found = second_order(list(point))[i]
            assert found == pytest.approx([leaf.grad for leaf in leaves], rel=0.0, abs=0.0, nan_ok=True), (point, i)


@pytest.mark.parametrize("name", ["relu", "abs", "sign", "floor", "round"])
def test_the_second_derivative_of_a_row_in_pieces_is_0_everywhere_at_nan_too(name: str) -> None:
    for x in SPECIAL:
        assert grad(grad(lambda v: call(name, v)))(x) == 0.0


def few(row: Primitive) -> list[tuple[float, ...]]:
    """Return the grid, of variadic rows and those of three operands some 100 points."""
    points = [point for point in grid(row) if len(point) == len(row.domain)]
    return points[:: len(points) // 100] if row.variadic or len(row.domain) > 2 else points


def varying(row: Primitive, partials: Sequence[Any]) -> list[int]:
    return [i for i in active(row) if isinstance(partials[i], Value)]


def slopes(row: Primitive) -> Iterator[tuple[tuple[float, ...], int, list[Value], Value]]:
    """Yield (point, i, leaves, partial i) with the gradient of the partial in the leaves."""
    for point in few(row):
        leaves, partials = graph_of_partials(row, point)
        for i in varying(row, partials):
            for leaf in leaves:
                leaf.grad = 0.0
            partials[i].backward()
            yield point, i, leaves, partials[i]


def smooth(row: Primitive, point: Sequence[float]) -> bool:
    return all(map(math.isfinite, point)) and matching(row, point) is None

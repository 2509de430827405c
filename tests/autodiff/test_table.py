"""Every row of the table, in every arithmetic. A new row is tested by standing in the table."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np
import pytest

from autodiff import GradientError, Value, check_grads, hessian
from autodiff.apply import call
from autodiff.arithmetic import ieee
from autodiff.arrays import numpy as arrays
from autodiff.row import Interval, Primitive

from ..conftest import ARITHMETICS, ROWS, SMOOTH, bits, multiprecision, ulps
from ..support.reading import active, points, read

SCALARS = ["floats", "ieee", "values", "text"]  # these agree bit for bit
DERIVED = [
    pytest.param(row.values[0], i, id=f"{row.id}-{i}")
    for row in SMOOTH
    for i in range(len(row.values[0].domain))
    if i in active(row.values[0])
]
UNARY = [row for row in ROWS if not row.values[0].variadic and row.values[0].arity == 1]


def true_partial(row: Primitive, point: Sequence[float], i: int) -> Any:
    """Return ∂value/∂xᵢ by mpmath's own differentiation of the value column."""

    def along(x: Any) -> Any:
        return row.evaluate(multiprecision, [x if k == i else mpmath.mpf(p) for k, p in enumerate(point)])

    return mpmath.diff(along, mpmath.mpf(point[i]), h=mpmath.mpf(2) ** -100)


def assert_partial_is_true(row: Primitive, i: int, *, within: float) -> None:
    for point in points(row):
        found = read(ieee, row, point)[1][i]
        truth = true_partial(row, point, i)
        assert found is not None
        if any(abs(point[0] - root) < 1.0 for root in row.roots):
            assert abs(found - truth) <= 1.5e-16, (point, found, truth)
        else:
            assert ulps(found, truth) <= within or abs(found - truth) < 1e-300, (point, found, truth)


def promised(row: Primitive) -> float:
    """Return by how many ulp a value may be off: 4, more only where several terms are added and may cancel."""
    return 4.0 if not row.variadic else 32.0


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("name", SCALARS[1:])
def test_scalar_arithmetics_agree_with_floats_bit_for_bit(name: str, row: Primitive) -> None:
    for point in points(row):
        expected = read(ARITHMETICS["floats"], row, point)
        found = read(ARITHMETICS[name], row, point)
        assert bits(found[0]) == bits(expected[0]), point
        assert [d if d is None else bits(d) for d in found[1]] == [d if d is None else bits(d) for d in expected[1]]


@pytest.mark.parametrize("row", ROWS)
def test_arrays_agree_with_floats_within_4_ulp(row: Primitive) -> None:
    many = points(row)
    columns = [np.array(column) for column in zip(*many, strict=True)]
    with np.errstate(all="ignore"):
        z = np.broadcast_to(row.evaluate(arrays, columns), len(many))
        partials = row.linearize(arrays, columns, z, [True] * len(columns))
    for k, point in enumerate(many):
        value, slopes = read(ieee, row, point)
        assert ulps(float(z[k]), mpmath.mpf(value)) <= promised(row), point
        for found, slope in zip(partials, slopes, strict=True):
            if slope is not None:
                assert ulps(float(np.broadcast_to(found, len(many))[k]), mpmath.mpf(slope)) <= promised(row), point


@pytest.mark.parametrize("row", ROWS)
def test_values_are_within_4_ulp_of_the_truth(row: Primitive) -> None:
    for point in points(row):
        truth = row.evaluate(multiprecision, [mpmath.mpf(x) for x in point])
        assert ulps(read(ieee, row, point)[0], truth) <= promised(row), point


@pytest.mark.parametrize(("row", "i"), DERIVED)
def test_partials_are_within_4_ulp_of_the_truth(row: Primitive, i: int) -> None:
    assert_partial_is_true(row, i, within=4.0)


@pytest.mark.parametrize(("row", "i"), DERIVED)
def test_a_partial_that_is_wrong_by_a_thousandth_is_caught(row: Primitive, i: int) -> None:
    mutant = mutated(row, i)
    with pytest.raises(AssertionError):
        assert_partial_is_true(mutant, i, within=4.0)


def mutated(row: Primitive, i: int) -> Primitive:
    """Return `row` with partial i wrong by a thousandth, or by 0.001 where it is 0."""

    def wrong(d: Any) -> Any:
        return d * 1.001 + (0.001 if row.name == "sign" else 0.0)

    if row.variadic:
        rule: Any = row.partials[0]
        rules: tuple[Any, ...] = (
            lambda m, xs, z: [wrong(d) if k == i and d is not None else d for k, d in enumerate(rule(m, xs, z))],
        )
    else:
        rules = tuple(_wrapped(r, wrong) if k == i else r for k, r in enumerate(row.partials))
    return dataclasses.replace(row, partials=rules)


def _wrapped(rule: Any, wrong: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda *operands: wrong(rule(*operands))


@pytest.mark.parametrize("row", SMOOTH)
def test_second_derivatives_are_right(row: Primitive) -> None:
    free = active(row)
    for point in points(row, 3):

        def f(xs: list[Any], point: list[float] = point) -> Any:
            lifted = iter(xs)
            return call(row.name, *(next(lifted) if k in free else x for k, x in enumerate(point)))

        found = hessian(f)([point[i] for i in free])
        for (a, i), (b, j) in itertools.product(enumerate(free), repeat=2):
            truth = mpmath.diff(
                lambda x, point=point, i=i, j=j: _first(row, point, i, j, x), point[j], h=mpmath.mpf(2) ** -50
            )
            assert found[a][b] == pytest.approx(float(truth), rel=1e-9, abs=1e-9), (point, i, j)


def _first(row: Primitive, point: list[float], i: int, j: int, x: Any) -> Any:
    moved = [x if k == j else mpmath.mpf(p) for k, p in enumerate(point)]
    step = mpmath.mpf(2) ** -60

    def at(sign: int) -> Any:
        return row.evaluate(multiprecision, [p + sign * step if k == i else p for k, p in enumerate(moved)])

    return (at(1) - at(-1)) / (2 * step)


@pytest.mark.parametrize("row", [row for row in UNARY if row.values[0].domain != (Interval(),)])
def test_the_domain_of_a_row_of_one_argument_ends_where_its_values_end(row: Primitive) -> None:
    (interval,) = row.domain
    for end, inward in ((interval.low, math.inf), (interval.high, -math.inf)):
        if math.isfinite(end):
            outside, inside = (call(row.name, math.nextafter(end, toward)) for toward in (-inward, inward))
            assert (math.isnan(outside), math.isnan(inside)) == (True, False)


@pytest.mark.parametrize("row", [row for row in ROWS if row.values[0].roots])
def test_the_partial_changes_its_sign_at_the_roots_that_a_row_states(row: Primitive) -> None:
    for root in row.roots:
        below, above = (call(row.name, Value(root + step)).partials[0] for step in (-1e-4, 1e-4))
        assert below < 0.0 < above


@pytest.mark.parametrize("row", ROWS)
def test_numbers_and_values_mix_on_either_side(row: Primitive) -> None:
    for point in points(row, 5):
        everything = call(row.name, *map(Value, point))
        for kinds in itertools.product((Value, float), repeat=len(point)):
            found = call(row.name, *(kind(x) for kind, x in zip(kinds, point, strict=True)))
            if Value not in kinds:
                assert type(found) is float
            elif not row.constants:
                assert found.partials == tuple(
                    d if kind is Value else None for kind, d in zip(kinds, everything.partials, strict=True)
                )
            assert bits(getattr(found, "data", found)) == bits(everything.data)


@pytest.mark.parametrize("row", SMOOTH)
def test_the_same_node_in_every_place_gets_the_sum_of_the_partials(row: Primitive) -> None:
    x = Value(1.25)
    node = call(row.name, *([x] * len(row.domain)))
    expected = 0.0
    for slope in node.partials:
        expected += 0.0 if slope is None else slope
    node.backward()
    assert bits(x.grad) == bits(expected)


@pytest.mark.parametrize("row", SMOOTH)
def test_check_grads_passes_for_every_row(row: Primitive) -> None:
    free = active(row)
    point = points(row, 1)[0]

    def f(*xs: Any) -> Any:
        lifted = iter(xs)
        return call(row.name, *(next(lifted) if k in free else x for k, x in enumerate(point)))

    check_grads(f, [point[i] for i in free])


def test_check_grads_fails_for_a_wrong_partial() -> None:
    def forged(x: Any) -> Any:
        node = x * x
        node._dx = node._dx * 1.001
        return node

    with pytest.raises(GradientError, match=r"forged.*reverse mode.*central differences"):
        check_grads(forged, [1.5], order=1)

"""Rows that take different paths: each path runs on its own rows, with the bits of a run on all, and eagerly beyond."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff import TraceError, Value, compile
from autodiff.compiler import tuning
from autodiff.compiler.dispatch.parting import compact

from ....conftest import bits
from ..conftest import EXACT

W = [Value(0.9), Value(-0.4)]


def trips(x: Any, y: Any) -> Any:
    """Loop until a test on the data, whose number of repetitions is 0 to 30."""
    z = W[0] * x + 3.0
    while z > 0.05:
        z = z * 0.8 - 0.01 * ad.sin(y)
    return z * y if y > 0.0 else W[1] * z


def column(n: int, seed: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=n) * 8.0, rng.normal(size=n)
    x[::50], y[7::90] = np.nan, -0.0
    return x, y


def derived(f: Any, *data: Any) -> list[str]:
    for v in W:
        v.grad = 0.0
    total = f.sum(*data)
    total.backward()
    return [bits(total.data), *(bits(v.grad) for v in W)]


@cache
def reference(rows: int, seed: int) -> tuple[Any, list[str], list[str]]:
    data, f = column(rows, seed), compile(trips, backend="eager")
    return data, derived(f, *data), list(map(bits, f.map(*data)))


@pytest.mark.parametrize("backend", EXACT[1:])
@pytest.mark.parametrize(("rows", "paths"), [(70, 1), (70, 9), (1_025, 500)])
@pytest.mark.filterwarnings("ignore:.*run eagerly:UserWarning")
def test_sums_and_rows_have_the_bits_of_eager_runs(backend: str, rows: int, paths: int) -> None:
    f = compile(trips, backend=backend, paths=paths)
    for seed in (0, 0, 1, 0):  # what the last call says of the rows holds, and does not
        data, sums, each = reference(rows, seed)
        assert derived(f, *data) == sums
        assert list(map(bits, f.map(*data))) == each


@pytest.mark.parametrize("threads", [1, 3])
def test_a_few_rows_on_other_paths_than_before_are_moved(threads: int) -> None:
    rng, data = np.random.default_rng(5), column(1_300, 0)
    f, reads = compile(trips, threads=threads), compile(trips)
    f.sum(*data)
    for _ in range(4):
        data[0][rng.integers(0, len(data[0]), 20)] *= -1.0
        reads.specializations._divisions.clear()
        assert derived(f, *data) == derived(reads, *data)
        assert len(f.specializations._divisions[next(iter(f.specializations._families))]) == 1_300


def test_a_path_runs_on_its_own_rows_once_they_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    data, f = column(2_000, 0), compile(trips)
    expected = derived(f, *data)
    (family,) = f.specializations._families.values()
    ran = []
    for one in family:
        run = one.gradients.sums

        def counted(theta: Any, table: Any, divisor: int = 1, run: Any = run) -> Any:
            ran.append(table.rows)
            return run(theta, table, divisor)

        monkeypatch.setattr(one.gradients, "sums", counted)
    assert derived(f, *data) == expected
    assert len(ran) >= len(family) > 20
    assert sum(ran) < 3 * 2_000  # with places that are filled, to keep lanes
    f.sum(*column(2_000, 1))
    assert len(f.specializations._divisions[next(iter(f.specializations._families))]) == 0  # rows are shuffled


def test_kernels_divide_rows_too() -> None:
    data = column(300, 0)
    k = compile(trips).kernel(*data, parameters=W)
    theta = np.array([0.5, -0.2])
    expected = compile(trips, backend="eager").kernel(*data, parameters=W)(theta, *data)
    for _ in range(2):
        value, gradient = k(theta, *data)
        assert bits(value) == bits(expected[0])
        assert list(map(bits, gradient)) == list(map(bits, expected[1]))
    with pytest.warns(UserWarning, match="more than 3 paths"):
        few = compile(trips, paths=3).kernel(*data, parameters=W)
    value, gradient = few(theta, *data)
    assert [bits(value), *map(bits, gradient)] == [bits(expected[0]), *map(bits, expected[1])]


def test_rows_beyond_the_bound_are_run_eagerly_with_one_warning() -> None:
    data = column(200, 0)
    f = compile(trips, paths=5)
    with pytest.warns(UserWarning, match=r"test_parting.py:\d+: .*more than 5 paths.*`autodiff.where`.*run eagerly"):
        f.sum(*data)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        f.map(*data)
        assert float(f(-2.0, 1.0).data) == trips(-2.0, 1.0).data
    with pytest.raises(TraceError, match="more paths than are kept"):
        f.program(1e9, 1.0)


def test_a_path_that_rows_of_nan_take_fills_places_with_other_rows() -> None:
    def f(x: Any) -> Any:
        return x * W[0] if x > 0.0 else W[1] * x * x if x > -1.0 else W[1]

    x = np.random.default_rng(2).normal(size=500)
    x[x < -1.0] *= -1.0
    x[3], x[40] = -2.0, np.nan  # the branch that nan takes has few rows
    for data in ([x], [np.where(x > 0.9, np.nan, x)]):
        g = compile(f)
        for _ in range(3):
            assert derived(g, *data) == derived(compile(f, backend="eager"), *data)


def test_compact_rows_keep_their_lanes() -> None:
    rows = np.flatnonzero(np.random.default_rng(3).random(1_024) < 0.2)
    places = compact(rows)
    kept = places >= 0
    assert sorted(places[kept]) == rows.tolist()
    assert (places % 8 == np.arange(len(places)) % 8)[kept].all()
    by_lane = places.reshape(-1, 8).T
    assert all((np.diff(lane[lane >= 0]) > 0).all() for lane in by_lane)


def test_few_rows_are_not_divided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "PARTED", 300)
    f = compile(trips)
    f.sum(*column(200, 0))
    assert not f.specializations._divisions

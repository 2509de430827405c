"""Rows of data: each takes its own path, and sums over them are those of the definition."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff import Value, compile
from autodiff.compiler.batch.inputs import Inputs, Pointing
from autodiff.compiler.batch.reduction import total
from nn import MLP

from ....conftest import bits
from ..conftest import EXACT, X, Y, gradients


def test_take_keeps_an_index_as_data(backend: str) -> None:
    w = [Value(5.0), Value(6.0), Value(7.0)]
    f = compile(lambda i: ad.take(w, i), backend=backend)
    assert [f(0).data, f(2).data, f(1.0).data] == [5.0, 7.0, 6.0]
    assert f.map(np.array([2, 0, 1])).tolist() == [7.0, 5.0, 6.0]
    if backend in ("interpreter", "native"):
        assert [len(family) for family in f.specializations._families.values()] == [1]


def branching(w: list[Value]) -> Any:
    def f(x: Any, y: Any) -> Any:
        z = ad.dot(w, x)
        while z > 1.0:
            z = z * 0.5 - 0.1
        if z > 0.2 and x[1] != 0.0:
            return max(z, x[0]) * y
        return sorted([x[0], x[1], z])[1] - y * w[0] if z else z

    return f


@pytest.mark.parametrize("backend", EXACT)
def test_branches_follow_the_data_row_by_row(backend: str) -> None:
    w = [Value(0.8), Value(-0.6)]
    f = branching(w)
    g = compile(f, backend=backend, paths=200)
    rows = X[:300] * 2.0
    expected = [f([Value(v) for v in x], Value(y)) for x, y in zip(rows, Y, strict=False)]
    assert [bits(x) for x in g.map(rows, Y[:300])] == [bits(e.data) for e in expected]
    for x, y in zip(rows[:40], Y, strict=False):
        e, found = f([Value(v) for v in x], Value(y)), g([Value(v) for v in x], Value(y))
        assert bits(e.data) == bits(found.data)
        for v in w:
            v.grad = 0.0
        e.backward()
        once = gradients(w)
        for v in w:
            v.grad = 0.0
        found.backward()
        assert gradients(w) == once


@pytest.mark.parametrize("backend", EXACT)
def test_sums_over_rows_of_several_paths_are_defined_once(backend: str) -> None:
    w = [Value(0.8), Value(-0.6)]
    reference = compile(branching(w), backend="eager").mean(X[:1_100] * 2.0, Y[:1_100])
    reference.backward()
    expected = gradients(w)
    for v in w:
        v.grad = 0.0
    for _ in range(2):  # paths are found in one order and kept in another
        found = compile(branching(w), backend=backend, paths=200)
        found.mean(X[500:900] * 2.0, Y[500:900])
        y = found.mean(X[:1_100] * 2.0, Y[:1_100])
        y.backward()
        assert bits(y.data) == bits(reference.data)
        assert gradients(w) == expected
        for v in w:
            v.grad = 0.0


@pytest.mark.parametrize("backend", EXACT)
@pytest.mark.parametrize("m", [1, 7, 8, 9, 1_023, 1_024, 1_025, 2_500])
def test_sums_are_those_of_the_definition(backend: str, m: int) -> None:
    w = Value(1.7)
    f = compile(lambda x: ad.sin(x[0] * w) * x[1], backend=backend)
    rows = X[:m]
    values = f.map(rows)
    y = f.sum(rows)
    assert bits(y.data) == bits(total(values[None])[0])
    assert bits(f.mean(rows).data) == bits(total(values[None])[0] / m)
    y.backward()
    slopes = np.array([ad.grad(lambda v, x=x: ad.sin(x[0] * v) * x[1])(1.7) for x in rows.tolist()])
    assert bits(w.grad) == bits(total(slopes[None])[0])


def test_the_definition_is_the_one_that_is_written_down() -> None:
    rows = X[:2_100, 0]
    chunks = []
    for start in range(0, len(rows), 1_024):
        sums = [0.0] * 8
        for r, x in enumerate(rows[start : start + 1_024].tolist()):
            sums[r % 8] += x
        chunks.append(((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7])))
    assert bits(total(rows[None])[0]) == bits((chunks[0] + chunks[1]) + chunks[2])


@pytest.mark.parametrize("backend", ["interpreter", "native"])
def test_threads_change_no_bit(backend: str) -> None:
    net = MLP(2, [5, 1], activation="tanh", rng=0)
    rows = np.concatenate([X] * 3)
    results = []
    for threads in (1, 2, 3, 9):
        f = compile(lambda x: net(x) if x[0] > 0.3 else net(x) ** 2, backend=backend, threads=threads)
        net.zero_grad()
        f.mean(rows).backward()
        results.append(gradients(net.parameters()))
    assert results == [results[0]] * 4


def test_a_bad_row_is_nan_alone(backend: str) -> None:
    rows = X[:20].copy()
    rows[7] = np.nan
    rows[11, 0] = np.inf
    w = Value(0.5)
    f = compile(lambda x: ad.log(ad.exp(x[0]) * w - x[1] * 0.0), backend=backend)
    good = np.array([r not in (7, 11) for r in range(20)])
    found = f.map(rows)
    assert np.isnan(found[7])
    np.testing.assert_allclose(found[good], X[:20, 0][good] + math.log(0.5), rtol=1e-14)


@pytest.mark.parametrize("backend", ["numpy", "interpreter", "native"])
def test_rows_may_lie_in_memory_as_they_like(backend: str) -> None:
    w = Value(0.5)
    f = compile(lambda x, y: x[0] * w + x[1] * y, backend=backend)
    plain = f.map(X[:50], Y[:50])
    read_only = X[:50].copy()
    read_only.flags.writeable = False
    for x, y in [
        (np.asfortranarray(X[:50]), Y[:50]),
        (X[:100][::2][:50][::-1][::-1], Y[:50]),
        (np.repeat(X[:50], 3, axis=1)[:, ::3], np.repeat(Y[:50], 2)[::2]),
        (read_only, Y[:50].astype(np.int8)),
        (X[:50].astype(np.longdouble), Y[:50].astype(np.float32)),
    ]:
        if x.shape == (50, 2) and not np.array_equal(x, X[:50]):
            assert f.map(x, y).tolist() == [float(a * 0.5 + b * c) for (a, b), c in zip(x.tolist(), y, strict=True)]
        else:
            assert f.map(x, y).tolist() == plain.tolist()
    assert f.map(X[:1], Y[:1]).tolist() == plain[:1].tolist()
    assert f.map(X[:50], 1.0).shape == (50,)
    assert f.map(X[:0], Y[:0]).shape == (0,)
    big = f.map(np.zeros((1_000_000, 2)), np.ones(1_000_000))
    assert not big.any()


def test_rows_that_do_not_fit_are_refused(backend: str) -> None:
    f = compile(lambda x, y: x * y, backend=backend)
    with pytest.raises(ValueError, match=r"differ in their number of rows: \[2, 3\]"):
        f.map(np.zeros(2), np.zeros(3))
    with pytest.raises(TypeError, match="no argument has rows"):
        f.map(1.0, [2.0])
    with pytest.raises(TypeError, match="dtype complex128"):
        f.map(np.zeros(2), np.zeros(2, complex))
    with pytest.raises(TypeError, match=r"\.astype\(float\)"):
        f.map(np.zeros(2), np.zeros(2, bool))
    with pytest.raises(ValueError, match="no row"):
        f.mean(np.zeros(0), np.zeros(0))
    with pytest.raises(TypeError, match=r"takes numbers, Values, arrays.*got object"):
        f(1.0, object())


def test_numbers_of_another_byte_order_are_read_as_they_are(backend: str) -> None:
    rows = np.array([1.0, 2.0], ">f8")
    w = Value(2.0)
    f = compile(lambda x: w * x, backend=backend)
    assert f.map(rows).tolist() == [2.0, 4.0]
    k = f.kernel(rows)
    assert [k([2.0], rows)[0] for _ in range(2)] == [3.0, 3.0]


def test_addresses_are_found_once_for_the_arrays_of_a_call() -> None:
    numbers, seen = np.arange(6.0), Pointing()
    every, second = Inputs.of_arrays([numbers], 3), Inputs.of_arrays([numbers[::2]], 3)
    assert [seen.at(every), seen.at(every), seen.at(second), seen.at(second)] == [True, False, True, False]
    assert seen.strides.tolist() == [16]

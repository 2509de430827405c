"""Outer products with many columns: few rows and many, nodes that are often 0, data that forbid to pass over them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autodiff import compile, relu, tanh
from autodiff.compiler import tuning
from autodiff.compiler.backends.interpreter import Interpreter
from autodiff.compiler.batch.inputs import Inputs
from autodiff.compiler.batch.reduction import CHUNK
from autodiff.compiler.loops import runtime
from autodiff.compiler.loops.backend import Looped
from autodiff.compiler.loops.emit import panels
from autodiff.compiler.loops.plan.jobs import Outer, Strips

from ...nets import alike

pytest.importorskip("llvmlite")
NODES = 33


def products(activation: Any, columns: int, *, turned: bool = False) -> Any:
    """Return a function with the products of activations with columns as outputs, those of a node beside each other."""

    def f(xs: Any) -> list[Any]:
        nodes = [activation(x) for x in xs[:NODES]]
        if turned:
            return [x * a for x in xs[NODES : NODES + columns] for a in nodes]
        return [a * x for a in nodes for x in xs[NODES : NODES + columns]]

    return f


def data(rows: int, columns: int) -> Any:
    return np.random.default_rng(rows).normal(size=(rows, NODES + columns))


def kernels(f: Any, X: Any, monkeypatch: pytest.MonkeyPatch) -> list[type]:
    """Compare sums over rows with the interpreter's bits, and return the kernels of outer products."""
    monkeypatch.setattr(tuning, "STRIP_PRODUCTS", 1)
    p = compile(f, backend="interpreter").program(np.abs(X[0]).tolist())
    theta, table, looped = np.empty(0), Inputs([X], len(X)), Looped(p)
    for divisor in (1, 3):
        assert alike(looped.sums(theta, table, divisor), Interpreter(p).sums(theta, table, divisor))
    frame = runtime.Frame(looped.summed, len(X))
    last = len(X) - (len(X) - 1) // CHUNK * CHUNK
    rows = frame.tile if len(X) <= CHUNK else last  # of the chunks that are one tile
    return [type(kernel) for job in looped.summed.plan.jobs if (kernel := panels.of_job(job, rows))]


@pytest.mark.parametrize("columns", [32, 37, 48, 70])
@pytest.mark.parametrize("rows", [2, 7, 8, 9, 24, 31, 33, 64, 101, 256])
@pytest.mark.parametrize("activation", [relu, tanh])
def test_strips_have_the_bits_of_the_interpreter(
    activation: Any, rows: int, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = kernels(products(activation, columns), data(rows, columns), monkeypatch)
    assert found == [Strips if panels.jit.wide() and (rows <= 24 or activation is relu) else Outer]


@pytest.mark.parametrize("rows", [20, 100])
@pytest.mark.parametrize("column", [0, 5, 45, 69])
@pytest.mark.parametrize("special", [np.inf, -np.inf, np.nan, -0.0, 0.0, 5e-324, 1e308])
def test_rows_are_passed_over_only_where_that_changes_no_bit(
    special: float, column: int, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    X = data(rows, 70)
    X[3, NODES + column] = X[rows - 1, 2] = special
    assert kernels(products(relu, 70), X, monkeypatch) == [Strips] or not panels.jit.wide()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 1.0])
def test_nodes_may_be_0_in_no_row_in_some_or_in_all(share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    X = data(100, 40)
    X[:, :NODES] = np.where(np.random.default_rng(0).random((100, NODES)) < share, -1.0, 1.0) * abs(X[:, :NODES])
    assert kernels(products(relu, 40), X, monkeypatch) == [Strips] or not panels.jit.wide()


@pytest.mark.parametrize("rows", [20, 100])
def test_rows_that_take_other_branches_add_nothing(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    once = products(relu, 40)
    X = data(rows, 40)
    X[0, NODES + 38] = 1.0
    X[X[:, NODES + 38] <= -0.5, : NODES + 37] = np.nan  # in these rows alone
    found = kernels(lambda xs: once(xs) if xs[NODES + 38] > -0.5 else once(xs)[::-1], X, monkeypatch)
    assert found == [Strips] or not panels.jit.wide()


@pytest.mark.parametrize("rows", [20, 100])
def test_results_need_not_be_beside_each_other(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    once = products(relu, 40)
    apart = kernels(lambda xs: [z for x in once(xs) for z in (x, tanh(xs[0]))], data(rows, 40), monkeypatch)
    assert apart == [Strips] or not panels.jit.wide()
    kernels(products(relu, 40, turned=True), data(rows, 40), monkeypatch)


def test_chunks_end_in_tiles_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "WORK", 0)
    for rows in (900, 1_024 + 8, 1_024 + 100, 3_000):
        kernels(products(relu, 40), data(rows, 40), monkeypatch)
    for rows in (1_024 + 33, 1_024 + 90):
        found = kernels(products(relu, 40), data(rows, 40), monkeypatch)
        assert found == [Strips] or not panels.jit.wide()


def test_far_rows_are_left_to_rows_in_lanes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert kernels(products(relu, 40), data(tuning.FAR, 40), monkeypatch) == [Outer]


@pytest.mark.parametrize("special", [0.5, np.inf, np.nan])
def test_fastmath_agrees_to_its_last_digits(special: float) -> None:
    X = data(100, 40)
    X[3, NODES + 5] = special
    p = compile(products(relu, 40), backend="interpreter").program(np.abs(X[0]).tolist())
    table = Inputs([X], len(X))
    found, wanted = Looped(p, fastmath=True).sums(np.empty(0), table)[0], Interpreter(p).sums(np.empty(0), table)[0]
    assert np.allclose(found, wanted, rtol=1e-12, atol=1e-12, equal_nan=True)

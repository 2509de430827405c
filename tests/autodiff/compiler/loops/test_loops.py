"""Loops found in flat programs: the same bits as instruction by instruction, whatever the net, rows and data."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from autodiff import Value, compile, dot, exp
from autodiff.compiler import tuning
from autodiff.compiler.backends.interpreter import Interpreter
from autodiff.compiler.batch.inputs import Inputs
from autodiff.compiler.llvm import jit
from autodiff.compiler.loops import runtime
from autodiff.compiler.loops.backend import Looped
from autodiff.compiler.loops.emit import sums
from autodiff.compiler.loops.plan.jobs import Job, Map

from ..nets import NETS, alike, data, program, same

pytest.importorskip("llvmlite")


@pytest.mark.parametrize("m", [1, 2, 7, 8, 9, 100, 1023, 1025, 2500])
@pytest.mark.parametrize("name", NETS)
def test_loops_give_the_bits_of_the_interpreter(name: str, m: int) -> None:
    p, theta = program(name)
    table = Inputs(data(name, m), m)
    looped, plain = Looped(p), Interpreter(p)
    assert alike(looped.sums(theta, table), plain.sums(theta, table))
    assert alike(looped.sums(theta, table, 7), plain.sums(theta, table, 7))
    assert alike(looped.rows(theta, table), plain.rows(theta, table))


@pytest.mark.parametrize("name", NETS)
def test_zeros_infinities_and_nans_in_the_data_give_the_same_bits(name: str) -> None:
    p, theta = program(name)
    arrays = data(name, 60)
    for i, x in enumerate((0.0, -0.0, math.inf, -math.inf, math.nan, 1e308, 5e-324)):
        arrays[0][3 + 8 * i, i % arrays[0].shape[1]] = x
    table = Inputs(arrays, 60)
    looped, plain = Looped(p), Interpreter(p)
    assert alike(looped.sums(theta, table), plain.sums(theta, table))
    assert alike(looped.rows(theta, table), plain.rows(theta, table))
    theta[::3] = -0.0
    assert alike(looped.sums(theta, table), plain.sums(theta, table))


@pytest.mark.parametrize("name", ["digits", "recurrent"])
def test_threads_and_small_tiles_change_no_bit(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    p, theta = program(name)
    table = Inputs(data(name, 5000), 5000)
    wanted = Interpreter(p).sums(theta, table)
    assert alike(Looped(p, threads=3).sums(theta, table), wanted)
    monkeypatch.setattr(tuning, "WORK", 1)
    assert alike(Looped(p).sums(theta, table), wanted)
    assert alike(Looped(p).sums(theta, table, 3), (wanted[0] / 3, None))
    assert alike(Looped(p).rows(theta, table), Interpreter(p).rows(theta, table))


def test_a_row_that_takes_another_branch_adds_nothing() -> None:
    w = [Value(0.1 * i) for i in range(8)]

    def f(x: Any) -> Any:
        z = dot(w, x)
        return z * z if z > 0.0 else exp(z)

    p = compile(f).program([1.0] * 8)
    rng = np.random.default_rng(0)
    table = Inputs([rng.normal(size=(100, 8))], 100)
    theta = np.array([v.data for v in w])
    outputs, taken = Looped(p).sums(theta, table)
    assert taken is not None
    assert 20 < taken.sum() < 80
    assert alike((outputs, taken), Interpreter(p).sums(theta, table))


def test_a_sum_over_rows_in_another_order_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    p, theta = program("digits")
    table = Inputs(data("digits", 100), 100)
    monkeypatch.setattr(runtime, "_kernels", {})
    monkeypatch.setattr(sums, "SHUFFLES", sums.SHUFFLES[::-1])
    found = Looped(p).sums(theta, table)
    monkeypatch.setattr(runtime, "_kernels", {})
    assert not alike(found, Interpreter(p).sums(theta, table))


def test_columns_that_are_strided_or_apart_are_read_right() -> None:
    p, theta = program("digits")
    X, labels = data("digits", 50)
    plain = Interpreter(p).sums(theta, Inputs([X, labels], 50))
    looped = Looped(p)
    wide = np.zeros((100, 40))
    wide[::2, ::2] = X
    for other in (np.asfortranarray(X), wide[::2, ::2], X.astype(np.longdouble).astype(float)):
        assert alike(looped.sums(theta, Inputs([other, labels], 50)), plain)


def test_two_threads_may_call_at_once() -> None:
    from concurrent.futures import ThreadPoolExecutor

    p, theta = program("moons")
    looped = Looped(p)
    tables = [Inputs(data("moons", m), m) for m in (100, 100, 37, 100)] * 5
    wanted = [Interpreter(p).sums(theta, table) for table in tables]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda table: looped.sums(theta, table), tables))
    assert all(map(alike, found, wanted))


def test_machines_with_fewer_registers_get_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    p, theta = program("digits")
    table = Inputs(data("digits", 100), 100)
    monkeypatch.setattr(runtime, "_kernels", {})
    monkeypatch.setattr(jit, "wide", lambda: False)
    assert alike(Looped(p).sums(theta, table), Interpreter(p).sums(theta, table))


@pytest.mark.parametrize("name", NETS)
def test_cold_jobs_have_the_same_bits(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    p, theta = program(name)
    monkeypatch.setattr(runtime, "_kernels", {})
    monkeypatch.setattr(tuning, "COLD", 0)
    for m in (1, 20, 100):
        table, looped = Inputs(data(name, m), m), Looped(p)
        assert alike(looped.sums(theta, table), Interpreter(p).sums(theta, table))
        assert alike(looped.rows(theta, table), Interpreter(p).rows(theta, table))
    assert {level for _, _, level in runtime._kernels} == {runtime.COLD}


def test_kernels_that_do_little_in_all_are_cold() -> None:
    jobs = [
        Job(Map(name, True, "r"), Map.Words(1, 0), [], work)
        for name, work in (("a", 5), ("b", 6), ("a", 5), ("c", 970), ("d", 4), ("e", 10))
    ]
    names = [job.kernel for job in jobs]
    assert runtime._cold(names, jobs) == {Map("d", True, "r")}
    assert runtime._cold(names[:1], jobs[:1]) == set()


def test_a_theta_of_another_length_or_type_is_no_danger() -> None:
    W = [[Value(0.01 * (i + j)) for j in range(30)] for i in range(20)]
    X = np.random.default_rng(5).normal(size=(40, 30))
    kernel = compile(lambda x: sum(dot(row, x) ** 2 for row in W)).kernel(X)
    theta, step = kernel.read(), kernel.repeat(X)
    wanted = kernel(theta, X)
    for other in (theta.tolist(), np.repeat(theta, 2)[::2], theta.astype(np.longdouble)):
        value, gradient = step(other)
        assert same(value, wanted[0])
        assert same(gradient, wanted[1])
    theta += 1.0  # in place, where the last call read it
    assert same(kernel(theta, X)[1], kernel(theta.copy(), X)[1])
    for wrong in (theta[:3], np.append(theta, 0.0), theta[:, None]):
        with pytest.raises(ValueError, match="a number for each of 600 parameters"):
            step(wrong)
    with pytest.raises(ValueError, match="theta has the shape"):
        Looped(compile(lambda x: sum(dot(row, x) ** 2 for row in W)).program(X[0].tolist())).sums(
            theta[:3], Inputs([X], 40)
        )


def test_outputs_may_be_leaves_repeated_or_the_same_for_all_rows() -> None:
    w, b = Value(3.0), Value(-0.0)
    p = compile(lambda x: [w, x, 2.5, x * w, x * w, b, w * b, x + w]).program(1.0)
    theta = np.array([3.0, -0.0])
    for m in (1, 5, 1030):
        table = Inputs([np.linspace(-1.0, 2.0, m)], m)
        assert alike(Looped(p).rows(theta, table), Interpreter(p).rows(theta, table))
        assert alike(Looped(p).sums(theta, table), Interpreter(p).sums(theta, table))


def test_sums_over_chunks_that_overflow_warn_of_nothing() -> None:
    w = Value(1.0)
    p = compile(lambda x: w * x).program(1.0)
    X = np.zeros(3000)
    X[[0, 1500]] = 1e308
    assert Looped(p).sums(np.array([1.0]), Inputs([X], 3000))[0][0] == math.inf

"""Loops found in flat programs: the same bits as instruction by instruction, whatever the net, rows and data."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from autodiff import Value, compile, dot, exp, logsumexp, relu, softmax, take, tanh
from autodiff.compiler import jit
from autodiff.compiler.execution import Adaptive, Settings
from autodiff.compiler.interpreter import Interpreter
from autodiff.compiler.loops import frames, totals
from autodiff.compiler.loops.chains import nodes
from autodiff.compiler.loops.engine import Looped, repetitions
from autodiff.compiler.loops.groups import grouped
from autodiff.compiler.loops.nests import Nest, nests
from autodiff.compiler.program import Program
from autodiff.compiler.table import Table
from nn import MLP

pytest.importorskip("llvmlite")
Row = Callable[..., Any]


def net(sizes: Sequence[int], activation: str = "relu") -> MLP:
    return MLP(sizes[0], sizes[1:], activation=activation, init="glorot", rng=0)


def margin(mlp: MLP) -> Row:
    return lambda x, y: relu(1.0 - y * mlp(x))


def entropy(mlp: MLP) -> Row:
    def loss(x: Any, label: Any) -> Any:
        scores = mlp(x)
        return logsumexp(scores) - take(scores, label)

    return loss


def recurrent(count: int) -> Row:
    rng = np.random.default_rng(1)
    W, U = ([[Value(w) for w in row] for row in rng.normal(size=(6, 6)) / 3.0] for _ in range(2))

    def loss(xs: Any) -> Any:
        h: list[Any] = [0.1] * 6
        for t in range(count):
            x = [xs[6 * t + i] for i in range(6)]
            h = [tanh(dot(w, x) + dot(u, h)) for w, u in zip(W, U, strict=True)]
        return sum(v * v for v in h)

    return loss


def irregular(inputs: int) -> Row:
    rng = np.random.default_rng(2)
    ws = [Value(w) for w in rng.normal(size=40)]
    picks = rng.integers(0, inputs, (60, 5)).tolist(), rng.integers(0, 40, (60, 5)).tolist()

    def loss(x: Any) -> Any:
        cells = [dot([ws[j] for j in b], [x[i] for i in a]) for a, b in zip(*picks, strict=True)]
        return sum(exp(-c * c) for c in cells) + max(cells) * ws[0]

    return loss


NETS = {
    "moons": (margin(net([2, 16, 16, 1])), 2, lambda rng, m: np.sign(rng.normal(size=m))),
    "tanh": (margin(net([3, 5, 1], "tanh")), 3, lambda rng, m: np.sign(rng.normal(size=m))),
    "digits": (entropy(net([20, 9, 10])), 20, lambda rng, m: rng.integers(0, 10, m).astype(float)),
    "recurrent": (recurrent(4), 24, None),
    "irregular": (irregular(12), 12, None),
}


def data(name: str, m: int) -> list[Any]:
    _, inputs, labels = NETS[name]
    rng = np.random.default_rng(m)
    X = rng.normal(size=(m, inputs))
    return [X] if labels is None else [X, labels(rng, m)]


def program(name: str) -> tuple[Program, Any]:
    f = compile(NETS[name][0], backend="interpreter")
    arrays = data(name, 2)
    kernel = f.kernel(*arrays)
    row = [a[0].tolist() for a in arrays]
    return f.program(*row), kernel.read()


def same(a: Any, b: Any) -> bool:
    a, b = np.asarray(a), np.asarray(b)
    return bool(((a.view(np.int64) == b.view(np.int64)) | (np.isnan(a) & np.isnan(b))).all())


def alike(found: Any, wanted: Any) -> bool:
    (outputs, taken), (others, others_taken) = found, wanted
    if taken is None or others_taken is None:
        return taken is others_taken and same(outputs, others)
    rows = taken if outputs.ndim == 2 else slice(None)
    return bool((taken == others_taken).all()) and same(outputs[..., rows], others[..., rows])


@pytest.mark.parametrize("m", [1, 2, 7, 8, 9, 100, 1023, 1025, 2500])
@pytest.mark.parametrize("name", NETS)
def test_loops_give_the_bits_of_the_interpreter(name: str, m: int) -> None:
    p, theta = program(name)
    table = Table(data(name, m), m)
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
    table = Table(arrays, 60)
    looped, plain = Looped(p), Interpreter(p)
    assert alike(looped.sums(theta, table), plain.sums(theta, table))
    assert alike(looped.rows(theta, table), plain.rows(theta, table))
    theta[::3] = -0.0
    assert alike(looped.sums(theta, table), plain.sums(theta, table))


def test_threads_and_small_tiles_change_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    p, theta = program("digits")
    table = Table(data("digits", 5000), 5000)
    wanted = Interpreter(p).sums(theta, table)
    assert alike(Looped(p, threads=3).sums(theta, table), wanted)
    monkeypatch.setattr(frames, "WORK", 1)
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
    table = Table([rng.normal(size=(100, 8))], 100)
    theta = np.array([v.data for v in w])
    outputs, taken = Looped(p).sums(theta, table)
    assert taken is not None
    assert 20 < taken.sum() < 80
    assert alike((outputs, taken), Interpreter(p).sums(theta, table))


def test_a_sum_over_rows_in_another_order_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    p, theta = program("digits")
    table = Table(data("digits", 100), 100)
    monkeypatch.setattr(frames, "_kernels", {})
    monkeypatch.setattr(totals, "SHUFFLES", totals.SHUFFLES[::-1])
    found = Looped(p).sums(theta, table)
    monkeypatch.setattr(frames, "_kernels", {})
    assert not alike(found, Interpreter(p).sums(theta, table))


def test_columns_that_are_strided_or_apart_are_read_right() -> None:
    p, theta = program("digits")
    X, labels = data("digits", 50)
    plain = Interpreter(p).sums(theta, Table([X, labels], 50))
    looped = Looped(p)
    wide = np.zeros((100, 40))
    wide[::2, ::2] = X
    for other in (np.asfortranarray(X), wide[::2, ::2], X.astype(np.longdouble).astype(float)):
        assert alike(looped.sums(theta, Table([other, labels], 50)), plain)


def test_a_loop_over_rows_in_python_is_found_again() -> None:
    mlp = net([2, 8, 8, 1])
    rng = np.random.default_rng(3)
    X, y = rng.normal(size=(20, 2)).tolist(), np.sign(rng.normal(size=20)).tolist()

    def loss() -> Any:
        losses = [relu(1.0 - label * mlp(x)) for x, label in zip(X, y, strict=True)]
        return sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in mlp.parameters())

    p = compile(loss).program()
    groups = grouped(p, nodes(p))
    assert groups is not None
    assert len(groups.groups) < 40
    assert len(p.codes) > 8_000
    compiled, gradients = compile(loss, backend="native"), []
    for f in (loss, compiled):
        mlp.zero_grad()
        value = f()
        value.backward()
        gradients.append([value.data, *(v.grad for v in mlp.parameters())])
    assert same(*map(np.array, gradients))


def test_attention_runs_alone_in_loops_with_the_bits_of_eager() -> None:
    rng = np.random.default_rng(4)
    Q, K, V = ([[Value(w) for w in row] for row in rng.normal(size=(8, 8)) / 3.0] for _ in range(3))

    def loss(flat: Any) -> Any:
        xs = [[flat[8 * t + i] for i in range(8)] for t in range(5)]
        q, k, v = ([[dot(row, x) for row in M] for x in xs] for M in (Q, K, V))
        total: Any = 0.0
        for t in range(5):
            shares = softmax([dot(q[t], k[s]) for s in range(t + 1)])
            total = total + sum(dot(shares, [v[s][i] for s in range(t + 1)]) ** 2 for i in range(8))
        return total

    p = compile(loss).program([0.5] * 40)
    theta = np.array([w.data for M in (Q, K, V) for row in M for w in row])
    table = Table(rng.normal(size=40).tolist(), None)
    assert alike(Looped(p).rows(theta, table), Interpreter(p).rows(theta, table))


def test_selections_and_maxima_are_one_node_each() -> None:
    ws = [Value(float(i)) for i in range(30)]
    p = compile(lambda i, x: take(ws, i) * logsumexp([w * x for w in ws])).program(3.0, 0.5)
    found = nodes(p)
    folds = {found.names[code] for code, chain in zip(found.operation, found.chain, strict=True) if chain}
    assert folds >= {"where", "maximum", "add"}


def test_programs_without_repetition_are_left_to_others() -> None:
    def tangled(x: Any) -> Any:
        z = x
        for i in range(600):
            z = tanh(z) * x if i % 2 else exp(-z)
        return z

    p = compile(tangled).program(0.5)
    assert repetitions(p) is None
    adaptive = Adaptive(p, Settings())
    table = Table([np.array([0.5, 0.25])], 2)
    assert alike(adaptive.rows(np.empty(0), table), Interpreter(p).rows(np.empty(0), table))
    assert adaptive._loops is None


def test_two_threads_may_call_at_once() -> None:
    from concurrent.futures import ThreadPoolExecutor

    p, theta = program("moons")
    looped = Looped(p)
    tables = [Table(data("moons", m), m) for m in (100, 100, 37, 100)] * 5
    wanted = [Interpreter(p).sums(theta, table) for table in tables]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda table: looped.sums(theta, table), tables))
    assert all(map(alike, found, wanted))


def test_nests_take_equal_runs_together_and_refuse_what_is_irregular() -> None:
    places = np.array([[0, 1, 2, 10, 11, 12, 20, 21, 22, 7]])
    assert nests(places, 2) == [Nest(0, 3, 3, [10], [1]), Nest(9, 1, 1, [0], [0])]
    assert nests(np.random.default_rng(0).permutation(1000)[None], 4) is None


def test_explain_names_what_repeats() -> None:
    text = program("digits")[0].explain()
    assert "9 × dot(20) + sum(1)" in text
    assert "180 × product" in text
    assert "outer product" in text
    assert "select(11)" in text
    assert text.endswith("rows run in loops; a single row in the interpreter, straight-line code when it is hot")


def test_machines_with_fewer_registers_get_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    p, theta = program("digits")
    table = Table(data("digits", 100), 100)
    monkeypatch.setattr(frames, "_kernels", {})
    monkeypatch.setattr(jit, "wide", lambda: False)
    assert alike(Looped(p).sums(theta, table), Interpreter(p).sums(theta, table))


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
    for wrong in (theta[:3], np.append(theta, 0.0), theta[:, None]):
        with pytest.raises(ValueError, match="a number for each of 600 parameters"):
            step(wrong)
    with pytest.raises(ValueError, match="theta has the shape"):
        Looped(compile(lambda x: sum(dot(row, x) ** 2 for row in W)).program(X[0].tolist())).sums(
            theta[:3], Table([X], 40)
        )


def test_outputs_may_be_leaves_repeated_or_the_same_for_all_rows() -> None:
    w, b = Value(3.0), Value(-0.0)
    p = compile(lambda x: [w, x, 2.5, x * w, x * w, b, w * b, x + w]).program(1.0)
    theta = np.array([3.0, -0.0])
    for m in (1, 5, 1030):
        table = Table([np.linspace(-1.0, 2.0, m)], m)
        assert alike(Looped(p).rows(theta, table), Interpreter(p).rows(theta, table))
        assert alike(Looped(p).sums(theta, table), Interpreter(p).sums(theta, table))


def test_sums_over_chunks_that_overflow_warn_of_nothing() -> None:
    w = Value(1.0)
    p = compile(lambda x: w * x).program(1.0)
    X = np.zeros(3000)
    X[[0, 1500]] = 1e308
    assert Looped(p).sums(np.array([1.0]), Table([X], 3000))[0][0] == math.inf

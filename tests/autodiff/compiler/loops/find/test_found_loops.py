"""What is found in programs: loops that were written out, selections, maxima, nests, and when nothing is."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from autodiff import Value, compile, dot, exp, logsumexp, relu, softmax, take, tanh
from autodiff.compiler import tuning
from autodiff.compiler.backends.choice import Adaptive
from autodiff.compiler.backends.interpreter import Interpreter
from autodiff.compiler.batch.inputs import Inputs
from autodiff.compiler.batch.reduction import LANES
from autodiff.compiler.loops.backend import Looped, repetitions
from autodiff.compiler.loops.find.folds import nodes
from autodiff.compiler.loops.find.packs import packed
from autodiff.compiler.loops.find.strides import Nest, _runs, nests
from autodiff.compiler.loops.plan.folds import _segments, merged
from autodiff.compiler.loops.plan.jobs import Fold, Job
from autodiff.compiler.loops.plan.layout import ROWS
from autodiff.compiler.loops.runtime import Frame
from autodiff.compiler.program.levels import levels
from autodiff.compiler.settings import Settings

from ...nets import alike, net, program, same

pytest.importorskip("llvmlite")


def test_a_loop_over_rows_in_python_is_found_again() -> None:
    mlp = net([2, 8, 8, 1])
    rng = np.random.default_rng(3)
    X, y = rng.normal(size=(20, 2)).tolist(), np.sign(rng.normal(size=20)).tolist()

    def loss() -> Any:
        losses = [relu(1.0 - label * mlp(x)) for x, label in zip(X, y, strict=True)]
        return sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in mlp.parameters())

    p = compile(loss).program()
    packs = packed(p, nodes(p))
    assert packs is not None
    assert len(packs.packs) < 40
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
    table = Inputs(rng.normal(size=40).tolist(), None)
    assert alike(Looped(p).rows(theta, table), Interpreter(p).rows(theta, table))


def test_selections_and_maxima_are_one_node_each() -> None:
    ws = [Value(float(i)) for i in range(30)]
    p = compile(lambda i, x: take(ws, i) * logsumexp([w * x for w in ws])).program(3.0, 0.5)
    found = nodes(p)
    folds = {found.names[code] for code, chain in zip(found.operation, found.is_fold, strict=True) if chain}
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
    table = Inputs([np.array([0.5, 0.25])], 2)
    assert alike(adaptive.rows(np.empty(0), table), Interpreter(p).rows(np.empty(0), table))
    assert adaptive._loops is None


def test_nests_take_equal_runs_together_and_refuse_what_is_irregular() -> None:
    offsets = np.array([[0, 1, 2, 10, 11, 12, 20, 21, 22, 7]])
    assert nests(offsets, 2) == [Nest(0, 3, 3, [10], [1]), Nest(9, 1, 1, [0], [0])]
    assert nests(np.random.default_rng(0).permutation(1000)[None], 4) is None


def test_explain_names_what_repeats() -> None:
    text = program("digits")[0].explain()
    assert "9 × dot(20) + sum(1)" in text
    assert "180 × product" in text
    assert "outer product" in text
    assert text.endswith("rows run in loops; a single row in the interpreter, straight-line code when it is hot")


def test_slopes_of_weights_that_are_shared_over_time_are_sums_of_outer_products() -> None:
    text = program("recurrent")[0].explain()
    assert re.search(r"81 × dot\(4\) .*sum of outer products", text)


def test_large_programs_are_run_in_loops() -> None:
    p = program("digits")[0]
    adaptive = Adaptive(p, Settings())
    assert adaptive._chosen(2) is adaptive._loops
    assert isinstance(adaptive._loops, Looped)


def test_nests_are_looked_for_unless_there_are_far_too_many_runs() -> None:
    def steps(count: int) -> Any:  # numbers that count up by 1 and 2 in turn, with so many changes between them
        return np.cumsum(np.resize([1, 2], count + 1))[None]

    assert _runs(steps(65), 2) is not None
    assert _runs(steps(66), 2) is None


@pytest.mark.parametrize(("runs", "few"), [(8, True), (9, False)])
def test_terms_are_read_in_segments_if_these_are_few(runs: int, few: bool) -> None:
    begins = np.arange(32) // 3 * 3  # of 32 terms, in runs of three and one of what is left
    begins[3 * (runs - 1) :] = 3 * (runs - 1)
    offsets = (np.arange(32) + 100 * begins)[None]
    first, none = (offsets, np.zeros(32, np.int64)), (np.zeros((1, 32), np.int64), np.full(32, -1))
    assert (_segments([first, none]) is not None) == few


def test_places_of_several_tiles_are_no_power_of_two_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    ready = Looped(program("digits")[0]).summed
    monkeypatch.setattr(tuning, "WORK", 64 * ready.plan.layout.sizes[ROWS])
    assert Frame(ready, 1_024).tile == 64 + LANES


def test_an_instruction_lies_one_level_above_its_operands() -> None:
    assert levels([0, 1, 0], [1, 2], [0, 2, 1, 3], 2, [1, 1]) == [1, 2, 3]


def test_chains_that_do_little_take_the_tiles_of_others_that_divide_their_nodes() -> None:
    def job(tiles: tuple[int, ...], nodes: int, work: int, fold: str = "add") -> Job:
        words = Fold.Words(1, nodes, 0, 5, 0, 0, 0, 0)
        return Job(Fold(fold, True, "sr", (False, True), tiles), words, [], work)

    jobs = [job((2,), 2, 3), job((8,), 8, 20), job((6,), 30, 990), job((3,), 3, 5), job((5,), 5, 1, "maximum")]
    assert [one.kernel.tiles for one in merged(jobs)] == [(2,), (2,), (6,), (3,), (5,)]
    assert [one.words for one in merged(jobs)] == [one.words for one in jobs]
    assert [one.kernel.tiles for one in merged([job((6,), 6, 1), *jobs])] == [(6,), (2,), (2,), (6,), (3,), (5,)]
    assert [one.kernel.tiles for one in merged([job((3,), 30, 900), job((6,), 6, 40), job((4, 2), 30, 900)])] == [
        (3,),
        (3,),
        (4, 2),
    ]
    assert [one.kernel.tiles for one in merged([job((3,), 30, 500), job((6,), 6, 40)])] == [(3,), (6,)]
    first, middle, last = job((4,), 4, 1), job((2,), 2, 4), job((1,), 9, 999)
    assert [one.kernel.tiles for one in merged([first, middle, last])] == [(1,), (1,), (1,)]

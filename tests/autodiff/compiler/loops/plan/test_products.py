"""Sums of products that are outputs: each with each, in any order, beside others, read again, and by themselves."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from autodiff import Value, compile, tanh
from autodiff.compiler import tuning
from autodiff.compiler.backends.interpreter import Interpreter
from autodiff.compiler.batch.inputs import Inputs, address
from autodiff.compiler.loops import runtime
from autodiff.compiler.loops.backend import Looped

from ...nets import alike

pytest.importorskip("llvmlite")
INPUTS = 60


def products(pairs: Any, terms: int, factors: Any = None) -> Any:
    """Return a function with an output for each pair of nodes: the sum of so many products of one with the other."""
    left, right = factors or (lambda xs, t, a: xs[10 * t + a], lambda xs, t, b: xs[30 + 10 * t + b])

    def f(xs: Any) -> list[Any]:
        found = []
        for a, b in pairs:
            z = left(xs, 0, a) * right(xs, 0, b)
            for t in range(1, terms):
                z = z + left(xs, t, a) * right(xs, t, b)
            found.append(z)
        return found

    return f


def ways(f: Any, rows: int = 100, threads: int = 1) -> Counter[str]:
    """Compare the sums over rows with the interpreter's bits, and return how many packs were computed in which way."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(rows, INPUTS))
    X[::3] *= -1.0
    compiled = compile(f, backend="interpreter")
    p = compiled.program(X[1].tolist())
    theta, table = rng.normal(size=p.parameters), Inputs([X], rows)
    looped = Looped(p, threads=threads)
    for divisor in (1, 3):
        assert alike(looped.sums(theta, table, divisor), Interpreter(p).sums(theta, table, divisor))
    return Counter(way for _, way in looped.summed.plan.ways)


def grid(n: int, m: int) -> list[tuple[int, int]]:
    return [(a, b) for a in range(n) for b in range(m)]


SHUFFLED = [grid(4, 9)[i] for i in np.random.default_rng(1).permutation(36)]


@pytest.mark.parametrize("terms", [1, 2, 3])
@pytest.mark.parametrize("pairs", [grid(4, 9), [(a, b) for b in range(9) for a in range(4)], SHUFFLED, grid(9, 1)])
def test_each_with_each_is_an_outer_product_in_any_order(pairs: Any, terms: int) -> None:
    found = ways(products(pairs, terms))
    assert found["sum of outer products" if terms == 3 else "outer product"] == 1 or terms == 2


@pytest.mark.parametrize("terms", [1, 3])
def test_some_with_some_are_added_up_one_by_one(terms: int) -> None:
    found = ways(products(grid(4, 9)[:-2] + [(0, 8)] * 2, terms))
    assert not any("outer" in way for way in found)


def test_a_sum_that_is_an_output_twice_or_is_read_again_is_stored() -> None:
    once = products(grid(2, 9), 3)
    assert ways(lambda xs: [*once(xs), once(xs)[0]])["sum of outer products"] == 0

    def read(xs: Any) -> list[Any]:
        found = once(xs)
        return [*found, tanh(found[3])]

    assert ways(read)["sum of outer products"] == 0


def test_a_sum_that_a_branch_hangs_on_is_stored() -> None:
    once = products(grid(2, 9), 3)

    def f(xs: Any) -> list[Any]:
        found = once(xs)
        return found if found[3] > 0.0 else found[::-1]

    def truth(xs: Any) -> list[Any]:
        found = once(xs)
        return found if found[3] else found[::-1]

    assert ways(f)["sum of outer products"] == ways(truth)["sum of outer products"] == 0


@pytest.mark.parametrize("flipped", [False, True])
def test_factors_may_be_constants_or_parameters_or_the_other_way_round(flipped: bool) -> None:
    ws = [Value(float(i)) for i in range(9)]

    def right(xs: Any, t: int, b: int) -> Any:
        return [0.5, xs[30 + b], ws[b]][t]

    def left(xs: Any, t: int, a: int) -> Any:
        return xs[10 * t + a]

    factors = (right, left) if flipped else (left, right)
    pairs = [(b, a) for a, b in grid(4, 9)] if flipped else grid(4, 9)
    assert ways(products(pairs, 3, factors))["sum of outer products"] == 1


def test_too_many_kinds_of_terms_are_stored() -> None:
    def right(xs: Any, t: int, b: int) -> Any:
        return 0.5 if t % 2 else xs[(t + b) % INPUTS]

    def left(xs: Any, t: int, a: int) -> Any:
        return xs[(7 * t + a) % INPUTS]

    assert ways(products(grid(4, 9), 30, (left, right)))["sum of outer products"] == 0


def test_threads_and_tiles_together_change_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "WORK", 1)
    assert ways(products(grid(4, 9), 3), rows=5_000, threads=3)["sum of outer products"] == 1


def test_frames_of_several_threads_point_at_one_list_of_jobs() -> None:
    f = compile(products(grid(4, 9), 3), backend="interpreter")
    ready = Looped(f.program([0.5] * INPUTS)).summed
    frame = runtime.Frame(ready, 100)
    assert frame.tile == 104
    ready.plan.layout.sizes[2] = tuning.WORK  # so that a tile is eight rows
    frame = runtime.Frame(ready, 100)
    assert frame.tile == 8
    before = ready.listed(0)
    assert frame.arguments.part == address(before)
    with ThreadPoolExecutor(4) as pool:
        assert all(found is before for found in pool.map(ready.listed, [0] * 8))

"""Lookups in native code: the bits of the selections that they are, wherever the index points and whatever the data."""

from __future__ import annotations

import math
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from autodiff import Value, compile, dot, logsumexp, take, tanh, where
from autodiff import sum as total
from autodiff.compiler import tuning
from autodiff.compiler.backends.interpreter import Interpreter
from autodiff.compiler.batch.inputs import Inputs
from autodiff.compiler.loops.backend import Looped
from autodiff.compiler.loops.find.folds import nodes
from autodiff.compiler.loops.find.packs import packed
from autodiff.compiler.loops.plan.plan import Plan
from autodiff.compiler.program.program import Program

from ...nets import alike

pytest.importorskip("llvmlite")
NUMBERS, COLUMNS = 11, 5
rng = np.random.default_rng(3)
WORDS, OTHERS = ([[Value(x) for x in row] for row in rng.normal(size=(NUMBERS, n))] for n in (COLUMNS, 3))
PLACE = Value(4.0)
WEIGHTS = [[Value(x) for x in row] for row in rng.normal(size=(NUMBERS, COLUMNS))]


def read(table: list[list[Value]], index: Any) -> list[Any]:
    return [take(column, index) for column in zip(*table, strict=True)]


def squares(indices: Any, scale: Any) -> Any:
    """Return a function of the lines at all indices, each with a gradient of its own."""
    return total(total(scale * x * x for x in read(WORDS, i)) for i in indices)


def negative(indices: Any, scale: Any) -> Any:
    """Return a function with seeds below 0, whose products with 0.0 are all -0.0."""
    return total(-scale * scale * total(read(WORDS, i)) for i in indices)


def network(indices: Any, scale: Any) -> Any:
    """Return a sum of cross entropies, which take from parameters and from what was computed."""
    terms = []
    for i in indices:
        x = read(WORDS, i)
        logits = [tanh(dot(w, x)) for w in WEIGHTS]
        terms.append(scale * (logsumexp(logits) - take(logits, indices[0])))
    return total(terms)


def tables(indices: Any, scale: Any) -> Any:
    """Return a function of two tables that are read at different indices."""
    x, y, z = read(WORDS, indices[0]), read(OTHERS, indices[1]), read(OTHERS, indices[2])
    return dot(x[:3], y) * scale + dot(z, z) * dot(x, x)


def branches(indices: Any, scale: Any) -> Any:
    """Return a function that goes another way for one index."""
    x = squares(indices, scale)
    return x * 2.0 if indices[1] == 3.0 else x


def tied(indices: Any, scale: Any) -> Any:
    """Return a function that also reads the table itself, so that its gradient has other terms, too."""
    x = read(WORDS, indices[0])
    return total(tanh(dot(w, x)) * scale for w in WORDS)


def captured(indices: Any, scale: Any) -> Any:
    """Return a function of lines at indices that differ from row to row, and at one that does not."""
    return total(total(scale * x * x for x in read(WORDS, i)) for i in (indices[0], PLACE, indices[2]))


def shared(indices: Any, scale: Any) -> Any:
    """Return a function of lines whose seeds differ from row to row, and of one whose seeds are parameters."""
    return squares(indices[:2], scale) + dot(WEIGHTS[0], read(WORDS, indices[2]))


FUNCTIONS = (squares, negative, network, tables, branches, tied, captured, shared)
LOOKUPS = {
    squares: (1, 1),
    negative: (1, 1),
    network: (2, 1),
    tables: (1, 3),
    branches: (1, 1),
    tied: (1, 0),
    captured: (2, 0),
    shared: (1, 0),
}


def data(rows: int) -> list[Any]:
    numbers = np.random.default_rng(rows)
    return [numbers.integers(0, NUMBERS, (rows, 3)).astype(float), numbers.normal(size=rows)]


def programs(f: Callable[..., Any]) -> tuple[Program, Any]:
    """Return the program of a function with its derivatives, and the parameters' numbers."""
    compiled = compile(f, backend="interpreter")
    kernel = compiled.kernel(np.array([[0.0, 1.0, 2.0]]), np.ones(1))
    return compiled.program([0.0, 1.0, 2.0], 1.0), kernel.read()


def agrees(f: Callable[..., Any], arrays: list[Any], theta: Any = None, **options: Any) -> bool:
    """Tell whether sums over rows and the results of each row have the interpreter's bits."""
    p, numbers = programs(f)
    numbers = numbers if theta is None else theta
    table = Inputs(arrays, len(arrays[0]))
    looped, plain = Looped(p, **options), Interpreter(p)
    sums = [alike(looped.sums(numbers, table, n), plain.sums(numbers, table, n)) for n in (1, 3)]
    return all(sums) and alike(looped.rows(numbers, table), plain.rows(numbers, table))


def packs(p: Program, *, rowwise: bool = True, summed: bool = True) -> Counter[str]:
    """Return how many packs of each operation a plan has."""
    found = packed(p, nodes(p))
    assert found is not None
    return Counter(pack.operation for pack, _ in Plan(p, found, rowwise=rowwise, summed=summed).ways)


@pytest.fixture(autouse=True)
def _with_few_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "SPARE", 1)


@pytest.mark.parametrize("rows", [1, 2, 8, 9, 100, 1025])
@pytest.mark.parametrize("f", FUNCTIONS)
def test_lookups_have_the_bits_of_selections(f: Callable[..., Any], rows: int) -> None:
    assert agrees(f, data(rows))


@pytest.mark.parametrize("f", FUNCTIONS)
def test_indices_that_are_no_place_give_nan_like_selections(f: Callable[..., Any]) -> None:
    arrays = data(40)
    arrays[0][3:12, 0] = -1.0, 11.0, 0.5, math.nan, -0.0, math.inf, -math.inf, 1e300, 5e-324
    arrays[0][7:16, 1] = arrays[0][3:12, 0]
    assert agrees(f, arrays)
    assert all(agrees(f, [x[i : i + 1] for x in arrays]) for i in range(3, 16))


@pytest.mark.parametrize("f", FUNCTIONS)
def test_numbers_that_are_not_finite_reach_the_lines_that_selections_let_them(f: Callable[..., Any]) -> None:
    arrays = data(60)
    arrays[0][:, 1] = arrays[0][:, 0]  # each line from several terms
    for i, x in enumerate((0.0, -0.0, math.inf, -math.inf, math.nan, 1e308, 5e-324)):
        one = [column.copy() for column in arrays]
        one[1][5 + 7 * i] = x
        assert agrees(f, one)
        assert agrees(f, [column[5 + 7 * i :][:1] for column in one])


def test_rows_that_take_another_branch_add_no_nan() -> None:
    indices, scale = data(100)
    struck = indices[:, 1] == 3.0
    assert 0 < struck.sum() < 50
    assert agrees(branches, [indices, np.where(struck, math.nan, scale)])


@pytest.mark.parametrize("f", FUNCTIONS)
def test_parameters_that_are_zero_or_infinite_change_no_bit(f: Callable[..., Any]) -> None:
    _, theta = programs(f)
    theta[::3], theta[4] = -0.0, math.inf
    assert agrees(f, data(30), theta)
    assert agrees(f, data(1), theta)


@pytest.mark.parametrize("f", FUNCTIONS)
def test_tiles_and_threads_change_no_bit(f: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    assert agrees(f, data(3000), threads=3)
    monkeypatch.setattr(tuning, "WORK", 1)
    assert agrees(f, data(1100))


@pytest.mark.parametrize("rowwise", [False, True])
@pytest.mark.parametrize("f", FUNCTIONS)
def test_selections_by_an_index_are_lookups_and_their_conditions_are_gone(f: Any, rowwise: bool) -> None:
    p, _ = programs(f)
    found = packs(p, rowwise=rowwise, summed=rowwise)
    assert (found["take"], found["take'"]) == LOOKUPS[f]
    assert (found["eq"] > 0) == (f in (network, branches, tied, captured, shared))  # which read them otherwise, too


@pytest.mark.parametrize("count", [tuning.LOOKUP - 1, tuning.LOOKUP])
def test_few_numbers_are_selected(count: int) -> None:
    xs = [Value(float(k)) for k in range(count)]
    p, _ = programs(lambda indices, scale: scale * total(take(xs, i) ** 2.0 for i in indices))
    assert packs(p)["take"] == (1 if count == tuning.LOOKUP else 0)


def test_a_gradient_with_as_many_indices_as_numbers_is_sums_of_products(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "SPARE", 4)  # 12 numbers for 3 indices, and there are 11
    p, _ = programs(squares)
    assert "take'" not in packs(p)
    assert agrees(squares, data(20))


@pytest.mark.parametrize(
    "numbers", [(1, 2, 3, 4, 5, 6, 7, 8, 9), (0, 1, 2, 3, 5, 6, 7, 8, 9), (0, 2, 1, 3, 4, 5, 6, 7, 8)]
)
def test_selections_by_other_numbers_stay_what_they_are(numbers: Sequence[int]) -> None:
    xs = [Value(1.5 * k) for k in numbers]

    def f(indices: Any, scale: Any) -> Any:
        found = 0.0
        for k, x in zip(numbers, xs, strict=True):
            found = where(indices[0] == float(k), x, found)
        return found * scale

    p, _ = programs(f)
    assert packs(p)["take"] == 0
    assert f"select({len(numbers) + 1})" in p.explain()
    assert agrees(f, data(50))


def test_one_program_serves_all_documents_of_a_length() -> None:
    f = compile(lambda tokens: squares(tokens, 1.0))
    kernel = f.kernel(np.array([[0.0, 1.0, 2.0]]))
    for tokens in ([4, 4, 4], [9, 0, 3]):
        value, gradient = kernel(kernel.read(), np.array([tokens], float))
        counts = np.bincount(tokens, minlength=NUMBERS)[:, None]
        lines = np.array([[x.data for x in row] for row in WORDS])
        assert value == pytest.approx((counts * lines**2).sum())
        found = dict(zip(map(id, kernel.parameters), gradient.tolist(), strict=True))
        assert np.array([[found[id(x)] for x in row] for row in WORDS]) == pytest.approx(2.0 * counts * lines)
    assert sum(map(len, f.specializations._families.values())) == 1


def test_explain_names_lookups() -> None:
    p, _ = programs(squares)
    assert "15 × take(11)" in p.explain()
    assert "55 × take'(11)" in p.explain()


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan, 2.0**40])
def test_tests_against_numbers_that_are_no_place_are_no_lookups(number: float) -> None:
    xs = [Value(1.5 * k) for k in range(9)]
    p, _ = programs(lambda indices, scale: total(where(indices[0] == number, x, x * scale) for x in xs))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert packs(p)["take"] == 0


def fold(tests: list[Any], numbers: Sequence[Any], start: float = 0.0) -> Any:
    """Return the number of the last test that holds, by a chain of selections."""
    found: Any = start
    for test, x in zip(tests, numbers, strict=True):
        found = where(test, x, found)
    return found


XS = [Value(0.5 + k) for k in range(12)]
ALIKE: dict[str, tuple[Callable[..., Any], bool]] = {  # what is like lookups, and whether there is a `take`, too
    "two indices": (lambda i, z: fold([i[k % 2] == float(k) for k in range(12)], XS) * z, False),
    "numbers of two regions": (
        lambda i, z: fold([i[0] == float(k) for k in range(12)], [z if k % 2 else XS[k] for k in range(12)]) * z,
        False,
    ),
    "halves": (lambda i, z: fold([i[0] == k + 0.5 for k in range(12)], XS) * z, False),
    "products with two conditions": (
        lambda i, z: total(x * ((i[0] == float(k)) * z + (i[1] == (k + 1.0) % 12) * z * z) for k, x in enumerate(XS)),
        False,
    ),
    "minus zero": (lambda i, z: total(where(i[0] == float(k), 1.0, -0.0) * x * z for k, x in enumerate(XS)), False),
    "a condition as a result": (lambda i, z: [i[0] == 1.0, take(XS, i[0]) * z], True),
}


@pytest.mark.parametrize("name", ALIKE)
def test_what_is_like_a_lookup_has_the_same_bits(name: str) -> None:
    f, takes = ALIKE[name]
    indices, scale = data(100)
    assert agrees(f, [indices, scale])
    assert agrees(f, [indices + 0.5 * (name == "halves"), -abs(scale)])
    p, _ = programs(f)
    assert (packs(p)["take"] > 0) == takes

"""Structures put numbers where the walk over trees puts them, in whatever structure a function returns."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from random import Random
from typing import Any, NamedTuple

import numpy as np
import pytest

import autodiff as ad
from autodiff import Value, compile, hessian, jacobian, trees, value_and_grad
from autodiff.branches import register_container
from autodiff.compiler.dispatch.structure import Structure


class Pair(NamedTuple):
    first: Any
    second: Any


class Tagged(list[Any]):
    """A list with an attribute."""

    tag = ""


class Grid:
    """A container of its own, with a list beside its numbers."""

    def __init__(self, branches: Any, notes: list[str]) -> None:
        self.branches, self.notes = tuple(branches), notes


register_container(Grid, lambda g: (g.branches, list(g.notes)), lambda notes, xs: Grid(xs, notes))


def tree(random: Random, depth: int) -> Any:
    """Return a tree of zeros and constants of all kinds."""
    kind = random.randrange(11 if depth else 3)
    if kind < 2:
        return 0.0
    if kind == 2:
        return random.choice([True, None, "text", np.array([True, False]), np.zeros((2, 3)), np.zeros(4), np.zeros(0)])
    if kind == 3:
        return [[0.0] * 3 for _ in range(random.randrange(4))]
    inner = [tree(random, depth - 1) for _ in range(random.randrange(4))]
    if kind == 4:
        return tuple(inner)
    if kind == 5:
        return dict(zip("abcd", inner, strict=False))
    if kind == 6:
        return Pair(inner, 0.0)
    if kind == 7:
        return OrderedDict(zip("zyx", inner, strict=False))
    if kind == 8:
        return defaultdict(int, zip((1, 2.0, None), inner, strict=False))
    if kind == 9:
        return Grid(inner, ["a"])
    return inner


def shown(x: Any) -> str:
    """Return what a tree is, with classes, shapes and dtypes."""
    if isinstance(x, np.ndarray):
        return f"{type(x).__name__} {x.dtype} {x.shape} {x.tolist()}"
    if isinstance(x, Grid):
        return f"Grid({shown(list(x.branches))}, {x.notes})"
    if isinstance(x, dict):
        return f"{type(x).__name__} {[(k, shown(v)) for k, v in x.items()]}"
    if isinstance(x, list | tuple):
        return f"{type(x).__name__} {list(map(shown, x))}"
    return f"{type(x).__name__} {x!r}"


@pytest.mark.parametrize("seed", range(60))
def test_a_structure_puts_numbers_where_the_walk_over_trees_does(seed: int) -> None:
    output = tree(Random(seed), 4)
    n = len(trees.leaves(output))
    structure, numbers = Structure(output), np.arange(1.0, n + 1.0)
    expected = trees.rebuild(
        output, numbers.tolist(), number=lambda x: x, array=lambda x, items: trees.array(x.shape, items)
    )
    assert structure.count == n
    assert shown(structure.of_numbers(numbers)) == shown(expected)
    assert shown(structure.of_items(numbers.tolist())) == shown(expected)
    columns = numbers[:, None] * [1.0, 10.0]
    rows = trees.rebuild(output, list(columns), number=lambda x: x, array=stacked)
    assert shown(structure.of_rows(columns)) == shown(rows)


def stacked(x: Any, columns: list[Any]) -> Any:
    """Return the two rows of a result that is an array like x, from the columns of its elements."""
    return np.stack(columns, axis=-1).reshape(2, *x.shape) if columns else np.empty((2, *x.shape))


class Asked(list[Any]):
    """Items that note which of them are taken together."""

    def __init__(self, items: Any) -> None:
        super().__init__(items)
        self.taken: list[Any] = []

    def __getitem__(self, index: Any) -> Any:
        self.taken.append((index.start, index.stop) if isinstance(index, slice) else index)
        return super().__getitem__(index)


@pytest.mark.parametrize(
    ("output", "taken"),
    [
        ([0.0, 0.0, 0.0], [(0, 3)]),
        ([[0.0, 0.0], [0.0, 0.0]], [(0, 4)]),
        ([[[0.0]], [[0.0]]], [(0, 2)]),
        ([[], []], []),
        ([[0.0, 0.0], [0.0]], [(0, 2), (2, 3)]),
        ([[0.0], 0.0], [(0, 1), 1]),
        ([[], [0.0]], [(0, 1)]),
        ([(0.0,), (0.0,)], [0, 1]),
        ({"a": [0.0, 0.0], "b": (np.zeros((2, 2)), 0.0)}, [(0, 2), (2, 6), 6]),
    ],
)
def test_lists_of_one_length_are_filled_as_one_array_and_others_part_by_part(output: Any, taken: list[Any]) -> None:
    structure = Structure(output)
    items = Asked(range(1, structure.count + 1))
    found = structure.of_items(items)
    assert trees.structure(found) == trees.structure(output)
    assert trees.leaves(found) == list(range(1, structure.count + 1))
    assert items.taken == taken


def test_lists_may_be_nested_deeper_than_arrays() -> None:
    output: Any = 0.0
    for _ in range(100):
        output = [output]
    found = Structure(output).of_numbers(np.array([7.0]))
    assert str(found) == "[" * 100 + "7.0" + "]" * 100


def test_arrays_of_a_result_share_no_memory(backend: str) -> None:
    f = compile(lambda x: (x * 2.0, np.array([x[0], x[1]]), [x[0], x[1]]), backend=backend)
    x = np.array([1.0, 2.0])
    double, same, plain = f(x)
    again = f(x)[0]
    double[0] = same[0] = 9.0
    assert (double.tolist(), same.tolist(), plain, again.tolist()) == ([9.0, 4.0], [9.0, 2.0], [1.0, 2.0], [2.0, 4.0])
    assert x.tolist() == [1.0, 2.0]
    rows = f.map(np.array([[1.0, 2.0]]))
    rows[0][0, 0] = 9.0
    assert (rows[1].tolist(), rows[2][0].tolist()) == ([[1.0, 2.0]], [1.0])


def test_what_a_user_does_to_a_result_is_not_in_the_next(backend: str) -> None:
    f = compile(lambda x: {"a": [x, [x, x]], "b": Grid([x], ["note"]), "c": Tagged([x])}, backend=backend)
    first = f(2.0)
    first["a"][1].clear()
    first["b"].notes.append("mine")
    first["c"].append(1.0)
    found = f(2.0)
    assert (found["a"], found["c"], found["b"].branches, found["b"].notes) == (
        [2.0, [2.0, 2.0]],
        [2.0],
        (2.0,),
        ["note"],
    )


def test_arrays_of_rows_without_an_element_have_a_row_each(backend: str) -> None:
    f = compile(lambda x: (x, np.empty((0, 3)), [x]), backend=backend)
    x, empty, (again,) = f.map(np.array([1.0, 2.0]))
    assert (x.tolist(), empty.shape, again.tolist()) == ([1.0, 2.0], (2, 0, 3), [1.0, 2.0])
    assert f.map(np.empty(0))[1].shape == (0, 0, 3)


def test_results_that_are_values_stand_beside_those_that_are_none(backend: str) -> None:
    w = Value(2.0)
    f = compile(lambda x: {"y": [[w * x[0], x[1]], [x[0], w]], "z": np.array([x[0], x[1] * w])}, backend=backend)
    found = f([3.0, 5.0])
    assert [[type(v) is Value for v in row] for row in found["y"]] == [[True, False], [False, True]]
    (found["y"][0][0] + found["y"][1][1] + found["z"][1]).backward()
    assert (found["y"][0][0].data, found["y"][0][1], w.grad) == (6.0, 5.0, 3.0 + 1.0 + 5.0)
    assert type(found["z"]) is ad.ValueArray
    with ad.no_grad():
        y = f([3.0, 5.0])["y"]
    assert (type(y[0][0]), y[0][0].args, type(y[0][1])) == (Value, (), float)


def test_derivatives_by_values_among_many_arguments_are_those_of_eager(backend: str) -> None:
    f = jacobian(lambda xs: [xs[0] * xs[1], ad.sin(xs[2])])
    xs = [Value(2.0), 3.0, Value(0.5)]
    found = compile(f, backend=backend)(xs)
    found[0][1].backward()  # ∂(x₀ x₁)/∂x₁ = x₀
    found[1][2].backward()  # ∂ sin(x₂)/∂x₂ = cos x₂
    assert [[float(v.data) if isinstance(v, Value) else v for v in row] for row in found] == [
        [3.0, 2.0, 0.0],
        [0.0, 0.0, pytest.approx(np.cos(0.5), rel=1e-15)],
    ]
    assert (xs[0].grad, xs[2].grad) == (1.0, pytest.approx(-np.sin(0.5), rel=1e-15))


@pytest.mark.parametrize("transform", [value_and_grad, hessian])
def test_transforms_return_what_they_return_eager(transform: Any, backend: str) -> None:
    def f(p: Any) -> Any:
        return p["w"][0] ** 2 * p["w"][1] + ad.exp(p["b"])

    for p in ({"w": np.array([2.0, 3.0]), "b": 0.0}, {"b": 0.0, "w": [2.0, 3.0]}, {"w": (2.0, 3.0), "b": 0.0}):
        eager, found = transform(f)(p), compile(transform(f), backend=backend)(p)
        assert trees.structure(found) == trees.structure(eager)
        if backend == "numpy":
            assert trees.leaves(found) == pytest.approx(trees.leaves(eager), rel=1e-15)
        else:
            assert shown(found) == shown(eager)

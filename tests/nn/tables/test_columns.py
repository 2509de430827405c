"""Columns: whether they are numbers or categories, how they are encoded, and every reason to refuse one."""

from __future__ import annotations

from typing import Any

import pytest

from nn.tables.columns import Column, labels, recognise
from nn.tables.csv import TableError


@pytest.mark.parametrize(
    ("cells", "categories"),
    [
        (["1", "-2.5", "3e4"], None),
        (["b", "a", "b"], ("a", "b")),
        (["1_000", "x"], ("1_000", "x")),
        (["1", "2", "3+", "x"], ("1", "2", "3+", "x")),
    ],
)
def test_a_column_is_numbers_if_every_cell_is_one(cells: list[str], categories: Any) -> None:
    assert recognise("c", cells) == Column("c", categories)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["1", "2", "x", "4"], "row 3, column `c`: 'x' is no number, but most"),
        (["1", "inf"], "row 2, column `c`: 'inf' is not finite"),
        ([f"name {i}" for i in range(101)], "column `c` has 101 different texts in 101 rows"),
    ],
)
def test_a_column_that_is_neither_is_refused(cells: list[str], message: str) -> None:
    with pytest.raises(TableError, match=message):
        recognise("c", cells)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["a", "b", "a"], ["a", "b", "a"]),
        (["0", "1.0", "1", "0"], ["0", "1", "1", "0"]),
        (["-1", "1"] * 3, ["-1", "1"] * 3),
        (["0", "1", "2"], None),
        (["0.5", "1"] * 5, None),
        ([str(i) for i in range(21)] * 5, None),
    ],
)
def test_a_target_is_classes_if_it_is_text_or_few_whole_numbers(cells: list[str], expected: Any) -> None:
    assert labels("t", cells) == expected


def test_two_categories_are_one_input_and_more_are_one_each() -> None:
    assert Column("c", ("a", "b")).encode(["b", "a"]).tolist() == [[1.0], [0.0]]
    assert Column("c", ("a", "b", "c")).encode(["c"]).tolist() == [[0.0, 0.0, 1.0]]
    assert Column("c", ("a",)).encode(["a", "a"]).tolist() == [[1.0], [1.0]]


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (Column("c"), "row 2, column `c`: 'x' is no number"),
        (Column("c", ("1", "2")), "row 2, column `c`: 'x' was never seen in training; the categories are 1, 2"),
    ],
)
def test_a_cell_that_was_not_learned_is_refused(column: Column, message: str) -> None:
    with pytest.raises(TableError, match=message):
        column.encode(["1", "x"])

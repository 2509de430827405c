"""Tables: what a CSV file has, what its columns are, and every reason to refuse it, with row and column."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nn.tables.columns import Column, Table, TableError, labels, read_csv, recognise


def read(text: str | bytes, folder: Path) -> Table:
    path = folder / "table.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_csv(path)


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,x\n2,y\n",
        "a,b\r\n1,x\r\n2,y",
        "\ufeffa,b\n1,x\n2,y\n",
        "a;b\n1;x\n2;y\n",
        "a\tb\n1\tx\n2\ty\n",
        ' a , b \n 1 ,"x"\n\n2, y\n\n',
    ],
)
def test_a_csv_file_is_read_as_spreadsheets_write_it(text: str, tmp_path: Path) -> None:
    assert read(text, tmp_path).columns == {"a": ["1", "2"], "b": ["x", "y"]}


def test_quoted_cells_may_hold_delimiters_and_lines(tmp_path: Path) -> None:
    assert read('a,b\n"1,5","x\ny"\n', tmp_path).columns == {"a": ["1,5"], "b": ["x\ny"]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "table.csv` is empty"),
        ("\n\n", "is empty"),
        ("a,b\n", "has a line of names and no rows"),
        ("a,\n1,2\n", "'' is no name"),
        ("a,b,a\n1,2,3\n", "'a' is there twice"),
        ("a,b\n1,2\n3\n", "row 2: 1 cells for 2 columns"),
        ("a,b\n1,2,3\n", "row 1: 3 cells for 2 columns"),
        ("a,b\n1,2\n3,\n", r"row 2, column `b`: the value is missing \(''\)"),
        ("a,b\n1,2\n,\n", "row 2, column `a`: the value is missing"),
        ("a,b\nNA,2\n", r"row 1, column `a`: the value is missing \('NA'\)"),
        ("a,b\n1,nan\n", "row 1, column `b`: the value is missing"),
        ('a,b\n1,"2\n', "no CSV file in UTF-8"),
        (b"a,b\n1,\xff\n", "no CSV file in UTF-8"),
    ],
)
def test_a_file_that_is_no_whole_table_is_refused_with_its_row_and_column(
    text: str | bytes, message: str, tmp_path: Path
) -> None:
    with pytest.raises(TableError, match=message):
        read(text, tmp_path)


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

"""CSV files: the table in one, and every reason to refuse it, with row and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from nn.tables.csv import Table, TableError, read_csv


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

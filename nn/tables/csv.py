"""CSV files: tables of text, read with their delimiter, their names of columns and their missing values.

An option of reading is an argument of `read_csv`.
"""

from __future__ import annotations

import csv
import io
import os
from dataclasses import dataclass

MISSING = {"", "na", "n/a", "#n/a", "<na>", "nan", "null", "?"}  # in small letters
DELIMITERS = ",;\t"


class TableError(ValueError):
    """A table cannot be read or learned from; the message names the row and the column."""


@dataclass(frozen=True)
class Table:
    """Columns of text by name, all of one length. Row 1 is the first below the names."""

    columns: dict[str, list[str]]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))


def read_csv(path: str | os.PathLike[str]) -> Table:
    r"""Return the table in a CSV file in UTF-8: names in the first line, cells between commas, semicolons or tabs.

    Blank lines are skipped and space around cells is dropped. Raises TableError for an empty file, no rows, names that
    are missing or come twice, rows of another length, and missing values: empty cells, NA, N/A, NaN, null and ?.

    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "pets.csv"
    ...     _ = path.write_text("age,kind\n3,cat\n5,dog\n")
    ...     read_csv(path).columns
    {'age': ['3', '5'], 'kind': ['cat', 'dog']}
    """
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            text = file.read()
        delimiter = max(DELIMITERS, key=text.partition("\n")[0].count)
        found = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        rows = [[cell.strip() for cell in row] for row in found]
    except (UnicodeDecodeError, csv.Error) as error:
        raise TableError(f"`{os.fspath(path)}` is no CSV file in UTF-8: {error}") from None
    return _table([row for row in rows if row not in ([], [""])], os.fspath(path))


def _table(rows: list[list[str]], path: str) -> Table:
    if len(rows) < 2:
        what = "has a line of names and no rows" if rows else "is empty"
        raise TableError(f"`{path}` {what}: names in the first line, then a line for each example")
    names = rows[0]
    if "" in names or len(set(names)) < len(names):
        wrong = next(name for i, name in enumerate(names) if not name or name in names[:i])
        fault = "there twice" if wrong else "no name"
        raise TableError(f"`{path}`: every column has a name of its own, but {wrong!r:.60} is {fault}")
    for number, row in enumerate(rows[1:], 1):
        if len(row) != len(names):
            raise TableError(f"`{path}`, row {number}: {len(row)} cells for {len(names)} columns")
        for name, cell in zip(names, row, strict=True):
            if cell.lower() in MISSING:
                raise TableError(
                    f"`{path}`, row {number}, column `{name}`: the value is missing ({cell!r}). Fill it in, or leave "
                    "out the row or the column"
                )
    return Table({name: list(cells) for name, cells in zip(names, zip(*rows[1:], strict=True), strict=True)})

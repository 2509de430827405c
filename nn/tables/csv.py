"""CSV files: tables of text, read with their delimiter, their names of columns and their missing values.

An option of reading is an argument of `read_csv`.
"""

from __future__ import annotations

import csv
import io
import os
from dataclasses import dataclass
from typing import TextIO

from autodiff.commands import escaped
from autodiff.memory import available

CELL, CHARACTER = 100, 8  # bytes of memory, at most, that a cell and a character of the text take while they are read
LARGEST = 2**30  # characters
LONGEST = 1000  # characters of a name
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
    are missing, come twice, have control characters or are very long, rows of another length, missing values (empty
    cells, NA, N/A, NaN, null and ?), and a table that the memory would not hold.

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
            text = _text(file, os.fspath(path))
        delimiter = max(DELIMITERS, key=text.partition("\n")[0].count)
        _check_memory(text, delimiter, os.fspath(path))
        found = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        rows = [[cell.strip() for cell in row] for row in found]
    except (UnicodeDecodeError, csv.Error) as error:
        raise TableError(f"`{os.fspath(path)}` is no CSV file in UTF-8: {error}") from None
    return _table([row for row in rows if row not in ([], [""])], os.fspath(path))


def _text(file: TextIO, path: str) -> str:
    """Return the whole text of a file, which may be a device. Raises TableError if it is none, or has no end."""
    most = min(available() // CHARACTER, LARGEST)
    text = file.read(min(most, 2**20))
    if "\0" not in text:
        text += file.read(most - len(text) + 1)
    if "\0" in text:
        raise TableError(f"`{path}` is no CSV file: it has zero bytes")
    if len(text) > most:
        raise TableError(f"`{path}` has more than {most:,} characters, too many for a table in memory. Take fewer rows")
    return text


def _check_memory(text: str, delimiter: str, path: str) -> None:
    cells, free = text.count(delimiter) + text.count("\n") + text.count("\r"), available()
    if cells * CELL > free:
        raise TableError(
            f"`{path}` has {cells:,} cells, which take {cells * CELL / 2**30:.1f} GB of memory; {free / 2**30:.1f} GB "
            "are free. Take fewer rows or columns"
        )


def _table(rows: list[list[str]], path: str) -> Table:
    if len(rows) < 2:
        what = "has a line of names and no rows" if rows else "is empty"
        raise TableError(f"`{path}` {what}: names in the first line, then a line for each example")
    names = rows[0]
    if "" in names or len(set(names)) < len(names):
        wrong = next(name for i, name in enumerate(names) if not name or name in names[:i])
        fault = "there twice" if wrong else "no name"
        raise TableError(f"`{path}`: every column has a name of its own, but {wrong!r:.60} is {fault}")
    for name in names:
        if len(name) > LONGEST or escaped(name) != name:
            fault = "a control character" if len(name) <= LONGEST else f"{len(name):,} characters, {LONGEST} at most"
            raise TableError(f"`{path}`: the name of a column has {fault}: {name!r:.60}")
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

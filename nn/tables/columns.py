"""Columns of a table: whether their cells are numbers or categories, and their encoding as inputs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autodiff.arrays import Floats
from autodiff.commands import escaped

from .csv import TableError

MOST_CATEGORIES = 100
FEW_WHOLE_NUMBERS = 20  # a target with at most as many different ones has classes


@dataclass(frozen=True)
class Column:
    """An input column: its name, and its categories in order, or None if it has numbers."""

    name: str
    categories: tuple[str, ...] | None = None

    @property
    def width(self) -> int:
        """The number of inputs: one, or one for each of more than two categories.

        >>> Column("age").width, Column("sex", ("f", "m")).width, Column("port", ("a", "b", "c")).width
        (1, 1, 3)
        """
        return len(self.categories) if self.categories and len(self.categories) > 2 else 1

    def encode(self, cells: Sequence[str]) -> Floats:
        """Return the cells as numbers, shape (m, width): the number, or 1 in the column of the category, else 0.

        Raises TableError, with the row, for a cell that is no finite number or none of the categories.

        >>> Column("port", ("a", "b", "c")).encode(["b", "a"])
        array([[0., 1., 0.],
               [1., 0., 0.]])
        """
        if self.categories is None:
            return np.array([self._number(row, cell) for row, cell in enumerate(cells, 1)]).reshape(-1, 1)
        index = [self._index(row, cell) for row, cell in enumerate(cells, 1)]
        return np.eye(len(self.categories))[index, -self.width :]

    def _number(self, row: int, cell: str) -> float:
        number = _as_number(cell)
        if number is None:
            raise TableError(f"row {row}, column `{self.name}`: {cell!r:.60} is no number")
        if not math.isfinite(number):
            raise TableError(f"row {row}, column `{self.name}`: {cell!r:.60} is not finite")
        return number

    def _index(self, row: int, cell: str) -> int:
        if cell not in (self.categories or ()):
            known = f"the categories are {', '.join(self.categories or ())}"
            raise TableError(f"row {row}, column `{self.name}`: {cell!r:.60} was never seen in training; {known:.200}")
        return (self.categories or ()).index(cell)


def recognise(name: str, cells: Sequence[str]) -> Column:
    """Return the kind of a column: numbers if every cell is one, otherwise categories, sorted.

    Raises TableError, with the row, for a cell that is no number in a column that mostly has numbers, for a number that
    is not finite, for more than 100 categories, and for a category with a line break or another control character.

    >>> recognise("age", ["3", "4.5e1"]), recognise("kind", ["dog", "cat", "dog"])
    (Column(name='age', categories=None), Column(name='kind', categories=('cat', 'dog')))
    """
    numbers = [_as_number(cell) for cell in cells]
    if None not in numbers:
        infinite = [row for row, number in enumerate(numbers, 1) if not math.isfinite(number or 0.0)]
        if infinite:
            raise TableError(f"row {infinite[0]}, column `{name}`: {cells[infinite[0] - 1]!r:.60} is not finite")
        return Column(name)
    if numbers.count(None) < len(cells) / 2:
        row = numbers.index(None) + 1
        raise TableError(
            f"row {row}, column `{name}`: {cells[row - 1]!r:.60} is no number, but most of the column is numbers"
        )
    _check_printable(name, cells)
    categories = tuple(sorted(set(cells)))
    if len(categories) > MOST_CATEGORIES:
        raise TableError(
            f"column `{name}` has {len(categories)} different texts in {len(cells)} rows, too many for categories. "
            "Drop the column"
        )
    return Column(name, categories)


def _check_printable(name: str, cells: Sequence[str]) -> None:
    """Raise TableError for a text that would break the line in which a prediction or a message shows it."""
    row = next((row for row, cell in enumerate(cells, 1) if escaped(cell) != cell), None)
    if row is not None:
        raise TableError(
            f"row {row}, column `{name}`: {cells[row - 1]!r:.60} has a line break or another control character. "
            "Replace it, or drop the column"
        )


def labels(name: str, cells: Sequence[str]) -> list[str] | None:
    """Return the label of each row if a target is classes, None if it is numbers.

    Classes are texts, codes such as 007 included, or whole numbers with at most 20 different ones, each twice on
    average. Raises the errors of `recognise`.

    >>> labels("digit", ["0", "1.0"] * 2), labels("price", ["0.5", "1"] * 2), labels("agent", ["007", "12"])
    (['0', '1', '0', '1'], None, ['007', '12'])
    """
    _check_printable(name, cells)
    codes = any(cell.isdecimal() and len(cell) > 1 and cell[0] == "0" for cell in cells)
    if codes or recognise(name, cells).categories is not None:
        return list(cells)
    numbers = [float(cell) for cell in cells]
    kinds = len(set(numbers))
    if kinds > min(FEW_WHOLE_NUMBERS, len(cells) / 2) or not all(number.is_integer() for number in numbers):
        return None
    return [str(int(number)) for number in numbers]


def _as_number(cell: str) -> float | None:
    """Return a cell as a number, None if it is text, such as 1_000."""
    try:
        return None if "_" in cell else float(cell)
    except ValueError:
        return None

"""Tables of text: `csv` reads files, `columns` encodes columns, `tabular` is a model of the rows of a table."""

from .columns import Column
from .csv import Table, TableError, read_csv

__all__ = ["Column", "Table", "TableError", "read_csv"]

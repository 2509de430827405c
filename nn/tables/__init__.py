"""Tables of text: `columns` reads files and columns, `tabular` a net that takes rows of a table."""

from .columns import Column, Table, TableError, read_csv

__all__ = ["Column", "Table", "TableError", "read_csv"]

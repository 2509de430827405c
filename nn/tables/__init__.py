"""Tables of text: `columns` reads files and columns, `tabular` a net that takes rows of a table."""

"""Rows of data: `inputs` are the arrays of a call, `reduction` the sums over rows, `pool` memory that is used again."""

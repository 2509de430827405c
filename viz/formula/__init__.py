"""Formulas of graphs: `formula` as users call it, from `rules`, made short by `simplify`.

`latex` and plain text are written of it, `subexpressions` name what stands in it twice.
"""

"""The kernels of loops in LLVM's language.

`kernels` says which kernel a job calls, `writer` is what all are written with, `folds` reductions over operands, `sums`
reductions over rows, `panels` outer products, `lookups` loads at an index, `tiles` the loop over rows.
"""

"""The kernels of loops as LLVM IR.

`kernels` writes the kernel of a job, `writer` is the code under construction, `folds` reduces over terms, `sums` over
rows, `panels` sums outer products by columns, `lookups` loads at an index, and `tiles` loops over rows.
"""

"""Backends: engines that run a program for many rows.

`choice` picks one, `numpy` evaluates instruction by instruction on arrays, `interpreter` calls a native function for
each group of instructions, `straight` compiles a program into straight-line code, and `rolled` into loops over what
repeats in time; `blocks` runs rows in blocks for these three, by the loops that `blocks_ir` writes.
"""

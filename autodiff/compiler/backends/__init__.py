"""Backends: engines that run a program for many rows.

`choice` picks one, `numpy` evaluates instruction by instruction on arrays, `interpreter` calls a native function for
each group of instructions, `straight` compiles a program into straight-line code; `blocks` runs rows in blocks for
both, by the loops that `blocks_ir` writes.
"""

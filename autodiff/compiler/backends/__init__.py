"""Backends: what runs a program for many rows.

`choice` picks one, `numpy` evaluates instruction by instruction on arrays, `interpreter` runs instructions in native
code, `straight` compiles them into straight-line code, `blocks` are the native loops over rows that both share, and
`blocks_ir` the text of these.
"""

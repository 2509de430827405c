"""Loops in time: a program whose instructions repeat, each repetition with the state that the one before left.

`search` finds the runs of a program by `keys` of its instructions; `dependences` says where each operand of a loop
comes from, and what is carried in registers; `trajectory` lays out the arrays of the rest; the `gate` says whether it
is worth it; `body` writes the function in LLVM's IR, which `autodiff/compiler/backends/rolled.py` runs.

Of a long repetition `tracing` traces a few steps, and `extrapolation` makes the program of all.
"""

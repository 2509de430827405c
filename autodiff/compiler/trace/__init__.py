"""From a Python function to a flat program.

`run` calls the function on symbols, `tape` is what is recorded, `reverse` adds the derivatives, `templates` and
`instantiate` write the program of a rule once and stamp it many times, `builder` makes programs, `inlining` writes out
their rules in elementary functions.
"""

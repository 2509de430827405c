"""From a Python function to a flat program.

`run` calls the function on fresh Values, `plain` makes the plain call, to compare with. `lengths` cuts repetitions, of
which `influence` says whether they are steady. `tape` lists the operations of the graph, `builder` turns them into a
program, `reverse` adds the derivatives. `templates` are the instructions of an operation or of a step of the reverse
sweep, written once, and `instantiate` numbers their slots at each use. `inlining` replaces operations by their rules.
"""

"""Dispatch: from a call to the run of a program, in the stages that `compiled` lists.

`compiled` is the function as users call it, `signature` analyses its arguments, `specializations` keeps its programs by
their structure, `parting` divides rows among the paths they take, `results` makes Values of outputs, `structure` puts
them into the structure that the function returns. `direct` skips the analysis for a row of a structure seen before,
`fastpath` for arrays of shapes seen before. `kernel` is value and gradient on flat arrays, `parameters` the numbers of
captured Values, `scatter` copies between orders of these. `eager` runs the function row by row, `arrayapi` programs on
arrays of other libraries.
"""

"""From a call to the run of a program: what a call's arguments are, which program they take, what the user gets.

`compiled` is the function as users call it, `specializations` the programs known of it, `kernel` value and gradient on
flat arrays, `fastpath` calls like an earlier one, `parameters` whose numbers a program runs on, `signature` the
arguments, `results` what comes back, `scatter` from and to the order of parameters, `eager` the function run row by
row, `arrayapi` arrays of other libraries.
"""

"""Loops found again in a flat program: what repeats is evaluated by loops, whatever the width of the net was.

`chains` makes sums of many terms one node each, `groups` finds the nodes of one shape, `lookups` those that select by
an index, `nests` their regular places, `plan` lists what is to do (`plan_lookups` for lookups), `kernels` are the loops
in native code, and `engine` runs them.
"""

"""Loops found again in a flat program: what repeats is evaluated by loops, whatever the width of the net was.

`find` recognises what repeats, `plan` lists the jobs to do, `emit` writes their kernels, `runtime` holds what a run
needs in memory, `backend` runs them, and `explain` says in words what was found.
"""

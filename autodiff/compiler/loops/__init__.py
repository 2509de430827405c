"""Rerolling: the loops that Python unrolled are found again in a flat program, and run as native kernels.

`find` recognises nodes that repeat, `plan` assigns memory and lists jobs, `emit` writes their kernels, `runtime` is the
compiled kernels and the memory of a call, `backend` runs them, and `explain` prints what was found. docs/rerolling.md
follows one program through them.
"""

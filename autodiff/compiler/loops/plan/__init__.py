"""The plan: which jobs compute a program, in which order, and where in memory its numbers are.

`plan` lists the jobs of a program, `folds` those of reductions, `lookups` those of selections by an index, `jobs` are
the records of all kinds of jobs, and `layout` assigns memory to results.
"""

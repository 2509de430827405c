"""What is to do, in which order, and where it stands in memory.

`plan` lists the jobs of a program, `folds` those of sums, `lookups` those of selections by an index, `layout` places
results in memory.
"""

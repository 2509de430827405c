"""What repeats in a flat program.

`folds` makes sums of many terms one node each, `idioms` finds rules of the table that were written out, `packs` the
nodes of one shape, `lookups` selections by an index, `strides` the regular steps between operands.
"""

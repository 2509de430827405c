"""Finding loops: the parts of a flat program that repeat.

`folds` makes a reduction of many terms one node, `idioms` puts back rows whose rules were written out, `packs` collects
nodes of one shape, `lookups` turns selections by an index into loads, `strides` finds regular steps in offsets.
"""

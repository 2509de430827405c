"""The colours and the type of all pictures: few, of one family, at least 4.5:1 for text."""

from __future__ import annotations

INK, MUTED, LINE, PALE, PAPER = "#1b1f24", "#59636e", "#8c959f", "#c3c9d0", "#ffffff"
LEAF, LEAF_LINE = "#e3eefa", "#3f74ad"
RESULT, RESULT_LINE = "#fdf1cf", "#b7791f"
OPERATION, TAG = "#37424d", "#eceff2"
WARNING = "#9a5b00"
FIRST, SECOND = "#3f74ad", "#c8553d"  # two classes, two curves
CLASSES = (FIRST, SECOND, "#4b8b5a", "#8a62a8", "#b7791f", "#3b8f98", "#a34a74", "#6b7a2a", "#59636e", "#7a5230")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p", "<", ">")

FONT = "ui-monospace, 'SF Mono', Menlo, 'DejaVu Sans Mono', 'Liberation Mono', Courier, monospace"
FONT_SIZE = 11.0  # points
CHARACTER = 0.6  # the width of a character of every font in FONT, in ems

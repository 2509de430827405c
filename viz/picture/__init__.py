"""From a graph to a picture: boxes and arrows, before any layout.

`pipeline` runs the stages: `graph` reads Values or a Program, `folding` chooses the values that share a box, by their
`scopes`, `build` makes the boxes and arrows of the `model`, a `summary` for each fold, and `limits` refuses a picture
too large to lay out. `labels` are its texts, `table` is the picture as text.
"""

"""From a graph to boxes and arrows.

`model` is what a picture consists of, `pipeline` makes it: `graph` reads nodes, `build` makes boxes, `summary` and
`folding` join them, by `scopes`; `limits` bounds them, `labels` and `table` are their texts.
"""

"""The explorer: a page that steps through the backward pass.

`page` makes it, of `facts` about rows, an `outline` of the graph, the `steps` of the pass and the `deltas` of layers.
"""

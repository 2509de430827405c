"""The explorer: a page that steps through the forward and the backward pass of a graph.

`page` makes it. Its data, in the form of `schema`, are the `facts` of each value and each of the `steps` of the pass,
with the `deltas` of layers; or, for a large graph, the `outline` of a picture.
"""

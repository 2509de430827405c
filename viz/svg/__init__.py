"""SVG: `engines` render what `dot` says, `wasm` being the one that ships, `dress` makes it readable.

`digraph` is a graphviz.Digraph, `legend` and `shades` are what a picture explains itself by.
"""

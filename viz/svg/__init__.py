"""From a picture to SVG.

`dot` writes a picture in Graphviz's language, as a `digraph`, `render` has Graphviz lay it out (`wasm` is the build of
it that ships), and `document` makes of that the SVG that users see, with a `legend` of its `shades`.
"""

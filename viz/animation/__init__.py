"""The animation of a training: `recorder` keeps its frames, `animation` makes the page that plays them."""

"""Pictures of computation graphs: `draw(value)` shows itself in a notebook and saves itself as SVG.

A `picture` is boxes and arrows, `svg` writes it, `drawing` is what users hold of it, in the colours of a `palette`.
`formula` is a graph in writing, `plots` are of trainings and nets; `pages` stand alone in a browser, of which the
`explorer` steps through a graph and an `animation` through a training. `commands` are the command line's.
"""

from .animation.animation import animate
from .animation.recorder import Recorder
from .drawing import Drawing, draw, draw_dot
from .formula.formula import Formula, formula
from .pages.pages import Page
from .picture.limits import SizeError
from .plots.plots import (
    accuracy_curve,
    activation_histograms,
    decision_boundary,
    gradient_histograms,
    loss_curve,
    weight_image,
)
from .svg.render import RenderError

__all__ = [
    "Drawing",
    "Formula",
    "Page",
    "Recorder",
    "RenderError",
    "SizeError",
    "accuracy_curve",
    "activation_histograms",
    "animate",
    "decision_boundary",
    "draw",
    "draw_dot",
    "formula",
    "gradient_histograms",
    "loss_curve",
    "weight_image",
]

"""Pictures of computation graphs: `draw(value)` shows itself in a notebook and saves itself as SVG.

A `picture` is boxes and arrows, `svg` renders it in the colours of the `palette`, `drawing` is its public interface.
`formula` writes a graph as text and LaTeX, `plots` shows trainings and nets with matplotlib. `pages` are self-contained
HTML: the `explorer` steps through a graph, an `animation` plays a training. `commands` are those of the command line.
"""

from .animation.animation import animate
from .animation.recorder import Recorder
from .drawing import Drawing, draw, draw_dot
from .formula.formula import Formula, formula
from .pages.pages import Page
from .picture.limits import SizeError
from .plots.boundary import decision_boundary
from .plots.curves import accuracy_curve, loss_curve
from .plots.histograms import activation_histograms, gradient_histograms
from .plots.weights import weight_image
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

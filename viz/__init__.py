"""Pictures of computation graphs: `draw(value)` shows itself in a notebook and saves itself as SVG."""

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
from .svg.engines import RenderError

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

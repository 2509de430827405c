"""Pictures of computation graphs: `draw(value)` shows itself in a notebook and saves itself as SVG."""

from .animation import animate
from .drawing import Drawing, draw, draw_dot
from .engines import RenderError
from .formulas import Formula, formula
from .pages import Page
from .plots import (
    accuracy_curve,
    activation_histograms,
    decision_boundary,
    gradient_histograms,
    loss_curve,
    weight_image,
)
from .recorder import Recorder
from .size import SizeError

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

"""Pictures of computation graphs: `draw(value)` shows itself in a notebook and saves itself as SVG."""

from .animation import animate
from .drawing import Drawing, draw, draw_dot
from .engines import RenderError
from .pages import Page
from .plots import decision_boundary, loss_curve
from .recorder import Recorder
from .size import SizeError

__all__ = [
    "Drawing",
    "Page",
    "Recorder",
    "RenderError",
    "SizeError",
    "animate",
    "decision_boundary",
    "draw",
    "draw_dot",
    "loss_curve",
]

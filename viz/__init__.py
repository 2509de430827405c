"""Pictures of computation graphs: `draw(value)` shows itself in a notebook and saves itself as SVG."""

from .drawing import Drawing, draw, draw_dot
from .engines import RenderError
from .plots import decision_boundary, loss_curve
from .size import SizeError

__all__ = ["Drawing", "RenderError", "SizeError", "decision_boundary", "draw", "draw_dot", "loss_curve"]

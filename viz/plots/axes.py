"""Axes and figures of matplotlib, in the style of all plots, and figures as PNG."""

from __future__ import annotations

import io
from typing import Any

from .. import palette as p


def axes(ax: Any) -> Any:
    """Return `ax`, or new axes of pyplot for None. Raises ImportError without matplotlib.

    >>> axes("mine")
    'mine'
    """
    if ax is not None:
        return ax
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError("plots need matplotlib: pip install 'autodiff-scalar[plot]'") from error

    return pyplot.subplots()[1]


def plain(ax: Any, *, legend: bool = False) -> Any:
    """Style the axes, without the upper and the right line of the frame, and return them.

    >>> from matplotlib.figure import Figure
    >>> plain(Figure().subplots()).spines["top"].get_visible()
    False
    """
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(p.LINE)
    ax.tick_params(colors=p.MUTED, which="both")
    if legend:
        ax.legend(facecolor=p.PAPER, edgecolor="none", framealpha=0.85, labelcolor=p.INK, fontsize="small")
    return ax


def literal(text: str) -> str:
    r"""Return a text that matplotlib shows as it is: between dollars it would read mathematics.

    >>> literal("$5")
    '\\$5'
    """
    return text.replace("$", r"\$")


def figure(width: float, height: float, *, columns: int = 1) -> Any:
    """Return a figure, its size in inches, with axes side by side. Raises ImportError without matplotlib.

    >>> len(figure(6.0, 3.0, columns=2).axes)
    2
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("pictures need matplotlib: pip install 'autodiff-scalar[plot]'") from error

    made = Figure(figsize=(width, height), dpi=150, layout="constrained")
    made.subplots(1, columns)
    return made


def png(drawn: Any) -> bytes:
    """Return a figure as PNG.

    >>> png(figure(1.0, 1.0))[1:4]
    b'PNG'
    """
    picture = io.BytesIO()
    drawn.savefig(picture, format="png")
    return picture.getvalue()

"""Axes of matplotlib: one's own or pyplot's, and what all plots have in common."""

from __future__ import annotations

from typing import Any

from . import palette as p


def axes(ax: Any) -> Any:
    """Return `ax`, or new axes of pyplot for None. Raises ImportError where there is no matplotlib.

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
    """Leave of the frame what the eye needs, and return the axes.

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

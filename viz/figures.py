"""Figures of matplotlib without a window, and their PNGs."""

from __future__ import annotations

import io
from typing import Any


def figure(width: float, height: float, *, columns: int = 1) -> Any:
    """Return a figure of so many inches with axes side by side. Raises ImportError where there is no matplotlib.

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
    """Return a figure as the bytes of a PNG.

    >>> png(figure(1.0, 1.0))[1:4]
    b'PNG'
    """
    picture = io.BytesIO()
    drawn.savefig(picture, format="png")
    return picture.getvalue()

"""Weights as an image: the matrix in two colours, or a tile for each neuron where the inputs are pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn import Layer

from .. import palette as p
from .axes import axes, plain

FEW = 12  # the most rows and columns with numbers in the cells


def weight_image(weights: Any, ax: Any = None, *, pixels: tuple[int, int] | None = None) -> Any:
    """Plot weights, (outputs, inputs), as an image, blue above 0 and red below; return the matplotlib axes.

    `weights` is a Layer or a matrix. With `pixels`, (height, width), those of each output are a tile of that shape, for
    inputs that are images. `ax` are the axes to draw into, by default new ones of pyplot. Raises ImportError without
    matplotlib, ValueError if the weights are no matrix or the number of `pixels` is not that of inputs.

    >>> from matplotlib.figure import Figure
    >>> ax = weight_image([[1.0, -2.0], [0.5, 0.0]], Figure().subplots())
    >>> ax.get_xlabel(), ax.get_ylabel(), len(ax.texts)
    ('input', 'output', 4)
    """
    matrix = np.asarray(weights.W if isinstance(weights, Layer) else weights, float)
    if matrix.ndim != 2 or not matrix.size:
        raise ValueError(f"weights are a matrix, (outputs, inputs), got shape {matrix.shape}")
    if pixels is not None and np.prod(pixels) != matrix.shape[1]:
        raise ValueError(f"`pixels` = {pixels} are {np.prod(pixels)}, but there are {matrix.shape[1]} inputs")
    ax = axes(ax)
    limit = np.nanmax(np.abs(matrix), initial=0.0) or 1.0
    shown = _tiles(matrix, pixels) if pixels else matrix
    image = ax.imshow(shown, cmap=_colors(), vmin=-limit, vmax=limit, aspect="equal" if pixels else "auto")
    bar = ax.figure.colorbar(image, ax=ax, fraction=0.046, pad=0.03)
    bar.outline.set_visible(False)
    bar.ax.tick_params(colors=p.MUTED)
    return _tiled(ax) if pixels else _labelled(matrix, limit, ax)


def _colors() -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("signs", [p.SECOND, p.PAPER, p.FIRST]).with_extremes(bad=p.TAG)


def _tiles(matrix: NDArray[np.float64], pixels: tuple[int, int]) -> NDArray[np.float64]:
    """Return the images side by side in rows, with a line of nan between them."""
    height, width = pixels
    across = int(np.ceil(np.sqrt(len(matrix) * height / width)))
    sheet = np.full((-(-len(matrix) // across) * (height + 1) - 1, across * (width + 1) - 1), np.nan)
    for i, weights in enumerate(matrix):
        top, left = i // across * (height + 1), i % across * (width + 1)
        sheet[top : top + height, left : left + width] = weights.reshape(pixels)
    return sheet


def _tiled(ax: Any) -> Any:
    ax.set_axis_off()
    return ax


def _labelled(matrix: NDArray[np.float64], limit: float, ax: Any) -> Any:
    outputs, inputs = matrix.shape
    ax.set(xlabel="input", ylabel="output")
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.yaxis.get_major_locator().set_params(integer=True)
    if max(matrix.shape) <= FEW:
        ax.set(xticks=range(inputs), yticks=range(outputs))
        for (i, j), weight in np.ndenumerate(matrix):
            color = p.PAPER if abs(weight) > 0.6 * limit else p.INK
            ax.text(j, i, f"{weight:.2g}", ha="center", va="center", color=color, fontsize="small")
    return plain(ax)

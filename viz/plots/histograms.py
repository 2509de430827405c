"""Histograms of a net, layer by layer: the outputs of its neurons, and the gradients of its parameters."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nn import Module, Standardized
from nn.modules.prediction import outputs

from .. import palette as p
from .axes import axes, plain

MOST_BINS = 40


def activation_histograms(model: Module, X: ArrayLike, ax: Any = None) -> Any:
    """Plot the distribution of each layer's outputs over the rows of X, (m, inputs); return the matplotlib axes.

    The legend has their mean and standard deviation: a layer whose outputs are all near the bounds of tanh hardly
    learns. `model` has `layers`, as an MLP has. `ax` are the axes to draw into, by default new ones of pyplot. Raises
    ImportError without matplotlib, TypeError for a model without layers.

    >>> from matplotlib.figure import Figure
    >>> from nn import MLP
    >>> net = MLP(2, [3, 1], activation="tanh", rng=0)
    >>> len(activation_histograms(net, [[0.0, 1.0], [1.0, 0.0]], Figure().subplots()).get_legend().get_texts())
    2
    """
    rows = np.asarray(X, float)
    if isinstance(model, Standardized):
        rows, model = model.standardization(rows), model.model
    if not hasattr(model, "layers"):
        raise TypeError(f"a model with `layers`, such as an MLP, got {type(model).__name__}")
    found = {}
    for i, layer in enumerate(model.layers):
        rows = outputs(layer, rows)
        found[f"layers.{i}"] = rows.ravel()
    labels = {name: f"{name}: mean {xs.mean():.2g}, deviation {xs.std():.2g}" for name, xs in found.items()}
    return _draw(found, labels, "output", axes(ax))


def gradient_histograms(model: Module, ax: Any = None) -> Any:
    """Plot the distribution of log₁₀|∂C/∂p| over each layer's parameters; return the matplotlib axes.

    The gradients are those in `grad`; the legend has the share of zeros. A layer far to the left hardly learns. `ax`
    are the axes to draw into, by default new ones of pyplot. Raises ImportError without matplotlib, ValueError if all
    gradients are 0.

    >>> from matplotlib.figure import Figure
    >>> from nn import MLP
    >>> net = MLP(2, [3, 1], activation="tanh", rng=0)
    >>> net([1.0, -1.0]).backward()
    >>> gradient_histograms(net, Figure().subplots()).get_xlabel()
    'log₁₀|∂C/∂p|'
    """
    slopes: dict[str, list[float]] = {}
    for path, parameter in model.named_parameters():
        slopes.setdefault(".".join(path.split(".")[:2]), []).append(abs(parameter.grad))
    arrays = {name: np.array(numbers) for name, numbers in slopes.items()}
    sizes = {name: np.log10(xs[np.isfinite(xs) & (xs > 0.0)]) for name, xs in arrays.items()}
    if not any(len(xs) for xs in sizes.values()):
        raise ValueError("all gradients are 0: run `backward()` on a loss first")
    labels = {name: f"{name}: {np.mean(xs == 0.0):.0%} zero" for name, xs in arrays.items()}
    return _draw(sizes, labels, "log₁₀|∂C/∂p|", axes(ax))


def _draw(found: dict[str, NDArray[np.float64]], labels: dict[str, str], quantity: str, ax: Any) -> Any:
    """Plot a histogram for each layer, as shares, in its own bins."""
    top = 0.0
    for k, (name, xs) in enumerate(found.items()):
        shown = xs[np.isfinite(xs)]
        counts, edges = np.histogram(shown, int(np.clip(np.sqrt(len(shown)), 5, MOST_BINS)))
        shares, color = 100.0 * counts / max(counts.sum(), 1), p.CLASSES[k % len(p.CLASSES)]
        ax.stairs(shares, edges, color=color, linewidth=1.6, label=labels[name])
        ax.stairs(shares, edges, color=color, fill=True, alpha=0.12)
        top = max(top, shares.max())
    ax.set(xlabel=quantity, ylabel="share in %", ylim=(0.0, top * (1.1 + 0.12 * len(found))))  # the legend needs room
    ax.margins(x=0.02)
    return plain(ax, legend=True)

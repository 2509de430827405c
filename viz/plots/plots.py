"""Plots of training and of nets, with matplotlib: curves, decision boundaries, histograms of layers, weights."""

from __future__ import annotations

from .boundary import decision_boundary
from .curves import accuracy_curve, loss_curve
from .histograms import activation_histograms, gradient_histograms
from .weights import weight_image

__all__ = [
    "accuracy_curve",
    "activation_histograms",
    "decision_boundary",
    "gradient_histograms",
    "loss_curve",
    "weight_image",
]

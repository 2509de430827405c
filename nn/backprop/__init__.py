"""Backpropagation in closed form, BP1–BP4: the gradients of an MLP without a graph.

`equations` are BP1–BP4 for any layers W, b, σ, `matrix` applies them to an MLP, `components` is the same with indices
written out, and `comparison` compares them with autodiff and finite differences.
"""

from .matrix import activate, batch_gradients, cost_and_slope, cost_of, examples, forward, gradients, slopes

__all__ = ["activate", "batch_gradients", "cost_and_slope", "cost_of", "examples", "forward", "gradients", "slopes"]

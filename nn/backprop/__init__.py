"""Backpropagation in closed form, BP1–BP4: the gradients of an MLP without a graph.

`matrix` is the matrix form, `components` the same with indices written out, `equations` BP1–BP4 as residuals,
`comparison` holds both against the engine.
"""

from .matrix import activate, batch_gradients, cost_and_slope, cost_of, examples, forward, gradients, slopes

__all__ = ["activate", "batch_gradients", "cost_and_slope", "cost_of", "examples", "forward", "gradients", "slopes"]

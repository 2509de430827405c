"""Losses: `regression` of numbers and `classification` of labels, and `penalties` on weights.

`registry` is the table of losses, a row for each; `targets` codes labels as a row says. A new loss is a function, its
row in the table, and its name in `nn`.
"""

from .regression import half_mse, huber, mae, mse

__all__ = ["half_mse", "huber", "mae", "mse"]

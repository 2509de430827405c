"""Losses: `regression` of numbers, `classification` of labels, `targets` what each takes, `penalties` on weights."""

from .regression import half_mse, huber, mae, mse

__all__ = ["half_mse", "huber", "mae", "mse"]

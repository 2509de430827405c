"""Gradient clipping: the public address of `nn.optimizers.clipping`."""

from .optimizers.clipping import Clip, Floats, by_norm, by_value

__all__ = ["Clip", "Floats", "by_norm", "by_value"]

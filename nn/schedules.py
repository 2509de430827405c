"""Schedules of the learning rate: the public address of `nn.optimizers.schedules`."""

from .optimizers.schedules import Factor, Schedule, cosine, linear, step, warmup

__all__ = ["Factor", "Schedule", "cosine", "linear", "step", "warmup"]

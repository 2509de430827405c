"""The closed form in components, BP1–BP4 with every index written out: the public address of `nn.backprop.components`."""

from .backprop.components import Components, Matrix, batch_gradients

__all__ = ["Components", "Matrix", "batch_gradients"]

"""The closed form in components, the public address of `nn.backprop.components`."""

from .backprop.components import Components, Matrix, batch_gradients

__all__ = ["Components", "Matrix", "batch_gradients"]

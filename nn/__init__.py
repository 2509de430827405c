"""Small neural nets over `autodiff`: modules, losses, gradient descent, and backpropagation in closed form."""

from autodiff import contexts

from . import backprop, components, datasets
from .comparison import Comparison, LayerDifference, check_backprop
from .descent import Descent, minimize
from .losses import half_mse, hinge, mse
from .mlp import MLP
from .module import Module
from .neurons import Layer, Neuron
from .sgd import SGD

__all__ = [
    "MLP",
    "SGD",
    "Comparison",
    "Descent",
    "Layer",
    "LayerDifference",
    "Module",
    "Neuron",
    "backprop",
    "check_backprop",
    "components",
    "datasets",
    "half_mse",
    "hinge",
    "minimize",
    "mse",
]

contexts.libraries.add("nn")  # what goes wrong here was called from the user's line

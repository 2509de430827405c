"""Small neural nets over `autodiff`: modules, losses, gradient descent, and backpropagation in closed form."""

from autodiff import contexts

from . import backprop, components, datasets, metrics
from .checkpoint import load, load_into, save
from .comparison import Comparison, LayerDifference, check_backprop
from .container import CheckpointError
from .descent import Descent, minimize
from .losses import half_mse, hinge, mse
from .mlp import MLP
from .module import Module
from .neurons import Layer, Neuron
from .sgd import SGD
from .standardization import Standardization, Standardized

__all__ = [
    "MLP",
    "SGD",
    "CheckpointError",
    "Comparison",
    "Descent",
    "Layer",
    "LayerDifference",
    "Module",
    "Neuron",
    "Standardization",
    "Standardized",
    "backprop",
    "check_backprop",
    "components",
    "datasets",
    "half_mse",
    "hinge",
    "load",
    "load_into",
    "metrics",
    "minimize",
    "mse",
    "save",
]

contexts.libraries.add("nn")  # what goes wrong here was called from the user's line

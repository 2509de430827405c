"""Small neural nets over `autodiff`: modules, losses, training, files, and backpropagation in closed form."""

from autodiff import contexts

from . import backprop, clipping, components, datasets, metrics, schedules
from .adam import Adam, AdamW
from .adaptive import Adagrad, RMSprop
from .checkpoint import load, load_into, save
from .class_losses import binary_cross_entropy, cross_entropy, hinge, multiclass_hinge
from .classifier import Classifier
from .comparison import Comparison, LayerDifference, check_backprop
from .container import CheckpointError
from .descent import Descent, minimize
from .dropout import Dropout
from .history import History
from .lbfgs import LBFGS
from .losses import half_mse, huber, mae, mse
from .mlp import MLP
from .module import Module
from .neurons import Layer, Neuron
from .optimizer import Optimizer
from .penalties import L1, L2
from .prediction import outputs
from .prelu import PReLU
from .sequential import Sequential
from .sgd import SGD
from .standardization import Standardization, Standardized
from .training import fit
from .training_state import Training

__all__ = [
    "L1",
    "L2",
    "LBFGS",
    "MLP",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "CheckpointError",
    "Classifier",
    "Comparison",
    "Descent",
    "Dropout",
    "History",
    "Layer",
    "LayerDifference",
    "Module",
    "Neuron",
    "Optimizer",
    "PReLU",
    "RMSprop",
    "Sequential",
    "Standardization",
    "Standardized",
    "Training",
    "backprop",
    "binary_cross_entropy",
    "check_backprop",
    "clipping",
    "components",
    "cross_entropy",
    "datasets",
    "fit",
    "half_mse",
    "hinge",
    "huber",
    "load",
    "load_into",
    "mae",
    "metrics",
    "minimize",
    "mse",
    "multiclass_hinge",
    "outputs",
    "save",
    "schedules",
]

contexts.libraries.add("nn")  # what goes wrong here was called from the user's line

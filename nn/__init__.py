"""Small neural nets over `autodiff`: modules, losses, training, files, and backpropagation in closed form.

`modules` are layers, nets and their parts; `losses` and `optimizers` (with `schedules` and `clipping`) are what
`training` (`fit`) needs; `descent` minimizes any function. `metrics` score predictions, `saving` keeps models in files.
`backprop` is the closed form (with its `components`). `datasets` are arrays, `tables` come from CSV files, `estimators`
are for scikit-learn, `commands` for the command line. `checks` validate arguments, `values` turns Values into arrays.
"""

from autodiff import contexts, moved

from . import backprop, clipping, components, datasets, metrics, schedules
from .backprop.comparison import Comparison, LayerDifference, check_backprop
from .descent import Descent, minimize
from .losses.classification import binary_cross_entropy, cross_entropy, hinge, multiclass_hinge
from .losses.penalties import L1, L2
from .losses.regression import half_mse, huber, mae, mse
from .modules.activation import PReLU
from .modules.classifier import Classifier
from .modules.dropout import Dropout
from .modules.layer import Layer, Neuron
from .modules.mlp import MLP
from .modules.module import Module
from .modules.prediction import outputs
from .modules.sequential import Sequential
from .modules.standardization import Standardization, Standardized
from .optimizers.adam import Adam, AdamW
from .optimizers.adaptive import Adagrad, RMSprop
from .optimizers.base import Optimizer
from .optimizers.lbfgs import LBFGS
from .optimizers.sgd import SGD
from .saving.model import load, load_into, save
from .saving.safetensors import CheckpointError
from .training.fit import fit
from .training.history import History
from .training.state import Training

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
moved.add(
    "nn",
    {
        "backprop": "comparison equations",
        "losses": "class_losses>classification penalties targets",
        "modules": "activation classifier dropout mlp modes module neurons>layer prelu>activation sequential"
        " standardization",
        "optimizers": "adam adaptive lbfgs optimizer>base sgd",
        "saving": "checkpoint>model container>safetensors",
        "tables": "tabular",
        "training": "history training_state>state",
    },
)

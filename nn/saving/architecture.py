"""Architecture: a model described as JSON, and a new model built from the description. Nothing named is ever imported.

A description names one of KINDS and describes its parts; sizes are those of the tensors, so that no file makes one up.
"""

from __future__ import annotations

from typing import Any

from ..modules.module import Module
from .blueprint import Blueprint, Description, Tensors, UndescribedError
from .kinds import KINDS
from .safetensors import CheckpointError


def describe(model: Module) -> Description:
    """Return the description of a model.

    Raises UndescribedError for a part of a class or function of the user's own, and for one that is used twice.

    >>> from nn import MLP
    >>> describe(MLP(2, [3, 1], activation="tanh"))["layers"][0]
    {'kind': 'Layer', 'activation': 'tanh'}
    """
    seen: set[int] = set()

    def part(module: Any) -> Description:
        for name, kind in KINDS.items():
            if type(module) is kind.type and id(module) not in seen:
                seen.add(id(module))
                return {"kind": name, **kind.describe(module, part)}
        raise UndescribedError(f"`{type(module).__name__}` is used twice, or no class of `nn`")

    return part(model)


def build(description: Any, tensors: Tensors) -> Module:
    """Return a new model of the described parts with the parameters in `tensors`, named as in `Module.state`.

    Raises CheckpointError for a description of another form, and for tensors that do not fit it.

    >>> import numpy as np
    >>> build({"kind": "Neuron", "activation": "relu"}, {"w": np.array([1.0, 2.0]), "b": np.array(0.5)})
    ReLUNeuron(2)
    """
    try:
        model = _build(Blueprint(description, "", tensors, _build))
        model.load_state(tensors)
    except RecursionError:
        raise CheckpointError("the architecture is nested too deeply") from None
    except (TypeError, ValueError) as error:
        raise error if isinstance(error, CheckpointError) else CheckpointError(str(error)) from None
    return model


def _build(plan: Blueprint) -> Module:
    name = plan.entry("kind", str)
    if name not in KINDS:
        raise CheckpointError(f"`kind` is one of {', '.join(KINDS)}, got {name!r:.60}")
    return KINDS[name].build(plan)

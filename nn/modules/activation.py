"""Activations: functions of one Value, by name or as functions, which a neuron applies to its weighted sum."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import autodiff
from autodiff import PRIMITIVES, softmax

from .prelu import PReLU

Activation = Callable[[Any], Any]


def linear(z: Any) -> Any:
    """Return z.

    >>> linear(2.0)
    2.0
    """
    return z


NAMED: dict[str, Activation] = {"linear": linear, "softmax": softmax}  # softmax: of all outputs of a layer


def resolve(choice: str | Activation) -> Activation:
    """Return the function that `choice` names: linear, softmax, prelu, or a function of one argument in `autodiff`.

    A function is returned as it is; "prelu" is a new PReLU each time. Raises ValueError for an unknown name, TypeError
    for anything but a name or a function.

    >>> resolve("tanh")(0.0)
    0.0
    """
    if choice == "prelu":
        return PReLU()
    if isinstance(choice, str):
        return NAMED[choice] if choice in NAMED else _function(choice)
    if not callable(choice):
        raise TypeError(f"an activation is a name or a function of a Value, got {type(choice).__name__} {choice!r}")
    return choice


def title(function: Activation) -> str:
    """Return the name of an activation as a neuron shows it: ReLU, Tanh, LeakyReLU.

    >>> title(linear)
    'Linear'
    """
    name = getattr(function, "__name__", type(function).__name__)
    return re.sub(r"\W|_", "", name.title()).replace("Relu", "ReLU").replace("Prelu", "PReLU")


def _function(name: str) -> Activation:
    row = PRIMITIVES.get(name)
    if row is None or row.variadic or row.arity != 1 or not hasattr(autodiff, name):
        raise ValueError(
            f"`{name}` is no activation. Take linear, relu, tanh, sigmoid, softplus, prelu, another function of one "
            "argument in `autodiff`, or any function of a Value"
        )
    return getattr(autodiff, name)  # type: ignore[no-any-return]

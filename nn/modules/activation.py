"""Activations: functions of one Value, by name or as functions, which a neuron applies to its weighted sum."""

from __future__ import annotations

import re
from collections.abc import Callable
from numbers import Real
from typing import Any

import autodiff
from autodiff import PRIMITIVES, Value, leaky_relu, softmax

from ..checks.numbers import finite
from .module import Module

Activation = Callable[[Any], Any]


def linear(z: Any) -> Any:
    """Return z.

    >>> linear(2.0)
    2.0
    """
    return z


class PReLU(Module):
    """z ↦ z where z > 0, and slope·z elsewhere, with a trainable `slope`; of a list, element by element.

    The activation "prelu" is one of these for a layer. Source: K. He et al., "Delving deep into rectifiers" (2015), eq.
    1, shared by the channels of a layer. Raises ValueError for a slope that is not finite.

    >>> f = PReLU()
    >>> f(-2.0).data, f(3.0).data, len(f.parameters())
    (-0.5, 3.0, 1)
    """

    def __init__(self, slope: float = 0.25) -> None:
        self.slope = Value(finite(slope, "slope"))

    def __call__(self, z: Any) -> Any:
        """Return the result for a number, a Value or a list of them."""
        if isinstance(z, (Value, Real)):
            return leaky_relu(z, self.slope)
        return [leaky_relu(x, self.slope) for x in z]

    def __repr__(self) -> str:
        return f"PReLU({self.slope.data:g})"


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

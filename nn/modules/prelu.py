"""PReLU: a leaky relu whose slope is learned."""

from __future__ import annotations

from numbers import Real
from typing import Any

from autodiff import Value, leaky_relu

from ..checks.numbers import finite
from .module import Module


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

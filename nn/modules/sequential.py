"""Sequential: modules one after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autodiff import softmax

from ..checks.vector import vector
from .activation import resolve
from .layer import Layer
from .module import Module


class Sequential(Module):
    """Parts one after the other, each applied to the result of the one before it: a list, or a bare Value.

    A part is a Module, a function of a list of Values, or the name of an activation, taken of each element ("softmax":
    of all). Parameters are named by the index of the part: `layers.0.weight`. Raises TypeError for another part,
    ValueError for none and for an unknown name.

    >>> from nn import Dropout
    >>> net = Sequential(Layer(2, 3, activation="tanh", rng=0), Dropout(0.1), Layer(3, 1, activation="linear", rng=0))
    >>> [name for name in net.state()]
    ['layers.0.weight', 'layers.0.bias', 'layers.2.weight', 'layers.2.bias']
    >>> Sequential("relu")([-1.0, 2.0])
    [0.0, 2.0]
    """

    def __init__(self, *parts: Module | Callable[[Any], Any] | str) -> None:
        if not parts:
            raise ValueError("`Sequential` takes at least one part")
        self.layers = [_part(part) for part in parts]
        for i, layer in enumerate(self.layers):
            if isinstance(layer, Layer):
                layer.path = f"layers.{i}"

    def __call__(self, x: Any) -> Any:
        """Return the result of the last part for x, a list of numbers or Values."""
        for layer in self.layers:
            x = layer(x)
        return x

    def __repr__(self) -> str:
        return f"Sequential of [{', '.join(map(str, self.layers))}]"


class Elementwise(Module):
    """An activation of each element of a list; of a bare Value, of that.

    >>> Elementwise("tanh")([0.0, 0.0])
    [0.0, 0.0]
    """

    def __init__(self, activation: str | Callable[[Any], Any]) -> None:
        self.activation = resolve(activation)

    def __call__(self, x: Any) -> Any:
        """Return the list of results."""
        if self.activation is softmax:
            return softmax(vector(x, "softmax"))
        results = [self.activation(a) for a in vector(x, "Sequential")]
        return results if isinstance(x, (list, tuple)) or len(results) > 1 else results[0]

    def __repr__(self) -> str:
        return getattr(self.activation, "__name__", repr(self.activation))


def _part(part: Any) -> Any:
    if isinstance(part, str):
        return Elementwise(part)
    if not callable(part):
        got = f"{type(part).__name__} {part!r:.60}"
        raise TypeError(f"a part of `Sequential` is a Module, a function or a name, got {got}")
    return part

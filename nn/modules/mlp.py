"""MLP: fully connected layers one after the other, hidden ones with an activation, the last one linear by default."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..checks.numbers import size
from ..checks.seeds import generator
from .activation import Activation, resolve
from .layer import Layer
from .module import Module


class MLP(Module):
    """A multi-layer perceptron with `nin` inputs and layers of `nouts` neurons; micrograd's where only those are given.

    `activation`, a name or a function of a Value, is that of the hidden layers, a list has one for each; `output` is
    that of the last layer, also "softmax". `init` is "uniform" in ±1, "glorot" or "he"; the weights are drawn by
    `rng`, a seed or a NumPy Generator, or else by Python's `random`. Raises ValueError for no layer, for sizes below 1
    and for a list of activations of another length.

    >>> net = MLP(2, [3, 1], activation="tanh", rng=0)
    >>> net
    MLP of [Layer of [TanhNeuron(2), TanhNeuron(2), TanhNeuron(2)], Layer of [LinearNeuron(3)]]
    >>> len(net.parameters())
    13
    """

    def __init__(
        self,
        nin: int,
        nouts: Sequence[int],
        *,
        activation: str | Activation | Sequence[str | Activation] = "relu",
        output: str | Activation = "linear",
        init: str = "uniform",
        rng: int | np.random.Generator | None = None,
    ) -> None:
        sizes = [size(nin, "nin"), *_sizes(nouts)]
        if isinstance(activation, str):
            resolve(activation)  # a wrong name is an error also where no layer would use it
        choices = [resolve(choice) for choice in (*_hidden(activation, len(sizes) - 2), output)]
        draw = None if rng is None else generator(rng)
        self.layers = [
            Layer(inputs, outputs, activation=choice, init=init, rng=draw)
            for inputs, outputs, choice in zip(sizes[:-1], sizes[1:], choices, strict=True)
        ]
        for i, layer in enumerate(self.layers):
            layer.path = f"layers.{i}"

    def __call__(self, x: Any) -> Any:
        """Return the outputs for x, `nin` numbers or Values: a list of Values, a bare Value if there is one."""
        for layer in self.layers:
            x = layer(x)
        return x

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(map(str, self.layers))}]"


def _sizes(nouts: Any) -> list[int]:
    if isinstance(nouts, str) or not isinstance(nouts, Iterable):
        raise TypeError(f"`nouts` is a sequence such as [16, 1], got {type(nouts).__name__} {nouts!r}")
    sizes = [size(nout, f"nouts[{i}]") for i, nout in enumerate(nouts)]
    if not sizes:
        raise ValueError("`nouts` is empty: a net has at least one layer")
    return sizes


def _hidden(activation: Any, count: int) -> list[Any]:
    """Return the activation of each of `count` hidden layers."""
    if not isinstance(activation, (list, tuple)):
        return [activation] * count
    if len(activation) != count:
        raise ValueError(f"`activation` has one entry for each of {count} hidden layers, got {len(activation)}")
    return list(activation)

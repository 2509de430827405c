"""Neuron and Layer: z = ⟨w, x⟩ + b for each output, then an activation."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff import Value, dot, softmax
from autodiff.arrays import Floats
from autodiff.bulk import assign_scopes
from autodiff.observed import Tracked

from ..checks.arrays import numbers
from ..checks.numbers import positive, size
from ..checks.seeds import generator
from ..checks.vector import vector
from ..values import data_of, write
from .activation import Activation, linear, resolve, title
from .module import Module

INITS: dict[str, Callable[[int, int], float]] = {  # weights are uniform in ±limit(inputs, outputs)
    "uniform": lambda nin, nout: 1.0,
    "glorot": lambda nin, nout: (6.0 / (nin + nout)) ** 0.5,  # Glorot & Bengio 2010, eq. 16: variance 2/(nin + nout)
    "he": lambda nin, nout: (6.0 / nin) ** 0.5,  # He et al. 2015, eq. 10: variance 2/nin
}


class Neuron(Module):
    """A weighted sum of the inputs and a bias, through an activation.

    `activation`, a name or a function of a Value, wins over micrograd's `nonlin`: relu, or linear where it is False.
    Weights are drawn uniformly from ±`limit` by `rng`, a seed or a NumPy Generator, or else by Python's `random`; the
    bias is 0. Raises ValueError for fewer than one input.

    >>> neuron = Neuron(2, activation="tanh")
    >>> neuron, neuron([0.0, 0.0]).data
    (TanhNeuron(2), 0.0)
    """

    def __init__(
        self,
        nin: int,
        nonlin: bool = True,
        *,
        activation: str | Activation | None = None,
        limit: float = 1.0,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        function = resolve(_choice(nonlin, activation))
        if function is softmax:
            raise ValueError("softmax is a function of all outputs: give it to a `Layer`, or to `MLP` as `output`")
        draw: Any = random if rng is None else generator(rng)
        limit = positive(limit, "limit")
        self.w: list[Value] = Tracked(Value(draw.uniform(-limit, limit)) for _ in range(size(nin, "nin")))
        self.b = Value(0.0)
        self.activation = function
        self._name("neuron")

    def __call__(self, x: Any) -> Value:
        """Return the output for x: a list of numbers or Values, one for each weight, or a bare one for one weight."""
        weighted = dot(self.w, _inputs(x, len(self.w), self))
        output: Value = self.activation(weighted + self.b)
        assign_scopes([output], [weighted], [self._tag])
        return output

    def _name(self, path: str) -> None:
        """Set the scope of the parameters and of all nodes computed here to their attribute path."""
        self._tag = ("", None, path)
        for i, weight in enumerate(self.w):
            weight.scope = f"{path}.w.{i}"
        self.b.scope = f"{path}.b"

    def __repr__(self) -> str:
        return f"{title(self.activation)}Neuron({len(self.w)})"


class Layer(Module):
    """Neurons that share their inputs.

    `activation` is that of every neuron, or "softmax" of the list of all outputs; `init` is "uniform" (±1), "glorot"
    or "he". Raises ValueError for fewer than one input or output and for an unknown `init`.

    >>> layer = Layer(2, 3, activation="softmax", rng=0)
    >>> outputs = layer([1.0, 2.0])
    >>> len(outputs), round(sum(a.data for a in outputs), 12)
    (3, 1.0)
    >>> layer.W = [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
    >>> layer.W.shape, layer.b
    ((3, 2), array([0., 0., 0.]))
    """

    def __init__(
        self,
        nin: int,
        nout: int,
        *,
        nonlin: bool = True,
        activation: str | Activation | None = None,
        init: str = "uniform",
        rng: int | np.random.Generator | None = None,
    ) -> None:
        if init not in INITS:
            raise ValueError(f"`init` is one of {', '.join(INITS)}, got {init!r}")
        function = resolve(_choice(nonlin, activation))
        self.softmax = function is softmax
        limit = INITS[init](size(nin, "nin"), size(nout, "nout"))
        draw = None if rng is None else generator(rng)
        each = linear if self.softmax else function
        self.neurons = [Neuron(nin, activation=each, limit=limit, rng=draw) for _ in range(nout)]
        self.path = "layer"

    def __call__(self, x: Any) -> Any:
        """Return the outputs for x, a list of numbers or Values: a list of Values, a bare Value if there is one."""
        x = _inputs(x, len(self.neurons[0].w), self.path)
        sums, outputs = [], []
        for neuron in self.neurons:
            sums.append(weighted := dot(neuron.w, x))
            outputs.append(neuron.activation(weighted + neuron.b))
        assign_scopes(outputs, sums, [neuron._tag for neuron in self.neurons])
        if self.softmax:
            outputs = softmax(outputs)
            assign_scopes(outputs, [None] * len(outputs), [self._tag] * len(outputs))
        return outputs[0] if len(outputs) == 1 else outputs

    @property
    def path(self) -> str:
        """The name in errors and pictures, the scope of its nodes; a net sets it to the attribute path of the layer.

        >>> Layer(2, 3).path
        'layer'
        """
        return str(self._tag[2])

    @path.setter
    def path(self, path: str) -> None:
        self._tag = ("", None, path)
        for i, neuron in enumerate(self.neurons):
            neuron._name(f"{path}.neurons.{i}")

    @property
    def W(self) -> Floats:  # noqa: N802 (a matrix)
        """A copy of the weights, shape (outputs, inputs); assigning to `W` sets them, to an element of it does not."""
        return data_of(self._weights())

    @W.setter
    def W(self, weights: Any) -> None:  # noqa: N802
        values = self._weights()
        write(values.flat, numbers(weights, values.shape, f"{self.path}.W"))

    @property
    def b(self) -> Floats:
        """A copy of the biases, shape (outputs,); assigning to `b` sets them, to an element of it does not."""
        return data_of(self._biases())

    @b.setter
    def b(self, biases: Any) -> None:
        values = self._biases()
        write(values.flat, numbers(biases, values.shape, f"{self.path}.b"))

    def _weights(self) -> NDArray[np.object_]:
        return np.array([neuron.w for neuron in self.neurons], dtype=object)

    def _biases(self) -> NDArray[np.object_]:
        return np.array([neuron.b for neuron in self.neurons], dtype=object)

    def _tensors(self) -> Mapping[str, Any]:
        others = {name: part for name, part in vars(self).items() if name != "neurons"}
        activations = [neuron.activation for neuron in self.neurons]  # an activation may be a Module
        return {"weight": self._weights(), "bias": self._biases(), **others, "activations": activations}

    def __repr__(self) -> str:
        return f"{'Softmax' * self.softmax}Layer of [{', '.join(map(str, self.neurons))}]"


def _choice(nonlin: Any, activation: str | Activation | None) -> str | Activation:
    if isinstance(nonlin, str) or callable(nonlin):
        raise TypeError(f"`nonlin` is a bool, got {nonlin!r}. Name it: activation={nonlin!r}")
    if activation is not None:
        return activation
    return "relu" if nonlin else "linear"


def _inputs(x: Any, width: int, taker: object) -> list[Any]:
    xs = vector(x, taker)
    if len(xs) != width:
        raise ValueError(f"`{taker}` takes {width} input{'s' * (width > 1)}, got {len(xs)}")
    return xs

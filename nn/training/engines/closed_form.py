"""The closed-form engine: BP1–BP4 of `nn.backprop` as matrix equations on whole batches, for an MLP.

The activations σ, their derivatives σ′, the loss and its gradient are compiled and mapped over arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import autodiff
from autodiff import Value
from autodiff.arrays import Floats

from ...backprop.equations import collected, deltas, propagate
from ...losses.registry import Loss
from ...modules.activation import Activation
from ...modules.layer import Layer
from ...modules.mlp import MLP
from ...modules.module import Module
from ...values import read
from .engine import Step


class ClosedForm:
    """BP1–BP4 for the mean of a loss over rows, with a weight for each row if `weighted`.

    Raises TypeError for a model that is no MLP, and for activations with parameters: the equations have no derivative
    by these.

    >>> from nn import MLP, half_mse
    >>> net = MLP(1, [1])
    >>> X, Y, slope = np.array([[1.0], [3.0]]), np.array([3.0, 6.0]), np.empty(2)
    >>> engine = ClosedForm(net, half_mse, None, net.parameters())
    >>> engine.bind((X, Y))(np.array([2.0, 0.0]), slope), slope
    (0.25, array([-0.5, -0.5]))
    """

    name = "backprop"

    def __init__(
        self, model: Any, loss: Loss, right: Loss | None, parameters: Sequence[Value], *, weighted: bool = False
    ) -> None:
        if type(model) is not MLP:
            raise TypeError(f"`engine='backprop'` is the closed form of an MLP, got {type(model).__name__}")
        self.model, self.weighted = model, weighted
        self.layers = [_CompiledLayer(layer) for layer in model.layers]
        every = model.parameters()
        index = {id(v): i for i, v in enumerate(every)}
        if not all(id(v) in index for v in parameters):
            raise TypeError("`engine='backprop'` trains the parameters of the model alone, not those of its loss")
        self.indexes = np.array([index[id(v)] for v in parameters], np.intp)
        self.theta = read(every)
        self.cost = autodiff.compile(lambda a, y: _loss_and_accuracy(loss, right, a, y))
        self.slope = autodiff.compile(lambda a, y: autodiff.grad(lambda a: loss(_unwrapped(a), y))(a))

    def bind(self, arrays: Sequence[Floats]) -> Step:
        """Return the Step that reads these arrays."""

        def step(theta: Floats, out: Floats) -> Any:
            self._set(theta)
            run, Y, m = propagate(self.layers, arrays[0].T), arrays[1], len(arrays[0])
            outputs = np.ascontiguousarray(run.A[-1].T)
            G = self.slope.map(outputs, Y) * self._weights(arrays)[:, None] / m
            found = collected(0.0, run, deltas(self.layers, run, G.T))
            flat = [np.column_stack(pair).ravel() for pair in zip(found.dW, found.db, strict=True)]
            np.concatenate(flat).take(self.indexes, out=out, mode="clip")
            return self._mean(outputs, arrays)

        return step

    def value(self, theta: Floats, arrays: Sequence[Floats]) -> Any:
        """Return the mean objective over the rows of `arrays`, without a gradient."""
        self._set(theta)
        return self._mean(np.ascontiguousarray(propagate(self.layers, arrays[0].T).A[-1].T), arrays)

    def refresh(self) -> None:
        """Read all parameters again, those that are not trained, too."""
        self.theta = read(self.model.parameters())

    def _set(self, theta: Floats) -> None:
        """Set W and b of each layer to views of the parameters, those that are trained to theta."""
        self.theta[self.indexes] = theta
        start = 0
        for layer in self.layers:
            block = self.theta[start : start + layer.size].reshape(layer.shape)
            layer.W, layer.b = block[:, :-1], block[:, -1]
            start += layer.size

    def _mean(self, outputs: Floats, arrays: Sequence[Floats]) -> Any:
        found = self.cost.map(outputs, arrays[1])
        costs, *right = found if isinstance(found, tuple) else (found,)
        cost = float((self._weights(arrays) * costs).mean())
        return (cost, float(right[0].mean())) if right else cost

    def _weights(self, arrays: Sequence[Floats]) -> Floats:
        return arrays[2] if self.weighted else np.ones(len(arrays[0]))


class _CompiledLayer:
    """A Layer as the equations take it: W, b, and the activation, compiled and mapped over arrays."""

    W: Floats
    b: Floats

    def __init__(self, layer: Layer) -> None:
        self.shape = len(layer.neurons), len(layer.neurons[0].w) + 1
        self.size = self.shape[0] * self.shape[1]
        self.softmax = layer.softmax
        functions = [neuron.activation for neuron in layer.neurons]
        if any(isinstance(f, Module) for f in functions):
            raise TypeError(f"`{layer.path}` has an activation with parameters, of which the closed form knows nothing")
        distinct = {id(f): f for f in functions}
        self.maps = [
            (slice(None) if len(distinct) == 1 else [i for i, g in enumerate(functions) if g is f], *_compiled(f))
            for f in distinct.values()
        ]
        self.whole = autodiff.compile(lambda z: autodiff.softmax(list(z)))
        self.pulled = autodiff.compile(lambda z, g: autodiff.vjp(autodiff.softmax, list(z))[1](list(g))[0])

    def activate(self, Z: Floats) -> Floats:
        if self.softmax:
            return np.array(self.whole.map(np.ascontiguousarray(Z.T)))
        return self._mapped(Z, lambda value, _: value)

    def through(self, Z: Floats, G: Floats) -> Floats:
        if self.softmax:
            return np.array(self.pulled.map(np.ascontiguousarray(Z.T), np.ascontiguousarray(G.T)))
        return G * self._mapped(Z, lambda _, slope: slope)

    def _mapped(self, Z: Floats, choose: Callable[[Any, Any], Any]) -> Floats:
        out = np.empty_like(Z)
        for rows, value, slope in self.maps:
            part = Z[rows]
            out[rows] = choose(value, slope).map(part.ravel()).reshape(part.shape)
        return out


def _compiled(f: Activation) -> tuple[Any, Any]:
    """Return an activation and its derivative, compiled."""
    return autodiff.compile(lambda z: f(z)), autodiff.compile(autodiff.grad(f))


def _loss_and_accuracy(loss: Loss, right: Loss | None, a: Any, y: Any) -> Any:
    cost = loss(_unwrapped(a), y)
    return cost if right is None else (cost, right(_unwrapped(a), y))


def _unwrapped(outputs: Any) -> Any:
    """Return a single output bare, several as a list: the form in which a loss takes them."""
    return outputs[0] if len(outputs) == 1 else list(outputs)

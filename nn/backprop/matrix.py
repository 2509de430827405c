"""Backpropagation in closed form: BP1–BP4 in NumPy for any MLP, for one example and for m examples in columns.

Layer l = 1 … L has the weights Wˡ, shape (nˡ, nˡ⁻¹), zˡ = Wˡaˡ⁻¹ + bˡ and aˡ = σˡ(zˡ), from a⁰ = x. Texts that put
examples in rows have the transpose: Zᵀ = Aᵀ Wᵀ + bᵀ, with weights of shape (inputs, outputs) and ∂E/∂W = Aᵀ ∂E/∂Z.
σ′ and ∇C are not written here: they come from the table of `autodiff`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autodiff
from autodiff import Value
from autodiff.arrays import Floats

from ..checks.arrays import reals
from ..checks.vector import plain
from ..losses.regression import half_mse
from ..modules.layer import Layer
from ..modules.mlp import MLP
from .equations import Forward as Forward
from .equations import Gradients as Gradients
from .equations import collected, deltas, propagate

Cost = Callable[[Any, Any], Any]


@np.errstate(all="ignore")
def forward(mlp: MLP, X: Any) -> Forward:
    """Return zˡ and aˡ of every layer for X: one example, shape (n⁰,), or m examples in columns, (n⁰, m).

    >>> net = MLP(2, [1])
    >>> net.layers[0].W, net.layers[0].b = [[2.0, 3.0]], [1.0]
    >>> forward(net, [[1.0, 0.0], [0.0, 1.0]]).Z[0]
    array([[3., 4.]])
    """
    return propagate(_affine(mlp), _inputs(mlp, X))


@np.errstate(all="ignore")
def gradients(mlp: MLP, x: Any, y: Any, *, cost: Cost = half_mse) -> Gradients:
    """Return C = cost(aᴸ, y) for one example x, shape (n⁰,), and its derivatives by BP1–BP4.

    `cost` is any differentiable function of the outputs, a list, or a bare Value if there is one, and of y as given.

    >>> net = MLP(2, [1])
    >>> net.layers[0].W, net.layers[0].b = [[2.0, 3.0]], [1.0]
    >>> gradients(net, [1.0, 2.0], [8.0]).dW
    (array([[1., 2.]]),)
    """
    run = forward(mlp, x)
    if run.A[0].ndim != 1:
        raise ValueError(f"`gradients` takes one example, got shape {np.shape(x)}. Take `batch_gradients` for more")
    C, slope = cost_and_slope(cost, run.A[-1].tolist(), y)
    delta = deltas(_affine(mlp), run, np.array(slope))  # BP1, BP2
    db = [d.copy() for d in delta]  # BP3: ∂C/∂bˡ = δˡ
    dW = [np.outer(d, a) for d, a in zip(delta, run.A[:-1], strict=True)]  # BP4: ∂C/∂Wˡ = δˡ aˡ⁻¹ᵀ
    return Gradients(C, delta, tuple(dW), tuple(db))


@np.errstate(all="ignore")
def batch_gradients(mlp: MLP, X: Any, Y: Any, *, cost: Cost = half_mse) -> Gradients:
    """Return E = 1/m Σ cost(aᴸ, y) over m examples, the columns of X (n⁰, m), and its derivatives.

    The targets are the columns of Y, or its entries if it has one dimension. With the cost `half_mse`, E is
    1/(2m) Σ (A − Y)². Raises ValueError for another number of targets, or none.

    >>> net = MLP(2, [1])
    >>> net.layers[0].W, net.layers[0].b = [[2.0, 3.0]], [1.0]
    >>> batch_gradients(net, [[1.0, 0.0], [0.0, 1.0]], [1.0, 2.0]).db
    (array([2.]),)
    """
    X, targets = examples(mlp, X, Y)
    run, m = forward(mlp, X), len(targets)
    pairs = [cost_and_slope(cost, a, y) for a, y in zip(run.A[-1].T.tolist(), targets, strict=True)]
    G = np.array([slope for _, slope in pairs]).T / m
    return collected(sum(C for C, _ in pairs) / m, run, deltas(_affine(mlp), run, G))


def cost_and_slope(cost: Cost, a: list[float], y: Any) -> tuple[float, list[float]]:
    """Return C = cost(a, y) and ∇ₐC for the outputs a of one example; a single one is passed bare, as nets give it.

    >>> cost_and_slope(half_mse, [3.0, 1.0], [0.0, 1.0])
    (4.5, [3.0, 0.0])
    """
    if not callable(cost):
        raise TypeError(f"`cost` is a function of outputs and target, such as `nn.mse`, got {cost!r:.60}")
    C, slope = autodiff.value_and_grad(lambda a: cost(_bare(a), y))(a)
    return plain(C), [plain(g) for g in slope]


def cost_of(cost: Cost, a: list[float], y: Any) -> float:
    """Return C = cost(a, y), as `cost_and_slope` does without the slope.

    >>> cost_of(half_mse, [3.0, 1.0], [0.0, 1.0])
    4.5
    """
    return plain(cost(_bare([Value(x) for x in a]), y))


def examples(mlp: MLP, X: Any, Y: Any) -> tuple[Floats, list[Any]]:
    """Return X, (n⁰, m), and its m targets: the columns of Y, (k, m), or its entries, (m,).

    Raises ValueError for other shapes and for m = 0.

    >>> examples(MLP(2, [1]), [[1.0, 2.0], [3.0, 4.0]], [5.0, 6.0])[1]
    [5.0, 6.0]
    """
    X, Y = _inputs(mlp, X), np.asarray(Y)
    if X.ndim != 2 or Y.ndim not in (1, 2) or X.shape[1] != Y.shape[-1] or X.shape[1] == 0:
        raise ValueError(f"X is (inputs, m), Y (targets, m) or (m,), and m ≥ 1; got {X.shape} and {Y.shape}")
    return X, Y.T.tolist()


def _inputs(mlp: MLP, X: Any) -> Floats:
    """Return X as an array of shape (n⁰,) or (n⁰, m), m ≥ 1. Raises ValueError for another shape."""
    if not isinstance(mlp, MLP):
        raise TypeError(f"the closed form is that of an `MLP`, got {type(mlp).__name__}")
    array, nin = reals(X, "X"), len(mlp.layers[0].neurons[0].w)
    if array.ndim not in (1, 2) or len(array) != nin or not array.size:
        raise ValueError(f"`layers.0` takes {nin} inputs: shape ({nin},), or ({nin}, m) in columns; got {array.shape}")
    return array


class _Exact:
    """A Layer as the equations see it, its activation run on floats and Values one by one: their bits."""

    def __init__(self, layer: Layer) -> None:
        self.layer, self.W, self.b = layer, layer.W, layer.b

    def activate(self, Z: Floats) -> Floats:
        return activate(self.layer, Z)

    def through(self, Z: Floats, G: Floats) -> Floats:
        if not self.layer.softmax:
            return G * slopes(self.layer, Z)
        pairs = zip(_columns(Z), G.reshape(len(G), -1).T, strict=True)
        return np.array([np.array(autodiff.jacobian(autodiff.softmax)(z)).T @ g for z, g in pairs]).reshape(Z.T.shape).T


def _affine(mlp: MLP) -> list[_Exact]:
    return [_Exact(layer) for layer in mlp.layers]


def activate(layer: Layer, Z: Floats) -> Floats:
    """Return aˡ = σˡ(zˡ) of the shape of Z, (nˡ,) or (nˡ, m).

    >>> activate(Layer(1, 2), np.array([3.0, -1.0]))
    array([3., 0.])
    """
    if layer.softmax:
        return np.array([autodiff.softmax(z) for z in _columns(Z)]).reshape(Z.T.shape).T
    rows = zip(layer.neurons, Z.reshape(len(Z), -1).tolist(), strict=True)
    return np.array([[plain(neuron.activation(Value(z))) for z in row] for neuron, row in rows]).reshape(Z.shape)


def slopes(layer: Layer, Z: Floats) -> Floats:
    """Return σ′(Z), the derivative of each neuron's activation, of the shape of Z, (nˡ,) or (nˡ, m).

    >>> slopes(Layer(1, 2), np.array([3.0, -1.0]))
    array([1., 0.])
    """
    rows = zip(layer.neurons, Z.reshape(len(Z), -1).tolist(), strict=True)
    return np.array([_slope(neuron.activation, row) for neuron, row in rows]).reshape(Z.shape)


def _slope(activation: Callable[[Any], Any], z: list[float]) -> list[float]:
    """Return the derivative of `activation` at each of z."""
    return [plain(d) for d in autodiff.grad(lambda vs: autodiff.sum([activation(v) for v in vs]))(z)]


def _columns(Z: Floats) -> list[list[float]]:
    return Z.reshape(len(Z), -1).T.tolist()


def _bare(outputs: list[Any]) -> Any:
    return outputs[0] if len(outputs) == 1 else outputs

"""The closed form in components: BP1–BP4 as sums over i, j and c, to be read beside a derivation.

Neuron i of layer l has z_ic = Σ_j w_ij a_jc + b_i for example c, where a_jc is the output of neuron j below it.
Matrices are nested lists, z[l][i][c]; `backprop` is tested against this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import autodiff
from autodiff import Value

from ..checks.vector import plain
from ..losses.regression import half_mse
from ..modules.layer import Layer
from ..modules.mlp import MLP
from .matrix import Cost, cost_and_slope, examples

Matrix = list[list[float]]


@dataclass(frozen=True)
class Components:
    """E and, for each layer, z[l][i][c], a[l][i][c], ∂E/∂z_ic, ∂E/∂w_ij and ∂E/∂b_i; a[0] is the input."""

    cost: float
    z: list[Matrix]
    a: list[Matrix]
    delta: list[Matrix]
    dw: list[Matrix]
    db: list[list[float]]


def batch_gradients(mlp: MLP, X: Any, Y: Any, *, cost: Cost = half_mse) -> Components:
    """Return E = 1/m Σ_c cost(a_·c, y_·c) and its derivatives, for X and Y as `backprop.batch_gradients` takes them.

    >>> net = MLP(2, [1])
    >>> net.layers[0].W, net.layers[0].b = [[2.0, 3.0]], [1.0]
    >>> batch_gradients(net, [[1.0, 0.0], [0.0, 1.0]], [[1.0, 2.0]]).dw
    [[[1.0, 1.0]]]
    """
    X, targets = examples(mlp, X, Y)
    m, z, a = len(targets), [], [X.tolist()]
    for layer in mlp.layers:
        z.append(_weighted(layer, a[-1], m))
        a.append(_activated(layer, z[-1], m))
    E, slope = _cost(a[-1], targets, m, cost)
    delta: list[Matrix] = []
    for layer, z_l in zip(reversed(mlp.layers), reversed(z), strict=True):
        delta.insert(0, _through(layer, z_l, slope, m))
        slope = _back(layer, delta[0], m)
    dw = [
        [[sum(d[i][c] * below[j][c] for c in range(m)) for j in range(len(below))] for i in range(len(d))]
        for d, below in zip(delta, a[:-1], strict=True)
    ]
    db = [[sum(d[i][c] for c in range(m)) for i in range(len(d))] for d in delta]
    return Components(E, z, a, delta, dw, db)


def _weighted(layer: Layer, a: Matrix, m: int) -> Matrix:
    """Return z_ic = Σ_j w_ij a_jc + b_i."""
    W, b = layer.W.tolist(), layer.b.tolist()
    return [[sum(W[i][j] * a[j][c] for j in range(len(a))) + b[i] for c in range(m)] for i in range(len(W))]


def _activated(layer: Layer, z: Matrix, m: int) -> Matrix:
    """Return a_ic = σ(z_ic), or softmax_i(z_·c)."""
    if layer.softmax:
        columns = [autodiff.softmax([row[c] for row in z]) for c in range(m)]
        return [[columns[c][i] for c in range(m)] for i in range(len(z))]
    return [[plain(n.activation(Value(x))) for x in row] for n, row in zip(layer.neurons, z, strict=True)]


def _cost(a: Matrix, targets: list[Any], m: int, cost: Cost) -> tuple[float, Matrix]:
    """Return E = 1/m Σ_c cost_c and ∂E/∂a_ic = 1/m ∂cost_c/∂a_ic."""
    E, slope = 0.0, [[0.0] * m for _ in a]
    for c in range(m):
        cost_c, slope_c = cost_and_slope(cost, [row[c] for row in a], targets[c])
        E += cost_c / m
        for i in range(len(a)):
            slope[i][c] = slope_c[i] / m
    return E, slope


def _through(layer: Layer, z: Matrix, slope: Matrix, m: int) -> Matrix:
    """Return ∂E/∂z_ic = ∂E/∂a_ic σ′(z_ic), or Σ_k ∂E/∂a_kc ∂a_kc/∂z_ic where each output depends on each z_ic."""
    n = range(len(z))
    if layer.softmax:
        J = [autodiff.jacobian(autodiff.softmax)([row[c] for row in z]) for c in range(m)]
        return [[sum(slope[k][c] * J[c][k][i] for k in n) for c in range(m)] for i in n]
    return [[slope[i][c] * plain(autodiff.grad(layer.neurons[i].activation)(z[i][c])) for c in range(m)] for i in n]


def _back(layer: Layer, delta: Matrix, m: int) -> Matrix:
    """Return ∂E/∂a_jc = Σ_i w_ij ∂E/∂z_ic for the layer below."""
    W = layer.W.tolist()
    return [[sum(W[i][j] * delta[i][c] for i in range(len(W))) for c in range(m)] for j in range(len(W[0]))]

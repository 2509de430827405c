"""check_backprop: the gradient of a net by autodiff, by BP1–BP4 and by finite differences, side by side."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import autodiff
from autodiff import Value
from autodiff.arrays import Floats

from ..checks.arrays import reals
from ..checks.vector import plain
from ..losses.regression import half_mse
from ..modules.mlp import MLP
from .matrix import Cost, batch_gradients, cost_of, forward

STEP = 2.0**-17  # near ∛ε, where truncation and rounding balance; a power of two, so that w ± h is mostly exact


@dataclass(frozen=True)
class LayerDifference:
    """The largest differences from autodiff in the gradient of one layer, weights and biases."""

    layer: str
    parameters: int
    backprop: float
    backprop_ulp: float
    finite: float
    finite_ulp: float


@dataclass(frozen=True)
class Comparison:
    """The differences layer by layer, first to last; `str` gives the table."""

    cost: float
    examples: int
    layers: tuple[LayerDifference, ...]

    def __str__(self) -> str:
        head = f"{'largest difference from autodiff':<34}{'BP1–BP4':<24}finite differences"
        names = f"{'layer':<12}{'parameters':>12}  {'absolute':>11}{'ulp':>11}  {'absolute':>11}{'ulp':>11}"
        rows = [
            f"{d.layer:<12}{d.parameters:>12}  {d.backprop:>11.2e}{d.backprop_ulp:>11.4g}"
            f"  {d.finite:>11.2e}{d.finite_ulp:>11.4g}"
            for d in self.layers
        ]
        return "\n".join([head, names, *rows])


def check_backprop(mlp: MLP, X: Any, Y: Any, *, cost: Cost = half_mse) -> Comparison:
    """Print and return how far apart three gradients of E = 1/m Σ cost(mlp(x), y) are, for every layer.

    The three are autodiff's, that of BP1–BP4 (`nn.backprop`) and central differences of step 2⁻¹⁷. Examples are the
    rows of X, (m, inputs), targets those of Y, (m, outputs) or (m,). An ulp is that of the larger number. The net is
    left as it was, gradients too. Near a kink, such as relu at 0, a finite difference is no derivative.

    >>> net = MLP(2, [1])
    >>> net.layers[0].W, net.layers[0].b = [[0.5, -1.0]], [0.25]
    >>> comparison = check_backprop(net, [[1.0, 2.0], [0.5, -0.25]], [1.0, 0.0])
    largest difference from autodiff  BP1–BP4                 finite differences
    layer         parameters     absolute        ulp     absolute        ulp
    layers.0               3     0.00e+00          0     0.00e+00          0
    >>> comparison.layers[0].backprop_ulp
    0.0
    """
    X, Y = reals(X, "X"), np.asarray(Y)
    if X.ndim != 2 or Y.ndim not in (1, 2) or not len(X) or len(X) != len(Y):
        raise ValueError(f"X is (m, inputs), Y (m, outputs) or (m,), and m ≥ 1; got {X.shape} and {Y.shape}")
    closed, exact = _by_backprop(mlp, X, Y, cost), _by_autodiff(mlp, X, Y, cost)
    finite = _by_differences(mlp, X, Y, cost)
    rows = [
        LayerDifference(f"layers.{i}", len(e), *_difference(c, e), *_difference(f, e))
        for i, (e, c, f) in enumerate(zip(exact, closed, finite, strict=True))
    ]
    comparison = Comparison(_mean_cost(mlp, X, Y, cost), len(X), tuple(rows))
    print(comparison)
    return comparison


def _by_autodiff(mlp: MLP, X: Floats, Y: NDArray[Any], cost: Cost) -> list[Floats]:
    """Return ∂E/∂w and ∂E/∂b, neuron by neuron in one array for each layer, by `autodiff.grad` of E."""
    net = deepcopy(mlp)

    def mean(rows: list[list[list[Value]]]) -> Any:
        for layer, neurons in zip(net.layers, rows, strict=True):
            for neuron, row in zip(layer.neurons, neurons, strict=True):
                neuron.w, neuron.b = row[:-1], row[-1]
        return autodiff.sum([cost(net(x), y) for x, y in zip(X.tolist(), Y.tolist(), strict=True)]) / len(X)

    at = [[[w.data for w in (*neuron.w, neuron.b)] for neuron in layer.neurons] for layer in net.layers]
    return [np.array([plain(d) for row in neurons for d in row]) for neurons in autodiff.grad(mean)(at)]


def _by_backprop(mlp: MLP, X: Floats, Y: NDArray[Any], cost: Cost) -> list[Floats]:
    """Return the arrays of `_by_autodiff` by BP1–BP4."""
    found = batch_gradients(mlp, X.T, Y.T, cost=cost)
    return [np.column_stack(pair).ravel() for pair in zip(found.dW, found.db, strict=True)]


def _by_differences(mlp: MLP, X: Floats, Y: NDArray[Any], cost: Cost) -> list[Floats]:
    """Return the arrays of `_by_autodiff` by central differences of the closed form's E."""
    net, found = deepcopy(mlp), []
    for a in forward(net, X.T).A[:-1]:
        found.append(np.array([_slope(net, p, a.T, Y, cost) for n in net.layers[0].neurons for p in (*n.w, n.b)]))
        del net.layers[0]  # its outputs, the next a, do not depend on the weights above
    return found


def _mean_cost(mlp: MLP, X: Floats, Y: NDArray[Any], cost: Cost) -> float:
    """Return E = 1/m Σ cost(aᴸ, y), with aᴸ from the closed form."""
    outputs = forward(mlp, X.T).A[-1].T.tolist()
    return sum(cost_of(cost, a, y) for a, y in zip(outputs, Y.tolist(), strict=True)) / len(X)


@np.errstate(all="ignore")
def _difference(found: Floats, exact: Floats) -> tuple[float, float]:
    """Return the largest absolute difference, and the largest in ulp of the larger number; nan if there is one."""
    apart = np.where(found == exact, 0.0, np.abs(found - exact))
    ulp = np.spacing(np.maximum(np.abs(found), np.abs(exact)))
    return float(apart.max()), float(np.where(apart == 0.0, 0.0, apart / ulp).max())


def _slope(mlp: MLP, p: Value, X: Floats, Y: NDArray[Any], cost: Cost) -> float:
    """Return the central difference of E by one parameter."""
    at, E = p.data, []
    for w in (at + STEP, at - STEP):
        p.data = w
        E.append(_mean_cost(mlp, X, Y, cost))
    p.data = at
    return (E[0] - E[1]) / (2.0 * STEP)

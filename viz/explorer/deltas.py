"""The errors δ of each layer of a net, found in a graph of Values, beside the equations BP1–BP4 that they satisfy.

A neuron is known by its scope, `layers.1.neurons.0`, and computes z = ⟨w, x⟩ + b and a = σ(z), once for each example.
The numbers of the equations are put together here from weights, partials and errors, and held against the adjoints
that the engine's own pass gives.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autodiff.linearization import accumulate, written
from autodiff.node import Node

Adjoints = Mapping[int, float]  # by the id of a node

NEURON = re.compile(r"(.*)\.neurons\.(\d+)")


@dataclass(slots=True)
class Firing:
    """A neuron at work on one example: `sum` is z, `output` a, `slope` σ′(z)."""

    sum: Any
    path: list[Any] = field(default_factory=list)  # from z to a

    @property
    def output(self) -> Any:
        """The value that a is."""
        return self.path[-1]

    @property
    def slope(self) -> float:
        """∂a/∂z, along all paths from z to a."""
        adjoint = {id(self.output): 1.0}
        accumulate(self.path[1:], adjoint, written)
        return adjoint.get(id(self.sum), 0.0)

    @property
    def products(self) -> list[tuple[Any, Any, float, float]]:
        """(w, x, the number of w, the number of x) for each weight and what it multiplies.

        Where x is no Value, no gradient goes to it and the number of w is not needed: 0.0.
        """
        weighted = self.sum.args[0]
        operands, partials = weighted.args, weighted.partials
        n = len(operands) // 2
        pairs = zip(operands[:n], operands[n:], partials[n:], partials[:n], strict=True)
        return [(w, x, 0.0 if to_x is None else to_x, 0.0 if to_w is None else to_w) for w, x, to_x, to_w in pairs]


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer: for each neuron its firings, one for each example; `softmax` if its outputs go through one together."""

    path: str
    neurons: tuple[tuple[Firing, ...], ...]
    softmax: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """An equation, and by how much its sides differ at most; None where it is not of this form."""

    name: str
    equation: str
    difference: float | None


def layers(nodes: Sequence[Node]) -> list[Layer]:
    """Return the layers of neurons among `nodes`, which are in the order of evaluation.

    >>> from autodiff.graph import postorder
    >>> from nn import MLP
    >>> output = MLP(2, [3, 1])([0.5, -1.0])
    >>> [(layer.path, len(layer.neurons)) for layer in layers(postorder([output], everything=True))]
    [('layers.0', 3), ('layers.1', 1)]
    """
    found: dict[str, dict[int, list[Firing]]] = {}
    for node in nodes:
        match = NEURON.fullmatch(node.scope) if node.op else None
        if match:
            firings = found.setdefault(match[1], {}).setdefault(int(match[2]), [])
            if _is_weighted_sum(node):
                firings.append(Firing(node, [node]))
            elif firings and node.op != "dot":
                firings[-1].path.append(node)
    scopes = {node.scope for node in nodes}
    return [
        Layer(path, tuple(tuple(neurons[i]) for i in sorted(neurons)), path in scopes)
        for path, neurons in found.items()
        if all(neurons.values())
    ]


def checks(net: Sequence[Layer], place: int, adjoint: Adjoints) -> list[Check]:
    """Return what BP1–BP4 say of the layer `net[place]`, and how well the pass that gave `adjoint` agrees.

    >>> from autodiff.graph import postorder
    >>> from nn import MLP
    >>> output = MLP(2, [1])([0.5, -1.0])
    >>> net = layers(postorder([output], everything=True))
    >>> adjoint = {id(p): d for p, d in zip(net[0].neurons[0][0].sum.args[0].args[:2], (0.5, -1.0))}
    >>> adjoint |= {id(output): 1.0, id(output.args[1]): 1.0}
    >>> [check.name for check in checks(net, 0, adjoint) if check.difference == 0.0]
    ['BP1', 'BP3', 'BP4']
    """
    layer, last = net[place], place == len(net) - 1
    delta = [[adjoint.get(id(firing.sum), 0.0) for firing in firings] for firings in layer.neurons]
    return [
        _first(layer, delta, adjoint) if last else _second(layer, net[place + 1], delta, adjoint),
        _third(layer, delta, adjoint),
        _fourth(layer, delta, adjoint),
    ]


def _is_weighted_sum(node: Node) -> bool:
    return node.op == "add" and isinstance(node.x, Node) and node.x.op == "dot" and node.x.scope == node.scope


def _first(layer: Layer, delta: list[list[float]], adjoint: Adjoints) -> Check:
    if layer.softmax:
        return Check("BP1", "δ = Jᵀ ∇ₐC, J that of the softmax", None)
    pairs = [(d, adjoint.get(id(firing.output), 0.0) * firing.slope) for firing, d in _each(layer, delta)]
    return Check("BP1", "δ = ∇ₐC ⊙ σ′(z)", _worst(pairs))


def _second(layer: Layer, above: Layer, delta: list[list[float]], adjoint: Adjoints) -> Check:
    back: defaultdict[int, float] = defaultdict(float)  # Σᵢ wᵢⱼ δᵢ of the layer above, for each output aⱼ
    for firings in above.neurons:
        for firing in firings:
            for _, x, weight, _ in firing.products:
                back[id(x)] += weight * adjoint.get(id(firing.sum), 0.0)
    pairs = [(d, back[id(firing.output)] * firing.slope) for firing, d in _each(layer, delta)]
    return Check("BP2", "δ = (Wᵀ δ of the next layer) ⊙ σ′(z)", _worst(pairs))


def _third(layer: Layer, delta: list[list[float]], adjoint: Adjoints) -> Check:
    biases = [firings[0].sum.args[1] for firings in layer.neurons]
    pairs = [(adjoint.get(id(b), 0.0), sum(row)) for b, row in zip(biases, delta, strict=True)]
    return Check("BP3", "∂C/∂b = δ" + _summed(delta), _worst(pairs))


def _fourth(layer: Layer, delta: list[list[float]], adjoint: Adjoints) -> Check:
    total: defaultdict[int, float] = defaultdict(float)
    for firing, d in _each(layer, delta):
        for w, _, _, number in firing.products:
            total[id(w)] += d * number
    pairs = [(adjoint.get(w, 0.0), found) for w, found in total.items()]
    return Check("BP4", "∂C/∂W = δ aᵀ of the layer below" + _summed(delta), _worst(pairs))


def _each(layer: Layer, delta: list[list[float]]) -> list[tuple[Firing, float]]:
    return [pair for firings, row in zip(layer.neurons, delta, strict=True) for pair in zip(firings, row, strict=True)]


def _summed(delta: list[list[float]]) -> str:
    return f", summed over {len(delta[0])} examples" if len(delta[0]) > 1 else ""


def _worst(pairs: Sequence[tuple[float, float]]) -> float:
    differences = [abs(a - b) for a, b in pairs if a != b]
    return math.nan if any(map(math.isnan, differences)) else max(differences, default=0.0)

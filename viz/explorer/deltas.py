"""The errors δ of each layer of a net, recovered from its graph of Values, and a check of BP1–BP4 on them.

A neuron is recognized by its scope, `layers.1.neurons.0`, and computes z = ⟨w, x⟩ + b and a = σ(z), once for each
example. Both sides of an equation are computed from weights, partials and errors, and compared with the adjoints of
the backward pass.
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
class Evaluation:
    """The evaluation of a neuron on one example: `sum` is z, `output` a, `slope` σ′(z)."""

    sum: Any
    path: list[Any] = field(default_factory=list)  # from z to a

    @property
    def output(self) -> Any:
        """The node whose value is a."""
        return self.path[-1]

    @property
    def slope(self) -> float:
        """∂a/∂z, along all paths from z to a."""
        adjoint = {id(self.output): 1.0}
        accumulate(self.path[1:], adjoint, written)
        return adjoint.get(id(self.sum), 0.0)

    @property
    def products(self) -> list[tuple[Any, Any, float, float]]:
        """(w, x, w.data, x.data) for each weight w and the input x that it multiplies.

        The numbers are the partials of the dot product: w.data is 0.0, and not needed, where x is no Value.
        """
        weighted = self.sum.args[0]
        operands, partials = weighted.args, weighted.partials
        n = len(operands) // 2
        pairs = zip(operands[:n], operands[n:], partials[n:], partials[:n], strict=True)
        return [(w, x, 0.0 if to_x is None else to_x, 0.0 if to_w is None else to_w) for w, x, to_x, to_w in pairs]


@dataclass(frozen=True, slots=True)
class TracedLayer:
    """A layer in a graph: the evaluations of each neuron, one an example; `softmax` if it ends in one."""

    path: str
    neurons: tuple[tuple[Evaluation, ...], ...]
    softmax: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """An equation and the largest |difference| of its sides, None where it does not apply in this form."""

    name: str
    equation: str
    difference: float | None


def layers(nodes: Sequence[Node]) -> list[TracedLayer]:
    """Return the layers whose neurons are evaluated in `nodes`, which are in the order of evaluation.

    >>> from autodiff.graph import postorder
    >>> from nn import MLP
    >>> output = MLP(2, [3, 1])([0.5, -1.0])
    >>> [(layer.path, len(layer.neurons)) for layer in layers(postorder([output], everything=True))]
    [('layers.0', 3), ('layers.1', 1)]
    """
    found: dict[str, dict[int, list[Evaluation]]] = {}
    for node in nodes:
        match = NEURON.fullmatch(node.scope) if node.op else None
        if match:
            evaluations = found.setdefault(match[1], {}).setdefault(int(match[2]), [])
            if _is_weighted_sum(node):
                evaluations.append(Evaluation(node, [node]))
            elif evaluations and node.op != "dot":
                evaluations[-1].path.append(node)
    scopes = {node.scope for node in nodes}
    return [
        TracedLayer(path, tuple(tuple(neurons[i]) for i in sorted(neurons)), path in scopes)
        for path, neurons in found.items()
        if all(neurons.values())
    ]


def checks(net: Sequence[TracedLayer], index: int, adjoint: Adjoints) -> list[Check]:
    """Return BP1–BP4 for the layer `net[index]`, each with the error that the adjoints of a pass leave in it.

    >>> from autodiff.graph import postorder
    >>> from nn import MLP
    >>> output = MLP(2, [1])([0.5, -1.0])
    >>> net = layers(postorder([output], everything=True))
    >>> adjoint = {id(p): d for p, d in zip(net[0].neurons[0][0].sum.args[0].args[:2], (0.5, -1.0))}
    >>> adjoint |= {id(output): 1.0, id(output.args[1]): 1.0}
    >>> [check.name for check in checks(net, 0, adjoint) if check.difference == 0.0]
    ['BP1', 'BP3', 'BP4']
    """
    layer, last = net[index], index == len(net) - 1
    delta = [[adjoint.get(id(evaluation.sum), 0.0) for evaluation in evaluations] for evaluations in layer.neurons]
    return [
        _first(layer, delta, adjoint) if last else _second(layer, net[index + 1], delta, adjoint),
        _third(layer, delta, adjoint),
        _fourth(layer, delta, adjoint),
    ]


def _is_weighted_sum(node: Node) -> bool:
    return node.op == "add" and isinstance(node.x, Node) and node.x.op == "dot" and node.x.scope == node.scope


def _first(layer: TracedLayer, delta: list[list[float]], adjoint: Adjoints) -> Check:
    if layer.softmax:
        return Check("BP1", "δ = Jᵀ ∇ₐC, J that of the softmax", None)
    pairs = [(d, adjoint.get(id(evaluation.output), 0.0) * evaluation.slope) for evaluation, d in _each(layer, delta)]
    return Check("BP1", "δ = ∇ₐC ⊙ σ′(z)", _worst(pairs))


def _second(layer: TracedLayer, above: TracedLayer, delta: list[list[float]], adjoint: Adjoints) -> Check:
    back: defaultdict[int, float] = defaultdict(float)  # Σᵢ wᵢⱼ δᵢ of the layer above, for each output aⱼ
    for evaluations in above.neurons:
        for evaluation in evaluations:
            for _, x, weight, _ in evaluation.products:
                back[id(x)] += weight * adjoint.get(id(evaluation.sum), 0.0)
    pairs = [(d, back[id(evaluation.output)] * evaluation.slope) for evaluation, d in _each(layer, delta)]
    return Check("BP2", "δ = (Wᵀ δ of the next layer) ⊙ σ′(z)", _worst(pairs))


def _third(layer: TracedLayer, delta: list[list[float]], adjoint: Adjoints) -> Check:
    biases = [evaluations[0].sum.args[1] for evaluations in layer.neurons]
    pairs = [(adjoint.get(id(b), 0.0), sum(row)) for b, row in zip(biases, delta, strict=True)]
    return Check("BP3", "∂C/∂b = δ" + _summed(delta), _worst(pairs))


def _fourth(layer: TracedLayer, delta: list[list[float]], adjoint: Adjoints) -> Check:
    total: defaultdict[int, float] = defaultdict(float)
    for evaluation, d in _each(layer, delta):
        for w, _, _, number in evaluation.products:
            total[id(w)] += d * number
    pairs = [(adjoint.get(w, 0.0), found) for w, found in total.items()]
    return Check("BP4", "∂C/∂W = δ aᵀ of the layer below" + _summed(delta), _worst(pairs))


def _each(layer: TracedLayer, delta: list[list[float]]) -> list[tuple[Evaluation, float]]:
    rows = zip(layer.neurons, delta, strict=True)
    return [pair for evaluations, row in rows for pair in zip(evaluations, row, strict=True)]


def _summed(delta: list[list[float]]) -> str:
    return f", summed over {len(delta[0])} examples" if len(delta[0]) > 1 else ""


def _worst(pairs: Sequence[tuple[float, float]]) -> float:
    differences = [abs(a - b) for a, b in pairs if a != b]
    return math.nan if any(map(math.isnan, differences)) else max(differences, default=0.0)

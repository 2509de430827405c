"""The errors of each layer, read from a graph, are those of the closed form, and satisfy BP1–BP4."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff
import nn
from autodiff import Value
from autodiff.graph import postorder
from tests.viz.conftest import Open
from viz import draw
from viz.explorer.deltas import checks, layers
from viz.explorer.steps import backward_steps

X = [[0.5, -1.0, 0.25], [-0.75, 0.5, 1.5], [1.0, 0.125, -0.5]]
Y = [[0.0, 1.0], [1.0, -1.0], [0.5, 0.25]]


def net_of(activation: Any = "tanh", output: Any = "linear") -> nn.MLP:
    return nn.MLP(3, [4, 3, 2], activation=activation, output=output, rng=0)


def cost(net: nn.MLP, count: int) -> Value:
    return autodiff.sum([nn.half_mse(net(x), y) for x, y in zip(X[:count], Y, strict=False)]) / count  # type: ignore[no-any-return]


def found(root: Value) -> tuple[Any, dict[int, float]]:
    adjoint = {id(a.operand): a.after for step in backward_steps(root) for a in step.additions}
    return layers(postorder([root], everything=True)), adjoint


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("activation", ["tanh", "relu", lambda z: z.exp() * z], ids=["tanh", "relu", "own"])
def test_errors_are_those_of_the_closed_form(activation: Any, count: int) -> None:
    net = net_of(activation, "sigmoid")
    net_layers, adjoint = found(cost(net, count))
    expected = nn.backprop.batch_gradients(net, np.array(X[:count]).T, np.array(Y[:count]).T)
    assert [layer.path for layer in net_layers] == ["layers.0", "layers.1", "layers.2"]
    for layer, delta in zip(net_layers, expected.delta, strict=True):
        ours = [[adjoint[id(evaluation.sum)] for evaluation in evaluations] for evaluations in layer.neurons]
        assert np.allclose(ours, delta, rtol=1e-13, atol=1e-17)


@pytest.mark.parametrize("activation", ["tanh", "relu", lambda z: z.exp() * z], ids=["tanh", "relu", "own"])
def test_each_layer_satisfies_its_equations(activation: Any) -> None:
    net_layers, adjoint = found(cost(net_of(activation), 3))
    reports = [checks(net_layers, place, adjoint) for place in range(3)]
    assert [[check.name for check in report] for report in reports] == [
        ["BP2", "BP3", "BP4"],
        ["BP2", "BP3", "BP4"],
        ["BP1", "BP3", "BP4"],
    ]
    assert max(check.difference for report in reports for check in report) < 1e-14


@pytest.mark.parametrize("which", ["z", "w", "b"])
def test_an_adjoint_that_is_wrong_is_noticed(which: str) -> None:
    net_layers, adjoint = found(cost(net_of(), 1))
    total = net_layers[1].neurons[0][0].sum
    wrong = {"z": total, "w": total.args[0].args[0], "b": total.args[1]}[which]
    adjoint[id(wrong)] += 0.5
    differences = {check.name: check.difference for check in checks(net_layers, 1, adjoint)}
    failing = {"z": {"BP2", "BP3", "BP4"}, "w": {"BP4"}, "b": {"BP3"}}[which]
    assert {name for name, difference in differences.items() if difference > 1e-3} == failing


def test_a_softmax_is_not_held_against_a_slope_for_each_neuron() -> None:
    net_layers, adjoint = found(-net_of(output="softmax")(X[0])[1].log())
    (bp1, bp3, bp4) = checks(net_layers, 2, adjoint)
    assert (bp1.equation, bp1.difference) == ("δ = Jᵀ ∇ₐC, J that of the softmax", None)
    assert max(bp3.difference or 0.0, bp4.difference or 0.0) < 1e-15


def test_a_graph_without_neurons_has_no_layers() -> None:
    assert layers(postorder([Value(2.0) * 3.0 + 1.0], everything=True)) == []


def test_a_net_that_gives_nan_is_explored_too() -> None:
    loss = nn.half_mse(nn.MLP(2, [2, 1], activation="tanh", rng=0)([float("nan"), 1.0]), 0.0)
    assert "to within nan" in draw(loss).explore().html


def test_the_page_shows_errors_as_they_come_to_be(browse: Open) -> None:
    net = nn.MLP(2, [2, 1], activation="tanh", rng=0)
    loss = (net([0.5, -1.0]) - 1.0) ** 2
    loss.label = "L"
    tab = browse(draw(loss).explore().html)
    panels = tab.locator("#layers details")
    assert panels.locator("summary").all_text_contents() == ["layers.1", "layers.0"]
    delta = nn.backprop.gradients(net, [0.5, -1.0], [1.0], cost=nn.mse).delta[1]
    shown = panels.nth(0).locator("[data-adjoint]")
    assert [float(text) for text in shown.all_text_contents()] == pytest.approx(delta.tolist(), rel=1e-13)
    assert "BP1 δ = ∇ₐC ⊙ σ′(z) exact" in panels.nth(0).inner_text()
    tab.keyboard.press("Home")
    assert shown.all_text_contents() == ["…"]

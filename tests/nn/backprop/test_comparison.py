"""check_backprop: three gradients side by side, and what it leaves alone."""

import math

import numpy as np
import pytest

import autodiff
from autodiff import Value
from nn import MLP, Layer, Module, check_backprop, half_mse, hinge
from nn.backprop import matrix


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "softplus", "sin"])
@pytest.mark.parametrize("output", ["linear", "softmax"])
def test_autodiff_backprop_and_finite_differences_agree(activation, output, capsys):
    rng = np.random.default_rng(0)
    net = MLP(3, [4, 3, 2], activation=activation, output=output, rng=rng)
    comparison = check_backprop(net, rng.normal(size=(6, 3)), rng.normal(size=(6, 2)))
    assert str(comparison) == capsys.readouterr().out.rstrip("\n")
    assert [row.parameters for row in comparison.layers] == [16, 15, 8]
    assert max(row.backprop for row in comparison.layers) < 1e-13
    assert max(row.finite for row in comparison.layers) < 1e-8


def test_hinge_with_bare_targets_agrees_with_autodiff(capsys):
    rng = np.random.default_rng(0)
    net = MLP(2, [5, 1], rng=rng)
    comparison = check_backprop(net, rng.normal(size=(8, 2)), rng.choice([-1, 1], 8), cost=hinge)
    assert max(row.backprop for row in comparison.layers) < 1e-14
    assert max(row.finite for row in comparison.layers) < 1e-8


def test_a_cost_of_the_bare_output_works_as_it_does_with_the_net(capsys):
    rng = np.random.default_rng(0)
    net = MLP(2, [5, 1], activation="tanh", rng=rng)
    X, y = rng.normal(size=(8, 2)), rng.normal(size=8)
    assert check_backprop(net, X, y, cost=lambda a, y: (a - y) ** 2 * a.sigmoid()).layers[0].backprop < 1e-14


def test_a_cost_or_an_activation_that_holds_values_gives_numbers(capsys):
    slope = Value(0.3)
    net = MLP(2, [3, 1], activation=lambda v: autodiff.maximum(v, slope * v), rng=0)
    X, y = np.random.default_rng(0).normal(size=(4, 2)), np.zeros(4)
    comparison = check_backprop(net, X, y, cost=lambda a, y: slope * (a - y) ** 2)
    assert max(row.backprop for row in comparison.layers) < 1e-14
    assert slope.grad == 0.0


def test_check_backprop_leaves_the_net_as_it_was(capsys):
    net = MLP(2, [3, 1], rng=0)
    net([1.0, 2.0]).backward()
    before = [(p.data, p.grad) for p in net.parameters()]
    check_backprop(net, [[1.0, 2.0]], [1.0])
    assert [(p.data, p.grad) for p in net.parameters()] == before


def test_check_backprop_leaves_the_gradients_as_they_were_when_the_cost_raises():
    net = MLP(2, [3, 1], rng=0)
    net([1.0, 2.0]).backward()
    before = [p.grad for p in net.parameters()]
    with pytest.raises(ValueError, match="targets of -1 or"):
        check_backprop(net, [[1.0, 2.0]], [0.5], cost=hinge)
    assert [p.grad for p in net.parameters()] == before


def test_check_backprop_shows_a_derivative_that_finite_differences_deny(capsys):
    net = MLP(1, [2, 1], activation=lambda v: v * v.detach(), rng=0)
    comparison = check_backprop(net, [[1.0], [0.5]], [1.0, 0.0])
    assert comparison.layers[0].finite > 1e-3
    assert comparison.layers[0].backprop < 1e-15


def test_check_backprop_shows_a_mistake_in_the_closed_form(capsys, monkeypatch):
    right = matrix.slopes
    monkeypatch.setattr(matrix, "slopes", lambda layer, Z: 1.001 * right(layer, Z))
    comparison = check_backprop(MLP(1, [2, 1], activation="tanh", rng=0), [[1.0], [0.5]], [1.0, 0.0])
    assert comparison.layers[0].backprop > 1e-5
    assert comparison.layers[0].finite < 1e-9


def test_check_backprop_shows_nan(capsys):
    comparison = check_backprop(MLP(2, [3, 1], rng=0), [[math.nan, 1.0]], [1.0])
    assert math.isnan(comparison.layers[0].backprop)


def test_check_backprop_finds_equal_infinities_equal(capsys):
    net = MLP(1, [1])
    net.layers[0].W = [[1.0]]
    (row,) = check_backprop(net, [[1e200]], [0.0]).layers
    assert (row.backprop, row.backprop_ulp) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("net", "cost", "message"),
    [
        (MLP(2, [1]), "mse", "`cost` is a function of outputs and target, such as `nn.mse`, got 'mse'"),
        (Layer(2, 1), half_mse, "the closed form is that of an `MLP`, got Layer"),
    ],
)
def test_what_is_no_net_and_no_cost_is_refused(net, cost, message):
    with pytest.raises(TypeError, match=message):
        check_backprop(net, [[1.0, 2.0]], [1.0], cost=cost)


def test_a_module_as_activation_is_compared_in_weights_and_biases(capsys):
    class Leak(Module):
        def __init__(self):
            self.slope = Value(0.25)

        def __call__(self, v):
            return autodiff.maximum(v, self.slope * v)

    rng = np.random.default_rng(0)
    comparison = check_backprop(MLP(2, [3, 1], activation=Leak(), rng=rng), rng.normal(size=(4, 2)), np.zeros(4))
    assert [row.parameters for row in comparison.layers] == [9, 4]
    assert max(row.backprop for row in comparison.layers) < 1e-14


@pytest.mark.parametrize(
    ("X", "Y", "message"),
    [
        ([[1.0, 2.0]], [1.0, 2.0], r"got \(1, 2\) and \(2,\)"),
        ([1.0, 2.0], [1.0], r"got \(2,\) and \(1,\)"),
        ([[1.0, 2.0]], 1.0, r"got \(1, 2\) and \(\)"),
        ([], [], "m ≥ 1"),
        ([[1.0]], [1.0], "`layers.0` takes 2 inputs"),
    ],
)
def test_shapes_that_do_not_fit_are_named(X, Y, message):
    with pytest.raises(ValueError, match=message):
        check_backprop(MLP(2, [3, 1], rng=0), X, Y)

"""Selection: frozen parts of a model, and optimizers used again with other parts frozen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autodiff import Value
from nn import MLP, SGD, Adam, fit
from nn.optimizers.base import Optimizer
from nn.training.engines.eager import EagerEngine

X = np.random.default_rng(0).normal(size=(12, 2))
Y = X[:, 0] - X[:, 1]


def net() -> MLP:
    return MLP(2, [2, 1], activation="tanh", rng=0)


def train(model: Any, rule: Optimizer, **options: Any) -> None:
    fit(model, X, Y, optimizer=rule, epochs=3, progress=False, **options)


@pytest.mark.parametrize("frozen", ["layers.0", "layers.1"])
def test_an_optimizer_moves_later_what_was_frozen_before(frozen: str) -> None:
    one, other, rule = net(), net(), Adam(lr=0.1)
    train(one, rule, frozen=[frozen])
    other.load_state(one.state())
    train(one, rule)
    train(other, Adam(lr=0.1))
    assert [p.data for p in one.parameters()] == [p.data for p in other.parameters()]


def test_an_optimizer_forgets_what_was_of_as_many_other_parameters() -> None:
    one, other, rule = net(), net(), Adam(lr=0.1)
    train(one, rule, frozen=["layers.1", "layers.0.neurons.0"])
    other.load_state(one.state())
    train(one, rule, frozen=["layers.1", "layers.0.neurons.1"])
    train(other, Adam(lr=0.1), frozen=["layers.1", "layers.0.neurons.1"])
    assert rule.steps == 3
    assert [p.data for p in one.parameters()] == [p.data for p in other.parameters()]


def test_arrays_are_frozen_by_the_names_that_they_are_saved_under() -> None:
    model = net()
    before = model.state()
    train(model, Adam(lr=0.1), frozen=["layers.0.weight", "layers.1.bias"])
    kept = {name: (array == before[name]).all() for name, array in model.state().items()}
    assert kept == {"layers.0.weight": True, "layers.0.bias": False, "layers.1.weight": False, "layers.1.bias": True}


def test_an_optimizer_of_chosen_parameters_keeps_to_them() -> None:
    model = net()
    before, rule = model.state(), SGD(model.layers[1].parameters(), lr=0.1)
    train(model, rule)
    train(model, rule)
    assert rule.steps == 6
    assert model.state()["layers.0.weight"].tolist() == before["layers.0.weight"].tolist()


def test_an_optimizer_without_parameters_steps_those_it_was_fitted_to() -> None:
    model, rule = net(), SGD(lr=0.5)
    train(model, rule)
    bias = model.layers[1].neurons[0].b
    expected = bias.data - 0.5
    rule.zero_grad()
    bias.grad = 1.0
    rule.step()
    assert bias.data == expected


def test_an_optimizer_goes_back_to_the_state_before_its_first_step() -> None:
    rule, p = Adam(lr=0.1), np.array([1.0])
    start = rule.state()
    rule.advance(p, np.array([1.0]))
    rule.load_state(start)
    rule.advance(p, np.array([1.0]))
    assert (rule.steps, p.round(6).tolist()) == (1, [0.8])


@pytest.mark.parametrize("other", [net(), net().layers[0], Value(1.0)], ids=["net", "layer", "value"])
def test_what_is_not_of_the_model_cannot_be_frozen(other: Any) -> None:
    with pytest.raises(ValueError, match="`frozen` has what is not of the model: "):
        train(net(), Adam(), frozen=[other])


def test_an_eager_value_leaves_gradients_alone() -> None:
    w = Value(2.0)
    w.grad = 3.0
    found = EagerEngine(lambda x, y: (w * x[0] - y) ** 2, [w]).value(
        np.array([1.0]), (np.array([[1.0]]), np.array([3.0]))
    )
    assert (found, w.data, w.grad) == (4.0, 1.0, 3.0)

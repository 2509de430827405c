"""Nets given only what micrograd's take are micrograd's: weights, order, repr, outputs and gradients."""

import random

import micrograd.nn
import pytest
from micrograd.engine import Value as Theirs

from autodiff import Value
from nn import MLP, Layer, Neuron


def same_seed(make, seed=7):
    random.seed(seed)
    return make()


def data(parameters):
    return [p.data for p in parameters]


@pytest.mark.parametrize("sizes", [(2, [16, 16, 1]), (3, [4, 2]), (1, [1]), (5, [3])])
def test_weights_are_drawn_as_micrograd_draws_them(sizes):
    ours, theirs = same_seed(lambda: MLP(*sizes)), same_seed(lambda: micrograd.nn.MLP(*sizes))
    assert data(ours.parameters()) == data(theirs.parameters())


def test_a_bias_draws_nothing():
    neuron = same_seed(lambda: [Neuron(2), random.random()])[1]
    assert neuron == same_seed(lambda: [random.uniform(-1, 1), random.uniform(-1, 1), random.random()])[2]


def test_repr_is_that_of_micrograd():
    assert repr(MLP(2, [3, 1])) == repr(micrograd.nn.MLP(2, [3, 1]))
    assert repr(Layer(2, 2, nonlin=False)) == repr(micrograd.nn.Layer(2, 2, nonlin=False))
    assert repr(Neuron(2)), repr(Neuron(2, False)) == ("ReLUNeuron(2)", "LinearNeuron(2)")


def test_moons_net_has_337_parameters():
    assert len(MLP(2, [16, 16, 1]).parameters()) == 337


def test_parameters_come_layer_by_layer_neuron_by_neuron_weights_before_bias():
    net = MLP(2, [3, 1])
    expected = [p for layer in net.layers for neuron in layer.neurons for p in [*neuron.w, neuron.b]]
    assert all(p is q for p, q in zip(net.parameters(), expected, strict=True))


@pytest.mark.parametrize("nonlin", [True, False])
def test_a_neuron_computes_and_differentiates_as_micrograd_does(nonlin):
    ours, theirs = same_seed(lambda: Neuron(3, nonlin)), same_seed(lambda: micrograd.nn.Neuron(3, nonlin))
    x = [0.5, -1.0, 0.25]
    out, reference = ours(x), theirs(x)
    out.backward()
    reference.backward()
    assert out.data == pytest.approx(reference.data, abs=1e-15)
    assert [p.grad for p in ours.parameters()] == pytest.approx([p.grad for p in theirs.parameters()], abs=1e-15)


@pytest.mark.parametrize("seed", range(10))
def test_a_net_computes_and_differentiates_as_micrograd_does(seed):
    ours = same_seed(lambda: MLP(3, [5, 4, 1]), seed)
    theirs = same_seed(lambda: micrograd.nn.MLP(3, [5, 4, 1]), seed)
    x = [random.uniform(-2, 2) for _ in range(3)]
    mine, reference = [Value(v) for v in x], [Theirs(v) for v in x]
    (ours(mine) ** 2).backward()
    (theirs(reference) ** 2).backward()
    assert [v.grad for v in mine] == pytest.approx([v.grad for v in reference], rel=1e-12, abs=1e-13)
    expected = [p.grad for p in theirs.parameters()]
    assert [p.grad for p in ours.parameters()] == pytest.approx(expected, rel=1e-12, abs=1e-13)


def test_one_output_is_a_bare_value_and_more_are_a_list():
    assert isinstance(MLP(2, [3, 1])([1.0, 2.0]), Value)
    assert [type(a) for a in MLP(2, [3, 2])([1.0, 2.0])] == [Value, Value]


def test_a_layer_takes_the_bare_value_of_the_layer_before_it():
    assert isinstance(MLP(2, [1, 1, 1])([1.0, 2.0]), Value)


def test_zero_grad_sets_every_gradient_to_zero():
    net = MLP(2, [3, 1])
    net([1.0, 2.0]).backward()
    net.zero_grad()
    assert [p.grad for p in net.parameters()] == [0.0] * 13


def test_nouts_may_be_any_sequence():
    assert len(MLP(2, (3, 1)).parameters()) == len(MLP(2, range(3, 0, -2)).parameters()) == 13

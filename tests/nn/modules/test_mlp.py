"""What nets have beyond micrograd's: activations, outputs, initial weights, seeds, and errors that name the layer."""

import copy
import math
import pickle

import numpy as np
import pytest

import autodiff
from autodiff import Value, ValueArray
from nn import MLP, Layer, Module, Neuron


def swish(v):
    return v * v.sigmoid()


def net_of_one(activation, w=2.0, b=-0.5):
    neuron = Neuron(1, activation=activation)
    neuron.w[0].data, neuron.b.data = w, b
    return neuron


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        ("relu", 0.5),
        ("linear", 0.5),
        ("tanh", math.tanh(0.5)),
        ("sigmoid", 1.0 / (1.0 + math.exp(-0.5))),
        ("softplus", math.log1p(math.exp(0.5))),
        ("sin", math.sin(0.5)),
        (swish, 0.5 / (1.0 + math.exp(-0.5))),
        (autodiff.tanh, math.tanh(0.5)),
        (lambda v: v**3, 0.125),
    ],
)
def test_an_activation_is_a_name_or_a_function(activation, expected):
    assert net_of_one(activation)(0.5).data == pytest.approx(expected, rel=1e-15)


def test_activation_wins_over_nonlin():
    assert repr(Neuron(2, True, activation="linear")) == "LinearNeuron(2)"
    assert repr(Neuron(2, False, activation="tanh")) == "TanhNeuron(2)"


@pytest.mark.parametrize(("activation", "name"), [(swish, "Swish"), (lambda v: v, "Lambda"), (autodiff.relu, "ReLU")])
def test_repr_names_the_activation(activation, name):
    assert repr(Neuron(3, activation=activation)) == f"{name}Neuron(3)"


def test_hidden_layers_may_each_have_an_activation():
    net = MLP(2, [3, 2, 1], activation=["tanh", swish], output="sigmoid")
    assert [repr(layer.neurons[0]) for layer in net.layers] == ["TanhNeuron(2)", "SwishNeuron(3)", "SigmoidNeuron(2)"]


def test_softmax_outputs_are_the_exponentials_over_their_sum():
    net = MLP(2, [3], output="softmax", rng=0)
    z = net.layers[0].W @ [0.5, -1.0]
    assert [a.data for a in net([0.5, -1.0])] == pytest.approx((np.exp(z) / np.exp(z).sum()).tolist(), rel=1e-14)


def test_softmax_may_be_given_as_the_function():
    assert repr(MLP(1, [2], output=autodiff.softmax)) == "MLP of [SoftmaxLayer of [LinearNeuron(1), LinearNeuron(1)]]"


def test_an_activation_may_be_a_module_with_parameters_of_its_own():
    class Leak(Module):
        def __init__(self):
            self.slope = Value(0.25)

        def __call__(self, v):
            return autodiff.maximum(v, 0.0) + self.slope * autodiff.minimum(v, 0.0)

    leak = Leak()
    net = MLP(1, [2, 1], activation=leak)
    net.layers[0].W = [[-1.0], [-2.0]]
    net([4.0]).backward()
    assert len(net.parameters()) == 8
    assert leak.slope.grad == pytest.approx(-4.0 * net.layers[1].W[0, 0] - 8.0 * net.layers[1].W[0, 1])
    assert net.state()["layers.0.activations.0.slope"] == 0.25


@pytest.mark.parametrize(
    ("init", "limit"), [("uniform", 1.0), ("glorot", math.sqrt(6.0 / 80.0)), ("he", math.sqrt(6.0 / 50.0))]
)
def test_initial_weights_fill_their_range_evenly(init, limit):
    weights = Layer(50, 30, init=init, rng=0).W
    assert np.abs(weights).max() <= limit
    assert np.abs(weights).max() == pytest.approx(limit, rel=0.01)
    assert weights.var() == pytest.approx(limit**2 / 3.0, rel=0.1)
    assert weights.mean() == pytest.approx(0.0, abs=0.1 * limit)


def test_biases_start_at_zero():
    assert not MLP(2, [3, 2], init="he", rng=0).layers[0].b.any()


def test_a_seed_gives_the_same_net_again():
    assert MLP(2, [3, 1], rng=5).state()["layers.1.weight"].tolist() == MLP(2, [3, 1], rng=5).layers[1].W.tolist()
    assert MLP(2, [3, 1], rng=5).layers[0].W.tolist() != MLP(2, [3, 1], rng=6).layers[0].W.tolist()


def test_a_seed_is_a_generator_of_that_seed():
    assert MLP(2, [3], rng=5).layers[0].W.tolist() == MLP(2, [3], rng=np.random.default_rng(5)).layers[0].W.tolist()


def test_a_generator_goes_on_from_net_to_net():
    rng = np.random.default_rng(5)
    assert MLP(2, [3], rng=rng).layers[0].W.tolist() != MLP(2, [3], rng=rng).layers[0].W.tolist()


def test_neurons_of_a_layer_differ_under_one_seed():
    assert len({tuple(row) for row in Layer(3, 8, rng=0).W.tolist()}) == 8


@pytest.mark.parametrize(
    "x",
    [
        [0.5, -1.0],
        (0.5, -1.0),
        np.array([0.5, -1.0]),
        np.array([0.5, -1.0], dtype=np.float32),
        [Value(0.5), -1],
        ValueArray([Value(0.5), Value(-1.0)]),
        iter([0.5, -1.0]),
        [np.float64(0.5), np.int64(-1)],
    ],
)
def test_inputs_may_be_any_vector(x):
    net = MLP(2, [3, 1], rng=0)
    expected = net([0.5, -1.0]).data
    assert net(x).data == expected


def test_a_net_of_one_input_takes_a_bare_number_or_value():
    net = MLP(1, [2, 1], rng=0)
    assert net(0.5).data == net([0.5]).data == net(Value(0.5)).data == net(np.float64(0.5)).data


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: MLP(2, [3, 1])([1.0]), ValueError, "`layers.0` takes 2 inputs, got 1"),
        (lambda: MLP(2, [3, 1])([]), ValueError, "`layers.0` takes 2 inputs, got 0"),
        (lambda: MLP(2, [3, 1])(1.0), ValueError, "`layers.0` takes 2 inputs, got 1"),
        (lambda: MLP(2, [3, 1])(np.zeros((5, 2))), ValueError, r"`layers.0` takes one example.*\(5, 2\).*rows"),
        (lambda: MLP(2, [3, 1])({1: 2, 3: 4}), TypeError, "`layers.0` takes a list of numbers or Values, got dict"),
        (lambda: MLP(2, [3, 1])("ab"), TypeError, "`layers.0` takes a list of numbers or Values, got str 'ab'"),
        (lambda: MLP(2, [3, 1])(None), TypeError, "`layers.0` takes a list of numbers or Values, got NoneType"),
        (lambda: MLP(2, [3, 1])([1.0, "a"]), TypeError, "got str 'a'"),
        (lambda: MLP(2, [3, 1])([1.0, 1j]), TypeError, "complex"),
        (lambda: Layer(2, 3)([1.0]), ValueError, "`layer` takes 2 inputs, got 1"),
        (lambda: Neuron(2)([1.0]), ValueError, r"`ReLUNeuron\(2\)` takes 2 inputs, got 1"),
        (lambda: MLP(2, []), ValueError, "`nouts` is empty"),
        (lambda: MLP(2, 3), TypeError, r"`nouts` is a sequence such as \[16, 1\], got int 3"),
        (lambda: MLP(2, "31"), TypeError, "`nouts` is a sequence"),
        (lambda: MLP(0, [3]), ValueError, "`nin` is at least 1, got 0"),
        (lambda: MLP(2.0, [3]), TypeError, "`nin` is an int, got float 2.0"),
        (lambda: MLP(2, [3, -1]), ValueError, r"`nouts\[1\]` is at least 1, got -1"),
        (lambda: MLP(2, [3, 1], activation="rleu"), ValueError, "`rleu` is no activation"),
        (lambda: MLP(2, [3, 1], activation="grad"), ValueError, "`grad` is no activation"),
        (lambda: MLP(2, [3, 1], activation="add"), ValueError, "`add` is no activation"),
        (lambda: MLP(2, [3, 1], activation="__name__"), ValueError, "`__name__` is no activation"),
        (
            lambda: MLP(2, [3, 1], activation=3),
            TypeError,
            "an activation is a name or a function of a Value, got int 3",
        ),
        (lambda: MLP(2, [3, 1], activation=["relu", "relu"]), ValueError, "each of 1 hidden layers, got 2"),
        (lambda: Neuron(2, activation="softmax"), ValueError, "softmax is a function of all outputs"),
        (lambda: Neuron(2, "tanh"), TypeError, "`nonlin` is a bool, got 'tanh'. Name it: activation='tanh'"),
        (lambda: MLP(2, [3, 1], activation="sum"), ValueError, "`sum` is no activation"),
        (lambda: MLP(2, [3, 1], init="xavier"), ValueError, "`init` is one of uniform, glorot, he, got 'xavier'"),
        (lambda: MLP(2, [3, 1], rng="a"), TypeError, "`rng`"),
        (lambda: MLP(2, [3, 1], rng=-1), ValueError, "`rng`"),
        (lambda: MLP(2, [3, 1], rng=1.5), TypeError, "`rng`"),
    ],
)
def test_an_error_says_what_was_wrong(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_failed_construction_draws_nothing_from_the_generator():
    rng, twin = np.random.default_rng(0), np.random.default_rng(0)
    with pytest.raises(ValueError, match="no activation"):
        MLP(2, [3, 1], output="rleu", rng=rng)
    assert rng.random() == twin.random()


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
def test_a_net_survives_copying_and_pickling(duplicate):
    net = MLP(2, [3, 2], activation=["tanh"], output="softmax", init="glorot", rng=0)
    twin = duplicate(net)
    assert repr(twin) == repr(net)
    assert [a.data for a in twin([0.5, 1.0])] == [a.data for a in net([0.5, 1.0])]


@pytest.mark.parametrize("x", [math.nan, math.inf, -math.inf, 1e308])
def test_a_net_computes_with_what_is_not_finite_without_raising(x):
    out = MLP(2, [3, 2], activation="tanh", output="softmax", rng=0)([x, 1.0])
    out[0].backward()
    assert all(isinstance(a.data, float) for a in out)

"""Modules: what is found in attributes, paths, state and copies."""

import copy
import pickle

import numpy as np
import pytest

from autodiff import Value, ValueArray, detect_nonfinite
from nn import MLP, SGD, Layer, Module, Neuron, half_mse


class Mixed(Module):
    """A module as a user may write it."""

    def __init__(self):
        self.name = "mixed"
        self.scale = Value(2.0)
        self.parts = {"first": [Value(1.0), Value(3.0)], "net": MLP(1, [1])}
        self.grid = ValueArray([[Value(0.0), Value(1.0)], [Value(2.0), Value(3.0)]])
        self.pair = (Neuron(1), [self.scale])
        self.numbers = [1, 2.0, None]
        self.result = self.scale * 2.0


MIXED = {
    "scale": (),
    "parts.first": (2,),
    "parts.net.layers.0.weight": (1, 1),
    "parts.net.layers.0.bias": (1,),
    "grid": (2, 2),
    "pair.0.w": (1,),
    "pair.0.b": (),
    "pair.1": (1,),
}


def test_parameters_are_found_in_values_modules_lists_tuples_dicts_and_arrays():
    paths = [path for path, _ in Mixed().named_parameters()]
    net = ["parts.net.layers.0.neurons.0.w.0", "parts.net.layers.0.neurons.0.b"]
    grid = ["grid.0.0", "grid.0.1", "grid.1.0", "grid.1.1"]
    assert paths == ["scale", "parts.first.0", "parts.first.1", *net, *grid, "pair.0.w.0", "pair.0.b"]


def test_a_parameter_that_is_held_twice_is_found_once():
    module = Mixed()
    assert sum(p is module.scale for p in module.parameters()) == 1


def test_a_module_that_holds_itself_is_walked_once():
    module = Mixed()
    module.itself = module
    assert len(module.parameters()) == 11


def test_module_are_named_by_their_attribute_path():
    net = MLP(2, [4, 1])
    modules = dict(net.named_modules())
    assert modules[""] is net
    assert modules["layers.0.neurons.3"] is net.layers[0].neurons[3]


def test_state_of_a_module_of_ones_own_groups_values_by_attribute():
    assert {name: array.shape for name, array in Mixed().state().items()} == MIXED


def test_a_state_of_a_module_of_ones_own_can_be_loaded():
    a, b = Mixed(), Mixed()
    for i, parameter in enumerate(a.parameters()):
        parameter.data = float(i)
    b.load_state(a.state())
    assert [p.data for p in b.parameters()] == [float(i) for i in range(11)]


def test_a_layer_that_is_used_twice_has_its_parameters_once():
    module = Module()
    module.first = module.second = Layer(2, 2)
    assert len(module.parameters()) == 6
    assert list(module.state()) == ["first.weight", "first.bias"]


def test_state_of_a_net_is_weights_of_outputs_by_inputs_and_biases():
    net = MLP(2, [3, 1])
    state = net.state()
    assert list(state) == ["layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.1.bias"]
    assert state["layers.0.weight"][2, 1] == net.layers[0].neurons[2].w[1].data
    assert state["layers.1.bias"].shape == (1,)


def test_a_state_loaded_into_another_net_gives_its_outputs():
    a, b = MLP(2, [3, 2], rng=1), MLP(2, [3, 2], rng=2)
    b.load_state(a.state())
    assert [v.data for v in a([0.3, -0.7])] == [v.data for v in b([0.3, -0.7])]


def test_a_state_is_a_copy():
    net = MLP(2, [1])
    before = net.layers[0].neurons[0].w[0].data
    net.state()["layers.0.weight"][0, 0] = 99.0
    net.layers[0].W[0, 0] = 99.0
    assert net.layers[0].neurons[0].w[0].data == before


def changed(**entries):
    state = MLP(2, [3, 1], rng=0).state()
    for name, entry in entries.items():
        state[name.replace("_", ".")] = entry
    return {name: entry for name, entry in state.items() if entry is not None}


REFUSED = {
    "missing": (changed(layers_1_bias=None), ValueError, r"misses \['layers.1.bias'\]"),
    "unknown": (changed(layers_2_bias=[1.0]), ValueError, r"does not know \['layers.2.bias'\]"),
    "shape": (
        changed(layers_1_weight=np.zeros((3, 1))),
        ValueError,
        r"`layers.1.weight` has the shape \(1, 3\), got \(3, 1\)",
    ),
    "text": (changed(layers_1_bias=["a"]), TypeError, "`layers.1.bias` takes real numbers"),
    "complex": (changed(layers_1_bias=[1j]), TypeError, "`layers.1.bias` takes real numbers"),
    "values": (changed(layers_1_bias=[Value(1.0)]), TypeError, "`data`"),
    "ragged": (changed(layers_1_weight=[[1.0], [1.0, 2.0]]), ValueError, "different lengths"),
    "list": ([1.0], TypeError, "takes a dict"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_state_that_does_not_fit_is_refused_and_changes_nothing(case):
    state, error, message = REFUSED[case]
    net = MLP(2, [3, 1], rng=1)
    before = [p.data for p in net.parameters()]
    with pytest.raises(error, match=message):
        net.load_state(state)
    assert [p.data for p in net.parameters()] == before


def test_weights_and_biases_of_a_layer_can_be_assigned():
    layer = Layer(2, 2, activation="linear")
    layer.W, layer.b = np.array([[1, 2], [3, 4]], dtype=np.float32), [5, 6]
    assert [v.data for v in layer([1.0, 10.0])] == [26.0, 49.0]


def test_assigning_weights_of_another_shape_names_both_and_changes_nothing():
    net = MLP(2, [3, 1])
    before = net.layers[0].W
    with pytest.raises(ValueError, match=r"`layers.0.W` has the shape \(3, 2\), got \(2, 3\)"):
        net.layers[0].W = np.zeros((2, 3))
    assert np.array_equal(net.layers[0].W, before)


def test_a_deep_copy_shares_nothing_with_the_original():
    net = MLP(2, [3, 1])
    twin = copy.deepcopy(net)
    twin.layers[0].W = np.zeros((3, 2))
    assert net.layers[0].W.any()


@pytest.mark.parametrize("order", ["loss first", "model first"])
@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))])
def test_a_model_and_its_loss_copied_together_stay_connected(duplicate, order):
    model = MLP(2, [3, 2], activation="tanh", output="softmax")
    loss = half_mse(model([0.5, -1.0]), [1.0, 0.0])
    if order == "loss first":
        loss2, model2 = duplicate((loss, model))
    else:
        model2, loss2 = duplicate((model, loss))
    loss2.backward()
    assert any(p.grad for p in model2.parameters())
    assert not any(p.grad for p in model.parameters())
    loss.backward()
    assert [p.grad for p in model.parameters()] == [p.grad for p in model2.parameters()]


def test_descent_moves_a_parameter_that_is_given_twice_once():
    x = Value(1.0)
    x.grad = 1.0
    SGD([x, x], lr=0.5).step()
    assert x.data == 0.5


def test_descent_lowers_the_loss_by_its_rate_times_the_squared_gradient():
    x, y = Value(3.0), Value(-1.0)
    descent = SGD([x, y], lr=0.5)
    (x * x + 2.0 * y).backward()
    descent.step()
    descent.zero_grad()
    assert (x.data, y.data, x.grad, y.grad) == (0.0, -2.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("parameters", "lr", "error", "message"),
    [
        ([1.0], 0.1, TypeError, "takes Values, got float"),
        ([], 0.1, ValueError, "no parameters"),
        (MLP(1, [1]), 0.1, TypeError, r"got MLP. Pass `model.parameters\(\)`"),
        ([Value(1.0)], 0.0, ValueError, "`lr` is positive"),
        ([Value(1.0)], float("nan"), ValueError, "`lr` is finite, got nan"),
        ([Value(1.0)], float("inf"), ValueError, "`lr` is finite, got inf"),
    ],
)
def test_descent_refuses_what_it_cannot_use(parameters, lr, error, message):
    with pytest.raises(error, match=message):
        SGD(parameters, lr)


def test_detect_nonfinite_names_the_line_that_called_a_net_and_not_one_of_ours():
    with detect_nonfinite(), pytest.raises(FloatingPointError, match=r"test_module\.py:\d+: `"):
        MLP(2, [3, 1], rng=0)([Value(1e308)] * 2)

"""Scopes: what a Value carries of where it was made, by `scope` and by a net that runs, in every context."""

from __future__ import annotations

import copy
import pickle
import threading
from typing import Any

import pytest

from autodiff import Value, compile, grad, leaky_relu, no_grad, scope, tanh, where
from autodiff.contexts import watch
from autodiff.graph import postorder
from nn import MLP, Layer, Neuron


def scopes(*roots: Value) -> list[str]:
    """Return the scopes of all operations that `roots` were computed from, each once, in the order of evaluation."""
    return list(dict.fromkeys(node.scope for node in postorder(roots, everything=True) if node.op))


def test_values_made_in_a_scope_carry_its_path_and_others_none() -> None:
    x = Value(3.0)
    with scope("encoder"):
        inner, leaf = x * 2.0, Value(1.0)
        with scope("gate"):
            gated = inner + leaf
    assert [v.scope for v in (x, inner, leaf, gated, x * 2.0)] == ["", "encoder", "encoder", "encoder.gate", ""]


def test_operations_of_every_kind_carry_it() -> None:
    x = Value(3.0)
    with scope("s"):
        made = [x + x, 2.0 - x, tanh(x), where(x > 0.0, x, 1.0), x.log(), Value(-1.0).log()]
        with no_grad():
            made.append(x * x)
    assert {v.scope for v in made} == {"s"}


def test_the_label_and_the_scope_do_not_disturb_each_other() -> None:
    with scope("s"):
        x = Value(3.0, label="x")
    x.label = "y"
    assert (x.label, x.scope, x.trace) == ("y", "s", None)
    x.scope = "t"
    assert (x.label, x.scope) == ("y", "t")


def test_a_scope_ends_with_its_block_also_by_an_exception() -> None:
    before = watch.active, watch.traces
    with pytest.raises(ZeroDivisionError), scope("s"):
        raise ZeroDivisionError
    assert Value(1.0).scope == ""
    assert (watch.active, watch.traces) == before


def test_a_scope_of_one_thread_is_none_of_another() -> None:
    found: list[str] = []
    with scope("here"):
        thread = threading.Thread(target=lambda: found.append((Value(1.0) * 2.0).scope))
        thread.start()
        thread.join()
        assert (Value(1.0) * 2.0).scope == "here"
    assert found == [""]


@pytest.mark.parametrize(("name", "error"), [(3, TypeError), (None, TypeError), ("", ValueError), (".", ValueError)])
def test_a_scope_needs_a_name(name: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="`scope` takes a name, got"), scope(name):
        pass


def test_gradients_through_a_scope_are_those_without_it() -> None:
    def f(x: Any) -> Any:
        with scope("s"):
            return x * x + Value(2.0) * x

    assert grad(f)(3.0) == 8.0
    assert grad(grad(f))(3.0) == 2.0
    assert compile(f)(3.0) == 15.0


def test_a_net_names_its_neurons_and_what_they_compute() -> None:
    net = MLP(2, [2, 1], activation="tanh", rng=0)
    assert scopes(net([1.0, 2.0])) == ["layers.0.neurons.0", "layers.0.neurons.1", "layers.1.neurons.0"]


def test_parameters_carry_the_path_that_named_parameters_has() -> None:
    net = MLP(2, [3, 1])
    assert [p.scope for p in net.parameters()] == [path for path, _ in net.named_parameters()]


def test_a_neuron_and_a_layer_on_their_own_have_names() -> None:
    assert scopes(Neuron(2)([1.0, 2.0])) == ["neuron"]
    assert scopes(*Layer(2, 2)([1.0, 2.0])) == ["layer.neurons.0", "layer.neurons.1"]


@pytest.mark.parametrize("activation", ["linear", "relu", "silu", leaky_relu, lambda z: z * tanh(z) + z])
def test_all_that_an_activation_makes_belongs_to_its_neuron(activation: Any) -> None:
    assert scopes(Neuron(2, activation=activation)([1.0, 2.0])) == ["neuron"]


def test_softmax_belongs_to_its_layer() -> None:
    outputs = Layer(1, 2, activation="softmax")([1.0])
    assert sorted(scopes(*outputs)) == ["layer", "layer.neurons.0", "layer.neurons.1"]


def test_what_a_net_is_given_stays_where_it_was_made() -> None:
    x = Value(1.0)
    prepared = x * 2.0
    captured = x + 1.0
    Neuron(1, activation=lambda z: z * captured)([prepared])
    Neuron(1, activation=lambda z: captured)([prepared])
    assert prepared.scope == ""
    with scope("s"):
        made = x * 2.0
        Neuron(1)([made])
    assert made.scope == "s"


def test_a_net_in_a_scope_is_named_below_it() -> None:
    net = MLP(1, [1, 2], output="softmax")
    with scope("encoder"):
        outputs = net([Value(1.0)])
    assert sorted(scopes(*outputs)) == [
        "encoder.layers.0.neurons.0",
        "encoder.layers.1",
        "encoder.layers.1.neurons.0",
        "encoder.layers.1.neurons.1",
    ]


def test_an_activation_that_gives_a_number_is_left_alone() -> None:
    assert Neuron(1, activation=lambda z: 5.0)([1.0]) == 5.0


def test_copies_and_pickles_keep_scopes() -> None:
    y = MLP(1, [1])([1.0])
    for twin in (copy.deepcopy(y), pickle.loads(pickle.dumps(y))):
        assert scopes(twin) == ["layers.0.neurons.0"]

"""The closed form: against autodiff, finite differences, its component form, and by hand."""

import copy
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autodiff
from nn import MLP, backprop, check_backprop, components, half_mse, mse

COSTS = {"half_mse": half_mse, "mse": mse, "quartic": lambda a, y: autodiff.sum([v**4 for v in listed(a)]) * y[0]}


def listed(outputs):
    return outputs if isinstance(outputs, list) else [outputs]


def cube(v):
    return v * v * v


@st.composite
def problems(draw):
    """A net, m examples in columns and their targets."""
    nin, m = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    nouts = draw(st.lists(st.integers(1, 5), min_size=1, max_size=4))
    hidden = st.sampled_from(["relu", "tanh", "sigmoid", "softplus", "linear", "sin", cube])
    activation = [draw(hidden) for _ in nouts[1:]]
    output = draw(st.sampled_from(["linear", "tanh", "softmax"]))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    net = MLP(nin, nouts, activation=activation, output=output, rng=rng)
    for layer in net.layers:
        layer.b = rng.uniform(-1.0, 1.0, layer.b.shape)
    return net, rng.uniform(-1.0, 1.0, (nin, m)), rng.uniform(-1.0, 1.0, (nouts[-1], m))


def by_backward(net, X, Y, cost):
    """Return ∂E/∂W and ∂E/∂b of every layer, and E, by `backward`."""
    net = copy.deepcopy(net)
    net.zero_grad()
    E = autodiff.sum([cost(net(x), y) for x, y in zip(X.T.tolist(), Y.T.tolist(), strict=True)]) / X.shape[1]
    E.backward()
    W = [np.array([[w.grad for w in neuron.w] for neuron in layer.neurons]) for layer in net.layers]
    return W, [np.array([neuron.b.grad for neuron in layer.neurons]) for layer in net.layers], E.data


def assert_close(found, expected, tolerance=1e-12):
    for f, e in zip(map(np.asarray, found), map(np.asarray, expected), strict=True):
        assert f.shape == e.shape
        assert f == pytest.approx(e, abs=tolerance * (1.0 + np.abs(e).max(initial=0.0)))


@pytest.mark.parametrize("cost", COSTS)
@settings(max_examples=40, deadline=None)
@given(problem=problems())
def test_columns_agree_with_autodiff(cost, problem):
    found = backprop.batch_gradients(*problem, cost=COSTS[cost])
    W, b, E = by_backward(*problem, COSTS[cost])
    assert_close([found.cost], [E])
    assert_close(found.dW, W)
    assert_close(found.db, b)


@settings(max_examples=40, deadline=None)
@given(problem=problems())
def test_one_example_agrees_with_autodiff(problem):
    net, X, Y = problem
    found = backprop.gradients(net, X[:, 0], Y[:, 0])
    W, b, E = by_backward(net, X[:, :1], Y[:, :1], half_mse)
    assert_close([found.cost], [E])
    assert_close(found.dW, W)
    assert_close(found.db, b)
    assert_close(found.delta, found.db)


@settings(max_examples=40, deadline=None)
@given(problem=problems())
def test_the_matrix_form_agrees_with_the_component_form(problem):
    net, X, Y = problem
    matrix, parts = backprop.batch_gradients(net, X, Y), components.batch_gradients(net, X, Y)
    run = backprop.forward(net, X)
    assert_close([matrix.cost], [parts.cost])
    assert_close(run.Z, parts.z)
    assert_close(run.A, parts.a)
    assert_close(matrix.delta, parts.delta)
    assert_close(matrix.dW, parts.dw)
    assert_close(matrix.db, parts.db)


@settings(max_examples=20, deadline=None)
@given(problem=problems())
def test_the_mean_of_one_example_each_is_the_gradient_of_all(problem):
    net, X, Y = problem
    each = [backprop.gradients(net, x, y) for x, y in zip(X.T, Y.T, strict=True)]
    together = backprop.batch_gradients(net, X, Y)
    assert_close(together.dW, [np.mean([g.dW[k] for g in each], axis=0) for k in range(len(net.layers))])
    assert_close(together.db, [np.mean([g.db[k] for g in each], axis=0) for k in range(len(net.layers))])


@settings(max_examples=20, deadline=None)
@given(problem=problems())
def test_forward_is_the_net(problem):
    net, X, _ = problem
    run = backprop.forward(net, X)
    assert_close(run.A[-1].T, [[a.data for a in listed(net(x))] for x in X.T.tolist()])
    assert [A.shape for A in run.A[1:]] == [Z.shape for Z in run.Z]


def test_by_hand_for_one_neuron():
    net = MLP(1, [1], output="tanh")
    net.layers[0].W, net.layers[0].b = [[2.0]], [-1.0]
    a, slope = math.tanh(0.5), 1.0 / math.cosh(0.5) ** 2
    found = backprop.gradients(net, [0.75], [0.25])
    assert found.delta[0] == pytest.approx([(a - 0.25) * slope], rel=1e-14)
    assert found.dW[0] == pytest.approx(np.array([[0.75 * (a - 0.25) * slope]]), rel=1e-14)


def dyadic(rng, shape):
    return rng.integers(-8, 9, shape) / 4.0


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("m", [1, 2, 8])
def test_dyadic_nets_agree_bit_for_bit(seed, m, capsys):
    rng = np.random.default_rng(seed)
    net = MLP(3, [4, 3, 2], activation=["relu", "linear"], rng=0)
    for layer in net.layers:
        layer.W, layer.b = dyadic(rng, layer.W.shape), dyadic(rng, layer.b.shape)
    X, Y = dyadic(rng, (3, m)), dyadic(rng, (2, m))
    found, parts = backprop.batch_gradients(net, X, Y), components.batch_gradients(net, X, Y)
    W, b, E = by_backward(net, X, Y, half_mse)
    assert E == found.cost == parts.cost
    for k in range(3):
        assert W[k].tolist() == found.dW[k].tolist() == parts.dw[k]
        assert b[k].tolist() == found.db[k].tolist() == parts.db[k]
    assert all(row.backprop == row.backprop_ulp == 0.0 for row in check_backprop(net, X.T, Y.T).layers)


def test_softmax_uses_the_whole_jacobian():
    net = MLP(2, [3], output="softmax", rng=1)
    x, y = np.array([0.5, -1.0]), np.array([0.0, 1.0, 0.0])
    a = backprop.forward(net, x).A[-1]
    J = np.diag(a) - np.outer(a, a)
    assert backprop.gradients(net, x, y).delta[0] == pytest.approx(J @ (a - y), abs=1e-16)


def test_softmax_with_cross_entropy_has_the_delta_a_minus_y():
    net = MLP(2, [4, 3], activation="tanh", output="softmax", rng=1)
    x, y = np.array([0.5, -1.0]), np.array([0.0, 1.0, 0.0])
    found = backprop.gradients(net, x, y, cost=lambda a, y: -autodiff.log(a[1]))
    assert found.delta[-1] == pytest.approx(backprop.forward(net, x).A[-1] - y, abs=1e-15)


def test_softmax_may_be_a_hidden_layer():
    rng = np.random.default_rng(0)
    net = MLP(2, [3, 2], activation="softmax", rng=rng)
    X, Y = rng.normal(size=(2, 4)), rng.normal(size=(2, 4))
    assert_close(backprop.batch_gradients(net, X, Y).dW, by_backward(net, X, Y, half_mse)[0])


def test_neurons_of_a_layer_may_differ_in_activation():
    rng = np.random.default_rng(0)
    net = MLP(2, [2, 1], activation="tanh", rng=rng)
    net.layers[0].neurons[1].activation = autodiff.sin
    X, Y = rng.normal(size=(2, 3)), rng.normal(size=(1, 3))
    assert_close(backprop.batch_gradients(net, X, Y).dW, by_backward(net, X, Y, half_mse)[0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda net: backprop.forward(net, [1.0]),
            r"`layers.0` takes 2 inputs: shape \(2,\), or \(2, m\).* got \(1,\)",
        ),
        (lambda net: backprop.forward(net, np.zeros((5, 2))), r"got \(5, 2\)"),
        (lambda net: backprop.forward(net, 1.0), r"got \(\)"),
        (lambda net: backprop.gradients(net, np.zeros((2, 3)), [1.0]), "`gradients` takes one example"),
        (lambda net: backprop.gradients(net, np.zeros(2), [1.0, 2.0]), "got 1 outputs and 2 targets"),
        (lambda net: backprop.batch_gradients(net, np.zeros((2, 3)), np.zeros((1, 2))), r"got \(2, 3\) and \(1, 2\)"),
        (lambda net: backprop.batch_gradients(net, np.zeros((2, 0)), np.zeros((1, 0))), r"got \(2, 0\)"),
        (lambda net: backprop.batch_gradients(net, np.zeros(2), np.zeros(1)), r"got \(2,\) and \(1,\)"),
    ],
)
def test_shapes_that_do_not_fit_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call(MLP(2, [3, 1], rng=0))

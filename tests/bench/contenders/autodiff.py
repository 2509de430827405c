"""autodiff: the programs of micrograd's users, with our imports; `autodiff.sum` where a sum is long."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

import autodiff
from autodiff import Value, compile, grad, hessian, jacobian, logsumexp, relu, take, value_and_grad
from nn import MLP, SGD, fit

from .. import chain as chains
from ..harness import OURS, Read, Run
from ..moons_step import step
from ..nets import Net
from ..readme_expression import expression
from ..second_derivative import POINT
from ..second_derivative import expression as thirty

if TYPE_CHECKING:
    from ..calls import Work as Derivatives
    from ..training import Work

CANNOT: dict[str, str] = {}
LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    "margin": lambda score, y: relu(1.0 - y * score),
    "squares": lambda score, y: (score - y) ** 2,
    "entropy": lambda scores, label: logsumexp(scores) - take(scores, label),
}


def readme_expression() -> dict[str, Run]:
    return {OURS: lambda: expression(Value)}


def moons_step() -> dict[str, Run]:
    return {OURS: step(Value, MLP)}


def chain(steps: int) -> dict[str, Run]:
    return {OURS: lambda: run_chain(Value, steps)}


def run_chain(kind: Any, steps: int) -> list[float]:
    """Differentiate the chain by micrograd's Value or ours."""
    x, b, a = kind(chains.X), kind(chains.B), kind(chains.A)
    y = chains.chained(x, b, a, steps)
    y.backward()
    return [y.data, x.grad, b.grad, a.grad]


def forward(steps: int) -> tuple[float, Any]:
    """Return the value of the chain, and what keeps its graph alive."""
    y = chains.chained(Value(chains.X), Value(chains.B), Value(chains.A), steps)
    return y.data, y


def wide_sum(numbers: list[float]) -> dict[str, Run]:
    return {
        OURS: lambda: run_sum(Value, autodiff.sum, numbers),
        f"{OURS} (built-in sum)": lambda: run_sum(Value, builtins.sum, numbers),
    }


def run_sum(kind: Any, add: Any, numbers: list[float]) -> list[float]:
    """Differentiate the sum by micrograd's Value or ours."""
    leaves = [kind(x) for x in numbers]
    total = add(leaves)
    total.backward()
    return [total.data, *[leaf.grad for leaf in leaves]]


def second_derivative() -> dict[str, Run]:
    second = grad(grad(lambda x: thirty(autodiff, x)))
    return {OURS: lambda: [second(POINT)]}


def derivatives(work: Derivatives) -> dict[str, tuple[Run, Read]]:
    def f(x: Any) -> Any:
        return work.f(autodiff, x)

    if work.kind == "gradient":
        call, x = compile(value_and_grad(f)), np.array(work.point)
        parameters = list(map(Value, work.point))
        kernel = compile(lambda: f(parameters)).kernel()
        return {OURS: (lambda: call(x), _both), f"{OURS} (kernel)": (lambda: kernel(x), _both)}
    call = compile(jacobian(f) if work.kind == "jacobian" else hessian(f))
    point = np.array(work.point)
    return {
        OURS: (lambda: call(work.point), lambda found: [x for row in found for x in row]),
        f"{OURS} (array)": (lambda: call(point), lambda found: np.array(found).ravel().tolist()),
    }


def _both(found: Any) -> list[float]:
    return [found[0], *found[1].tolist()]


def dense(net: Net) -> MLP:
    """Return a model with the net's weights."""
    model = MLP(net.sizes[0], net.sizes[1:], activation=net.activation)
    for p, x in zip(model.parameters(), (x for layer in net.layers for neuron in layer for x in neuron), strict=True):
        p.data = x
    return model


def compiled(net: Net, model: MLP, **settings: Any) -> Any:
    """Return the net's loss on one row, compiled."""
    criterion = LOSSES[net.loss]
    return compile(lambda x, y: criterion(model(x), y), **settings)


def net_gradient(net: Net) -> dict[str, tuple[Run, Read]]:
    found = {OURS: _kernel(net), f"{OURS} (repeat)": _kernel(net, repeat=True)}
    found[f"{OURS} (fastmath)"] = _kernel(net, fastmath=True)
    return found if net.name == "images" else {**found, f"{OURS} (mean + backward)": _mean(net)}


def _kernel(net: Net, *, repeat: bool = False, **settings: Any) -> tuple[Run, Read]:
    X, Y = np.array(net.X), np.array(net.Y)
    model = dense(net)
    kernel = compiled(net, model, backend="native", **settings).kernel(X, Y)
    theta = kernel.read()
    step = kernel.repeat(X, Y)
    place = {id(p): i for i, p in enumerate(kernel.parameters)}
    order = [place[id(p)] for p in model.parameters()]
    run = (lambda: step(theta)) if repeat else (lambda: kernel(theta, X, Y))
    return run, lambda found: [found[0], *found[1][order].tolist()]


def _mean(net: Net) -> tuple[Run, Read]:
    X, Y = np.array(net.X), np.array(net.Y)
    model = dense(net)
    loss, parameters = compiled(net, model, backend="native"), model.parameters()

    def run() -> Value:
        for p in parameters:
            p.grad = 0.0
        value = loss.mean(X, Y)
        value.backward()
        return value

    return run, lambda value: [value.data, *(p.grad for p in parameters)]


def training(work: Work) -> dict[str, Run]:
    X, Y = np.array(work.net.X), np.array(work.net.Y)
    loss = {"logistic": "binary_cross_entropy", "margin": "hinge", "entropy": "cross_entropy"}[work.net.loss]

    def run() -> list[tuple[Any, Any]]:
        model = dense(work.net)
        rule = SGD(lr=work.lr)
        fit(
            model,
            X,
            Y.astype(int),
            loss=loss,
            optimizer=rule,
            epochs=work.epochs,
            batch_size=work.batch,
            shuffle=False,
            progress=False,
        )
        return [(layer.W, layer.b) for layer in model.layers]

    return {OURS: run}

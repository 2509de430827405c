"""CasADi: SX graphs. Timed twice: built, differentiated and run each time; and run only, what was built before."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import casadi
from casadi import SX, Function, gradient

from .. import chain as chains
from ..harness import Read, Run
from ..moons_step import PENALTY, data, weights
from ..nets import Net
from ..readme_expression import composed
from ..second_derivative import POINT, expression

if TYPE_CHECKING:
    from ..calls import Work

CANNOT = {"images": "takes minutes to build, and is left out"}


def _twice(build: Callable[[], Function], numbers: Any) -> dict[str, Run]:
    built = build()
    return {
        "casadi (build and run)": lambda: _evaluate(build(), numbers),
        "casadi (run only)": lambda: _evaluate(built, numbers),
    }


def _evaluate(function: Function, numbers: Any) -> list[float]:
    return _read(function.call([numbers]))


def _value_and_gradient(count: int, f: Callable[[SX], SX]) -> Function:
    x = SX.sym("x", count)
    y = f(x)
    return Function("both", [x], [y, gradient(y, x)])


def _relu(x: Any) -> Any:
    return casadi.fmax(x, 0.0)


def readme_expression() -> dict[str, Run]:
    return _twice(lambda: _value_and_gradient(2, lambda ab: composed(ab[0], ab[1], _relu)), [-4.0, 2.0])


def moons_step() -> dict[str, Run]:
    X, labels = map(casadi.DM, data())
    numbers = [w for layer in weights() for neuron in layer for w in neuron]

    def loss(parameters: SX) -> SX:
        scores = _scores(parameters, weights(), SX(X.T), _relu)  # a column for each example
        margins = _relu(1.0 - labels * scores.T)
        return casadi.sum1(margins) / margins.shape[0] + PENALTY * casadi.sumsqr(parameters)

    return {
        name: _updating(run, numbers) for name, run in _twice(lambda: _value_and_gradient(337, loss), numbers).items()
    }


def _scores(parameters: SX, layers: list[list[list[float]]], x: SX, activate: Callable[[SX], SX]) -> SX:
    start = 0
    for i, layer in enumerate(layers):
        neurons, width = len(layer), len(layer[0])
        rows = casadi.reshape(parameters[start : start + neurons * width], width, neurons).T
        x = casadi.mtimes(rows[:, :-1], x) + casadi.repmat(rows[:, -1], 1, x.shape[1])
        x = activate(x) if i < len(layers) - 1 else x
        start += neurons * width
    return x


def net_gradient(net: Net) -> dict[str, tuple[Run, Read]]:
    """Value and gradient of a row as a Function, mapped over the rows with the sum of its results."""
    numbers = casadi.DM([x for layer in net.layers for neuron in layer for x in neuron])
    X, Y = casadi.DM(net.X).T, casadi.DM(net.targets()).T
    activate = {"relu": _relu, "tanh": casadi.tanh}[net.activation]
    parameters, x, y = (SX.sym(name, size) for name, size in zip("pxy", (numbers.numel(), X.rows(), Y.rows())))  # noqa: B905
    loss = LOSSES[net.loss](_scores(parameters, net.layers, x, activate), y) / len(net.X)
    row = Function("row", [parameters, x, y], [loss, gradient(loss, parameters)])
    both = row.map("rows", "serial", len(net.X), [0], [0, 1])  # the parameters are shared, the results summed
    return {
        "casadi (mapped)": (
            lambda: both(numbers, X, Y),
            lambda found: [x for part in found for x in part.full().ravel().tolist()],
        )
    }


LOSSES: dict[str, Callable[[SX, SX], SX]] = {
    "margin": lambda score, y: _relu(1.0 - y * score),
    "squares": lambda score, y: (score - y) ** 2,
    "entropy": lambda scores, chosen: casadi.logsumexp(scores) - casadi.dot(scores, chosen),
}


def _updating(run: Run, numbers: list[float]) -> Run:
    def step() -> list[float]:
        found = run()
        numbers[:] = [w - 0.0 * slope for w, slope in zip(numbers, found[1:], strict=True)]
        return found

    return step


def chain(steps: int) -> dict[str, Run]:
    numbers = [chains.X, chains.B, chains.A]
    return _twice(lambda: _value_and_gradient(3, lambda x: chains.chained(x[0], x[1], x[2], steps)), numbers)


def forward(steps: int) -> tuple[float, Any]:
    x = SX.sym("x", 3)
    y = chains.chained(x[0], x[1], x[2], steps)
    return _evaluate(Function("end", [x], [y]), [chains.X, chains.B, chains.A])[0], y


def wide_sum(numbers: list[float]) -> dict[str, Run]:
    return _twice(lambda: _value_and_gradient(len(numbers), casadi.sum1), numbers)


def second_derivative() -> dict[str, Run]:
    def build() -> Function:
        x = SX.sym("x")
        return Function("second", [x], [casadi.hessian(expression(casadi, x), x)[0]])

    return _twice(build, POINT)


def derivatives(work: Work) -> dict[str, tuple[Run, Read]]:
    x = SX.sym("x", len(work.point))
    y = work.f(casadi, x if work.kind != "gradient" else casadi.vertsplit(x))
    if work.kind == "jacobian":
        found = [casadi.jacobian(casadi.vertcat(*y), x)]
    else:
        found = [casadi.hessian(y, x)[0]] if work.kind == "hessian" else [y, gradient(y, x)]
    call = Function("derivatives", [x], found)
    return {"casadi (run only)": (lambda: call.call([work.point]), _read)}


def _read(found: Any) -> list[float]:
    return [x for matrix in found for x in matrix.full().ravel().tolist()]

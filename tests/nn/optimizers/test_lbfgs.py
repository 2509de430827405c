"""L-BFGS: whole trainings through SciPy, what ends them, and what is refused."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np
import pytest

import nn
from autodiff import Value
from nn import LBFGS, MLP, Module, fit
from nn.datasets import moons

X, LABELS = moons(60, rng=0)


def quiet(*args: Any, **options: Any) -> nn.History:
    return fit(*args, **{"progress": False, "rng": 0, "optimizer": LBFGS(), **options})


class Rosenbrock(Module):
    """(1 − a)² + 100(b − a²)² as the square of two residuals."""

    def __init__(self) -> None:
        self.a, self.b = Value(-1.2), Value(1.0)

    def __call__(self, x: Any) -> list[Value]:
        return [1.0 - self.a, 10.0 * (self.b - self.a**2)]


@pytest.mark.parametrize("engine", ["compiled", "eager"])
def test_rosenbrocks_valley_ends_at_one_one(engine: str) -> None:
    model = Rosenbrock()
    history = quiet(model, [[0.0]], [[0.0, 0.0]], loss="half_mse", engine=engine, epochs=200)
    assert (model.a.data, model.b.data) == pytest.approx((1.0, 1.0), abs=1e-4)
    assert history.stopped.startswith("converged: ")
    assert history.loss[0] == pytest.approx(12.1, rel=1e-15)
    assert (np.diff(history.loss) <= 0.0).all()


@pytest.mark.parametrize("engine", ["compiled", "eager", "backprop"])
def test_a_net_learns_the_moons_in_few_iterations(engine: str) -> None:
    model = MLP(2, [8, 1], activation="tanh", rng=0)
    history = quiet(model, X, LABELS, loss="binary_cross_entropy", penalty=nn.L2(1e-4), engine=engine)
    assert history.accuracy[-1] == 1.0
    assert history.epochs <= 100


def test_an_epoch_is_an_iteration_and_the_last_one_may_be_the_last_allowed() -> None:
    model, seen = MLP(2, [8, 1], activation="tanh", rng=0), []
    history = quiet(model, X, LABELS, loss="mse", epochs=4, callbacks=[lambda training: seen.append(training.epoch)])
    assert (history.epochs, history.stopped, seen) == (4, "all epochs done", [1, 2, 3, 4])


def test_a_callback_a_tolerance_and_patience_end_it() -> None:
    def net() -> MLP:
        return MLP(2, [8, 1], activation="tanh", rng=0)

    history = quiet(net(), X, LABELS, callbacks=[lambda training: training.stop("enough")])
    assert (history.epochs, history.stopped) == (1, "enough")
    assert quiet(net(), X, LABELS, tolerance=0.1).stopped.startswith("converged: the norm of the gradient is ")
    assert quiet(net(), X, LABELS, patience=1, tolerance=1e9).stopped == "no better loss in 1 epochs"


def test_a_loss_that_is_not_finite_leaves_the_last_point_that_was_accepted() -> None:
    class Wall(Module):
        def __init__(self) -> None:
            self.a = Value(1.0)

        def __call__(self, x: Any) -> Value:
            return (self.a - 0.5).log() if self.a < 0.4 else self.a * 100.0

    model = Wall()
    with pytest.raises(FloatingPointError, match="The parameters are as they were before the step"):
        quiet(model, [[0.0]], [0.0], loss=lambda output, y: output)
    assert model.a.data == 1.0


def test_what_it_needs_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **options: Any) -> Any:
        if name.startswith("scipy"):
            raise ImportError(name)
        return real(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    model = MLP(2, [1], rng=0)
    before = model.layers[0].W.tolist()
    with pytest.raises(ImportError, match=r"`LBFGS` needs SciPy: pip install 'autodiff-scalar\[scipy\]'"):
        quiet(model, X, LABELS)
    assert model.layers[0].W.tolist() == before


def test_its_steps_are_not_taken_one_by_one() -> None:
    x = Value(1.0)
    with pytest.raises(TypeError, match="`LBFGS` drives a whole training"):
        LBFGS([x]).step()
    assert x.data == 1.0


def test_no_iterations_change_nothing() -> None:
    model = MLP(2, [1], rng=0)
    before = model.layers[0].W.tolist()
    history = quiet(model, X, LABELS, epochs=0)
    assert (history.epochs, history.stopped, model.layers[0].W.tolist()) == (0, "all epochs done", before)

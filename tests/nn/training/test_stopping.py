"""Stopping: tolerance, patience, the best parameters, callbacks; the history and the progress bar."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from nn import MLP, SGD, History, fit
from nn.training.stopping import Stopping

x = np.linspace(-1.0, 1.0, 9)
Y = 3.0 * x - 1.0


def quiet(*args: Any, **options: Any) -> History:
    return fit(*args, **{"progress": False, "rng": 0, **options})


def line() -> MLP:
    return MLP(1, [1], rng=0)


def test_patience_ends_a_training_that_gets_no_better() -> None:
    history = quiet(line(), x, Y, optimizer=SGD(lr=0.1), epochs=10_000, patience=5, tolerance=1e-6)
    assert history.stopped == "no better loss in 5 epochs"
    improvements = -np.diff(history.loss)
    assert (improvements[:-5] > 0).all()
    assert history.loss[-6] - min(history.loss[-5:]) <= 1e-6 * 5


def test_patience_looks_at_the_validation_loss_if_there_is_one() -> None:
    history = quiet(line(), x, Y, optimizer=SGD(lr=0.1), epochs=500, patience=3, validation=(x, -Y))
    assert history.stopped == "no better validation loss in 3 epochs"
    assert history.validation_loss[-4] == min(history.validation_loss)


def test_the_best_parameters_are_kept() -> None:
    best, every = line(), []
    note = [lambda training: every.append([p.data for p in training.parameters])]
    history = quiet(best, x, Y, optimizer=SGD(lr=0.1), epochs=30, keep_best=True, validation=(x, -Y), callbacks=note)
    assert [p.data for p in best.parameters()] == every[int(np.argmin(history.validation_loss))]


@pytest.mark.parametrize("optimizer", [SGD(lr=0.9), "lbfgs"], ids=["sgd", "lbfgs"])
def test_without_validation_the_parameters_kept_are_those_whose_loss_is_the_lowest(optimizer: Any) -> None:
    model = MLP(1, [1])
    model.layers[0].W, model.layers[0].b = [[0.1]], [0.0]
    history = quiet(
        model, [[1.0]], [0.0], loss=lambda a, t: (a * a - 1) ** 2, optimizer=optimizer, epochs=6, keep_best=True
    )
    assert (model([1.0]).data ** 2 - 1) ** 2 == pytest.approx(min(history.loss), rel=1e-12)


def test_the_lowest_is_kept_though_it_is_no_better_by_the_tolerance_of_patience() -> None:
    rule = Stopping(patience=5, tolerance=0.1, keep_best=True)
    for loss in (1.0, 0.95, 0.97):
        rule.verdict(History(loss=[9.0], validation_loss=[loss]), 1.0, np.array([loss]))
    assert (rule.parameters, rule.best, rule.waited) == (np.array([0.95]), 1.0, 2)


def test_the_epoch_that_converges_can_be_the_best() -> None:
    rule = Stopping(tolerance=0.1, keep_best=True)
    rule.verdict(History(loss=[0.5]), 0.01, np.array([7.0]))
    assert rule.parameters == np.array([7.0])


def test_a_tolerance_of_mini_batches_is_of_the_mean_gradient_of_an_epoch() -> None:
    history = quiet(line(), x, Y, optimizer=SGD(lr=0.1), batch_size=3, epochs=10_000, tolerance=1e-6)
    assert history.stopped.startswith("converged: the norm of the gradient is ")
    assert history.loss[-1] < 1e-10


def test_a_callback_sees_the_numbers_and_may_end_the_training() -> None:
    model, met = line(), []

    def look(training: nn.Training) -> None:
        met.append((training.epoch, model.layers[0].W[0, 0]))
        if training.epoch == 3:
            training.stop("seen enough")

    history = quiet(model, x, Y, callbacks=[look])
    assert (history.stopped, history.epochs, [epoch for epoch, _ in met]) == ("seen enough", 3, [1, 2, 3])
    assert met[-1][1] == model.layers[0].W[0, 0]


def test_what_a_callback_assigns_counts() -> None:
    model = line()

    def set_to_truth(training: nn.Training) -> None:
        model.layers[0].W, model.layers[0].b = [[3.0]], [-1.0]

    history = quiet(model, x, Y, epochs=2, callbacks=[set_to_truth])
    assert history.loss[1] == pytest.approx(0.0, abs=1e-30)


def test_no_epochs_change_nothing() -> None:
    model = line()
    before = model.layers[0].W.tolist()
    history = quiet(model, x, Y, epochs=0)
    assert (history.epochs, history.stopped, model.layers[0].W.tolist()) == (0, "all epochs done", before)


def test_a_history_is_readable() -> None:
    history = History(loss=[0.5], accuracy=[1.0], stopped="all epochs done")
    assert repr(history) == "History(1 epoch, loss 0.5 → 0.5, accuracy 1 → 1; all epochs done)"


def test_the_bar_shows_loss_and_accuracy(capfd: pytest.CaptureFixture[str]) -> None:
    fit(MLP(1, [1], rng=0), x, np.sign(x + 0.1), loss="hinge", epochs=3)
    shown = capfd.readouterr().err
    assert "3/3" in shown
    assert "loss=" in shown
    assert "accuracy=" in shown


def test_what_is_better_must_be_so_by_more_than_the_tolerance() -> None:
    rule = Stopping(patience=2, tolerance=0.1)
    verdicts = [rule.verdict(History(loss=[loss]), 1.0, np.empty(0)) for loss in (1.0, 0.95, 0.89, 0.85, 0.8)]
    assert verdicts == ["", "", "", "", "no better loss in 2 epochs"]

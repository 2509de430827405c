"""Regularization: penalties, gradient clipping, schedules of the learning rate, dropout."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import nn
from autodiff import Value
from nn import L1, L2, MLP, SGD, Dropout, Layer, Sequential, clipping, fit, schedules
from nn.datasets import moons

X, LABELS = moons(60, rng=0)


def quiet(*args: Any, **options: Any) -> nn.History:
    return fit(*args, **{"progress": False, "rng": 0, "loss": "hinge", **options})


def net() -> MLP:
    return MLP(2, [5, 1], activation="tanh", rng=0)


def numbers(model: Any) -> list[float]:
    return [p.data for p in model.parameters()]


def test_l2_on_everything_is_the_weight_decay_of_sgd() -> None:
    decayed, penalized = net(), net()
    quiet(decayed, X, LABELS, optimizer=SGD(lr=0.1, weight_decay=0.3), epochs=5)
    quiet(penalized, X, LABELS, optimizer=SGD(lr=0.1), penalty=L2(0.3, biases=True), epochs=5)
    assert numbers(penalized) == pytest.approx(numbers(decayed), rel=1e-12)


def test_penalties_are_part_of_the_loss_and_spare_biases() -> None:
    model = net()
    model.layers[0].b = [1.0, 2.0, 3.0, 4.0, 5.0]
    weights = np.concatenate([layer.W.ravel() for layer in model.layers])
    plain = quiet(model, X, LABELS, optimizer=SGD(lr=1e-300), epochs=1).loss[0]
    both = quiet(model, X, LABELS, optimizer=SGD(lr=1e-300), epochs=1, penalty=[L1(0.5), L2(0.25)]).loss[0]
    assert both - plain == pytest.approx(0.5 * np.abs(weights).sum() + 0.125 * (weights**2).sum(), rel=1e-12)


def test_l1_leaves_weights_of_zero() -> None:
    x = np.random.default_rng(0).normal(size=(50, 3))
    model = MLP(3, [1], rng=0)
    quiet(model, x, x[:, 0], loss="mse", optimizer=SGD(lr=0.01), penalty=L1(0.2), epochs=800)
    assert abs(model.layers[0].W[0, 1:]).max() < 0.01 < 0.5 < model.layers[0].W[0, 0]


@pytest.mark.parametrize("limit", [0.5, clipping.by_norm(0.5)])
def test_a_step_is_no_longer_than_the_clipped_gradient(limit: Any) -> None:
    model = net()
    before = np.array(numbers(model))
    quiet(model, X, 100.0 * LABELS, loss="mse", optimizer=SGD(lr=1.0), clip=limit, epochs=1)
    assert np.linalg.norm(np.array(numbers(model)) - before) == pytest.approx(0.5, rel=1e-9)


def test_clipping_leaves_short_gradients_and_survives_huge_ones() -> None:
    g = np.array([0.3, 0.4])
    clipping.by_norm(1.0)(g)
    assert g.tolist() == [0.3, 0.4]
    g = np.array([3e200, -4e200])
    with np.errstate(over="ignore"):
        clipping.by_norm(1.0)(g)
    assert g.tolist() == pytest.approx([0.6, -0.8])
    clipping.by_value(0.7)(g)
    assert g.tolist() == pytest.approx([0.6, -0.7])


def test_a_schedule_sets_the_rate_of_each_step_and_gives_it_back() -> None:
    rates: list[float] = []

    class Noted(SGD):
        def update(self, p: Any, g: Any) -> None:
            rates.append(self.lr)

    rule = Noted(lr=2.0)
    quiet(net(), X, LABELS, optimizer=rule, batch_size=30, epochs=2, schedule=schedules.linear(2.0))
    assert rates == [2.0, 1.5, 1.0, 0.5]
    assert rule.lr == 2.0


def test_schedules_are_those_of_their_formulas_and_multiply() -> None:
    both = schedules.warmup(2, start=0.5) * schedules.cosine(10, least=0.1)
    expected = 0.75 * (0.1 + 0.9 * 0.5 * (1.0 + math.cos(math.pi * 0.1)))
    assert both(1.0) == pytest.approx(expected, rel=1e-15)
    assert (schedules.step(5, gamma=0.5) * (lambda t: 3.0))(11.0) == 0.75
    assert schedules.cosine(4)(100.0) == 0.0


@pytest.mark.parametrize("name", ["StepLR", "CosineAnnealingLR", "LinearLR"])
def test_schedules_are_those_of_torch(name: str) -> None:
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    theirs, ours = {
        "StepLR": (lambda: torch.optim.lr_scheduler.StepLR(optimizer, 3), schedules.step(3)),
        "CosineAnnealingLR": (lambda: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 9), schedules.cosine(9)),
        "LinearLR": (lambda: torch.optim.lr_scheduler.LinearLR(optimizer), schedules.warmup(5)),
    }[name]
    scheduler = theirs()
    for t in range(9):
        assert ours(t) == pytest.approx(optimizer.param_groups[0]["lr"], abs=1e-12)
        optimizer.step()
        scheduler.step()


def dropping(p: float = 0.4) -> Sequential:
    return Sequential(Layer(2, 6, activation="tanh", rng=0), Dropout(p), Layer(6, 1, activation="linear", rng=1))


def test_dropout_is_the_same_for_a_seed_compiled_and_on_values() -> None:
    found = {}
    for engine in ("compiled", "eager"):
        model = dropping()
        history = quiet(model, X, LABELS, epochs=4, batch_size=16, engine=engine, validation=0.2)
        found[engine] = [*history.loss, *history.validation_loss, *numbers(model)]
    assert found["compiled"] == pytest.approx(found["eager"], rel=1e-11)
    other = dropping()
    assert quiet(other, X, LABELS, epochs=4, batch_size=16, validation=0.2, rng=1).loss != found["compiled"][:4]


def test_dropout_drops_in_training_alone() -> None:
    model, modes = dropping(), []
    history = quiet(
        model,
        X,
        LABELS,
        epochs=2,
        validation=(X, LABELS),
        callbacks=[lambda training: modes.append(model.layers[1].training)],
    )
    assert modes == [False, False]
    assert not model.layers[1].training
    costs = [max(0.0, 1.0 - y * model(x).data) for x, y in zip(X.tolist(), LABELS.tolist(), strict=True)]
    assert history.validation_loss[-1] == pytest.approx(np.mean(costs), rel=1e-12)


def test_masks_keep_the_mean() -> None:
    mask = Dropout(0.25).mask((100_000,), np.random.default_rng(0))
    assert set(mask.tolist()) == {0.0, 1.0 / 0.75}
    assert mask.mean() == pytest.approx(1.0, abs=0.01)


def test_one_dropout_for_two_widths_is_refused() -> None:
    drop = Dropout(0.5)
    model = Sequential(drop, Layer(2, 3, rng=0), drop, Layer(3, 1, rng=0))
    with pytest.raises(ValueError, match=r"`Dropout\(0\.5\)` is used for 2 inputs and for 3: take one for each"):
        quiet(model, X, LABELS)


def test_a_module_of_ones_own_may_look_at_training() -> None:
    class Doubling(nn.Module):
        def __init__(self) -> None:
            self.w = Value(1.0)

        def __call__(self, x: Any) -> Value:
            return self.w * x[0] * (2.0 if self.training else 1.0)

    for engine in ("compiled", "eager"):
        model = Doubling()
        history = quiet(
            model,
            [1.0, 2.0],
            [0.0, 0.0],
            loss="mse",
            epochs=2,
            validation=([1.0, 2.0], [0.0, 0.0]),
            optimizer=SGD(lr=1e-300),
            engine=engine,
        )
        assert (history.loss, history.validation_loss) == ([10.0, 10.0], [2.5, 2.5])


def test_masks_go_on_where_a_checkpoint_was_written(tmp_path: Any) -> None:
    whole, half, rest = dropping(), dropping(), dropping()
    options: dict[str, Any] = {"batch_size": 16, "validation": 0.2, "schedule": schedules.cosine(6)}
    expected = quiet(whole, X, LABELS, epochs=6, **options)
    path = tmp_path / "half.safetensors"
    quiet(half, X, LABELS, epochs=3, checkpoint=path, **options)
    history = quiet(rest, X, LABELS, epochs=6, checkpoint=path, **options)
    assert (history.loss, history.validation_loss) == (expected.loss, expected.validation_loss)
    assert numbers(rest) == numbers(whole)


@pytest.mark.parametrize("engine", ["compiled", "eager"])
def test_what_a_callback_changes_counts_for_validation_rows_too(engine: str) -> None:
    scale = {"by": 1.0}

    def loss(output: Any, y: Any) -> Any:
        return nn.mse(output, y) * scale["by"]

    def double(training: nn.Training) -> None:
        scale["by"] *= 2.0

    for model in (MLP(2, [1], rng=0), Sequential(Dropout(0.0), Layer(2, 1, activation="linear", rng=0))):
        scale["by"] = 1.0
        history = quiet(
            model,
            X,
            LABELS,
            loss=loss,
            optimizer=SGD(lr=1e-300),
            epochs=3,
            validation=(X, LABELS),
            callbacks=[double],
            engine=engine,
        )
        assert history.validation_loss == pytest.approx(history.loss, rel=1e-12)
        assert history.loss[2] == pytest.approx(4.0 * history.loss[0], rel=1e-12)

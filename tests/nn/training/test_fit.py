"""fit: steps equal those of a loop written by hand; batches, validation, weights."""

from __future__ import annotations

import inspect
from dataclasses import fields
from typing import Any

import numpy as np
import pytest

import nn
from autodiff import Value
from nn import MLP, SGD, Adam, hinge
from nn.datasets import iris
from nn.training.options import CHECKS, Options

from ...support.fitting import ENGINES, LABELS, Line, X, net, quiet


def test_every_keyword_of_fit_is_an_option_and_every_check_is_of_one() -> None:
    keywords = [name for name, p in inspect.signature(nn.fit).parameters.items() if p.kind is p.KEYWORD_ONLY]
    assert [field.name for field in fields(Options)] == keywords
    assert set(CHECKS) <= set(keywords)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_step_is_that_of_the_loop_one_would_write(engine: str) -> None:
    model, twin = net(), net()
    history = quiet(model, X, LABELS, loss="hinge", optimizer=SGD(lr=0.5), epochs=3, engine=engine)
    by_hand, rule = [], SGD(twin.parameters(), lr=0.5)
    for _ in range(3):
        loss = sum(hinge(twin(x), y) for x, y in zip(X.tolist(), LABELS.tolist(), strict=True)) / len(X)
        by_hand.append(loss.data)
        rule.zero_grad()
        loss.backward()
        rule.step()
    assert history.loss == pytest.approx(by_hand, rel=1e-13)
    assert [p.data for p in model.parameters()] == pytest.approx([p.data for p in twin.parameters()], rel=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
def test_least_squares_finds_the_line(engine: str) -> None:
    x = np.linspace(-1.0, 1.0, 9)
    model = MLP(1, [1], rng=0)
    history = quiet(model, x, 3.0 * x - 1.0, optimizer=SGD(lr=0.5), epochs=500, tolerance=1e-10, engine=engine)
    assert [p.data for p in model.parameters()] == pytest.approx([3.0, -1.0], abs=1e-9)
    assert history.stopped.startswith("converged: the norm of the gradient is ")
    assert history.epochs < 500
    assert history.accuracy == []


@pytest.mark.parametrize("loss", ["cross_entropy", "multiclass_hinge"])
def test_classes_may_be_strings(loss: str) -> None:
    flowers, y, names = iris()
    model = MLP(4, [3], rng=0)
    history = quiet(model, flowers, np.array(names)[y], loss=loss, optimizer=Adam(lr=0.05), epochs=300)
    assert history.classes == names
    assert history.accuracy[-1] > 0.95
    told = [names[int(np.argmax([a.data for a in model(x)]))] for x in flowers.tolist()]
    assert np.mean(np.array(told) == np.array(names)[y]) > 0.95


def test_a_batch_is_a_batch_and_an_epoch_has_every_row_once() -> None:
    met: list[list[int]] = []
    x = np.arange(7.0)

    class Seen(Line):
        def __call__(self, x: Any) -> Value:
            met[-1].append(int(x[0].data) if isinstance(x[0], Value) else int(x[0]))
            return super().__call__(x)

    met.append([])
    quiet(Seen(), x, x, batch_size=3, epochs=2, engine="eager", callbacks=[lambda training: met.append([])])
    first, second = met[0][-7:], met[1]
    assert sorted(first) == sorted(second) == list(range(7))
    assert first != second


def test_mini_batches_are_the_same_for_all_engines_and_a_seed() -> None:
    runs = {}
    for engine in ENGINES:
        model = net()
        history = quiet(model, X, LABELS, loss="binary_cross_entropy", epochs=4, batch_size=16, engine=engine)
        runs[engine] = history.loss, history.accuracy, [p.data for p in model.parameters()]
        assert history.engine == engine
    for engine in ENGINES[1:]:
        for one, other in zip(runs["compiled"], runs[engine], strict=True):
            assert one == pytest.approx(other, rel=1e-10)


def test_validation_rows_are_not_trained_on_and_measured_after_the_epoch() -> None:
    model, twin = net(), net()
    history = quiet(model, X[:40], LABELS[:40], loss="hinge", epochs=2, validation=(X[40:], LABELS[40:]))
    quiet(twin, X[:40], LABELS[:40], loss="hinge", epochs=2)
    assert model.state()["layers.0.weight"].tolist() == twin.state()["layers.0.weight"].tolist()
    costs = [hinge(model(x), y).data for x, y in zip(X[40:].tolist(), LABELS[40:].tolist(), strict=True)]
    assert history.validation_loss[-1] == pytest.approx(np.mean(costs), rel=1e-13)
    right = [(model(x).data > 0) == (y > 0) for x, y in zip(X[40:].tolist(), LABELS[40:].tolist(), strict=True)]
    assert history.validation_accuracy[-1] == np.mean(right)


def test_a_share_of_the_rows_is_held_out() -> None:
    x = np.arange(10.0)
    history = quiet(Line(), x, x, validation=0.3, epochs=1, optimizer=SGD(lr=1e-9))
    losses = (0.5 * x) ** 2
    held = history.validation_loss[0] * 3
    assert history.loss[0] * 7 + held == pytest.approx(losses.sum(), rel=1e-6)


@pytest.mark.parametrize("engine", ENGINES)
def test_sample_weights_are_repetitions(engine: str) -> None:
    counts = np.arange(len(X)) % 3
    weighted, repeated = net(), net()
    one = quiet(weighted, X, LABELS, loss="hinge", epochs=5, sample_weight=counts, engine=engine)
    rows = np.repeat(np.arange(len(X)), counts)
    other = quiet(repeated, X[rows], LABELS[rows], loss="hinge", epochs=5, engine=engine)
    assert one.loss == pytest.approx(other.loss, rel=1e-12)
    assert [p.data for p in weighted.parameters()] == pytest.approx([p.data for p in repeated.parameters()], rel=1e-10)


def test_class_weights_weigh_the_rows_of_a_class() -> None:
    by_class, by_row = net(), net()
    one = quiet(by_class, X, LABELS, loss="hinge", epochs=3, class_weight={1: 3.0})
    other = quiet(by_row, X, LABELS, loss="hinge", epochs=3, sample_weight=np.where(LABELS == 1, 3.0, 1.0))
    assert one.loss == other.loss


def test_balanced_classes_count_alike() -> None:
    found = nn.training.data.examples.weights(None, "balanced", ["a"] * 3 + ["b"], 4)
    assert found is not None
    assert found.tolist() == [4 / 6] * 3 + [2.0]


def test_rows_keep_their_order_without_shuffling() -> None:
    met: list[float] = []

    class Seen(Line):
        def __call__(self, x: Any) -> Value:
            met.append(float(x[0]))
            return super().__call__(x)

    x = np.arange(7.0)
    quiet(Seen(), x, x, batch_size=3, epochs=1, engine="eager", shuffle=False)
    assert met[-7:] == x.tolist()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_loss_may_be_written_with_pythons_max(engine: str) -> None:
    model, twin = net(), net()
    one = quiet(model, X, LABELS, loss=lambda score, y: max(0, 1 - y * score), epochs=20, engine=engine)
    other = quiet(twin, X, LABELS, loss="hinge", epochs=20)
    assert one.loss == pytest.approx(other.loss, rel=1e-10)
    assert one.accuracy == []


def test_without_llvmlite_numpy_computes_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    native = quiet(net(), X, LABELS, loss="binary_cross_entropy", epochs=5, batch_size=16, validation=0.2)
    monkeypatch.setattr("autodiff.compiler.llvm.jit.available", lambda: False)
    history = quiet(net(), X, LABELS, loss="binary_cross_entropy", epochs=5, batch_size=16, validation=0.2)
    assert history.engine == "compiled"
    assert [*history.loss, *history.validation_loss] == pytest.approx(
        [*native.loss, *native.validation_loss], rel=1e-12
    )

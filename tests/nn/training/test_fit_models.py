"""fit: frozen parameters, changes made by callbacks, and the kinds of models."""

from __future__ import annotations

import inspect
import json
from typing import Any

import numpy as np
import pytest

import nn
from autodiff import Value
from nn import MLP, SGD, Adam, Module, fit
from nn.training.checkpoints import capture, restore
from nn.training.fit import prepare
from nn.training.options import Options

from ...support.fitting import ENGINES, LABELS, Line, X, net, quiet


@pytest.mark.parametrize("engine", ENGINES)
def test_frozen_parameters_stay(engine: str) -> None:
    model = net()
    before, slopes = model.state(), [p.grad for p in model.parameters()]
    quiet(model, X, LABELS, loss="hinge", epochs=3, frozen=["layers.0.neurons.1", model.layers[1]], engine=engine)
    after = model.state()
    assert after["layers.1.weight"].tolist() == before["layers.1.weight"].tolist()
    assert (after["layers.0.weight"] != before["layers.0.weight"]).any(axis=1).tolist() == [True, False] + [True] * 4
    assert [p.grad for p in model.parameters()] == slopes


def test_what_is_frozen_must_be_there() -> None:
    with pytest.raises(ValueError, match=r"`frozen` has the path 'layers\.7'"):
        quiet(net(), X, LABELS, frozen=["layers.7"])
    with pytest.raises(ValueError, match="all parameters are frozen"):
        quiet(net(), X, LABELS, frozen=["layers"])
    model = net()
    with pytest.raises(ValueError, match="the optimizer moves frozen parameters"):
        quiet(model, X, LABELS, frozen=["layers.0"], optimizer=SGD(model.parameters()))


def test_an_optimizer_goes_on_where_it_was_but_not_with_another_model() -> None:
    whole, twice, rule = net(), net(), Adam(lr=0.01)
    quiet(whole, X, LABELS, loss="hinge", optimizer=Adam(lr=0.01), epochs=6)
    quiet(twice, X, LABELS, loss="hinge", optimizer=rule, epochs=2)
    quiet(twice, X, LABELS, loss="hinge", optimizer=rule, epochs=4)
    assert rule.steps == 6
    assert [p.data for p in twice.parameters()] == [p.data for p in whole.parameters()]
    with pytest.raises(ValueError, match="was it made for another model"):
        quiet(net(), X, LABELS, optimizer=rule)


@pytest.mark.parametrize("share", [None, 0.25])
@pytest.mark.parametrize("rule", ["adam", "sgd"])
def test_a_training_that_is_captured_and_restored_goes_on_bit_for_bit(rule: str, share: float | None) -> None:
    options: dict[str, Any] = {"loss": "hinge", "optimizer": rule, "batch_size": 16, "validation": share}
    whole, half, rest = net(), net(), net(rng=5)
    kept: list[Any] = []
    expected = quiet(whole, X, LABELS, epochs=6, **options)
    quiet(half, X, LABELS, epochs=3, callbacks=[lambda training: kept.append(capture(training))], **options)
    arrays, numbers = kept[-1]
    defaults = {name: p.default for name, p in inspect.signature(fit).parameters.items()}
    training = prepare(rest, X, LABELS, Options.checked({**defaults, **options, "rng": 99}), seed=numbers["seed"])
    restore(training, arrays, json.loads(json.dumps(numbers)))
    history = training.run(6)
    assert (history.loss, history.validation_loss) == (expected.loss, expected.validation_loss)
    assert [p.data for p in rest.parameters()] == [p.data for p in whole.parameters()]


@pytest.mark.parametrize("engine", ENGINES)
def test_what_a_callback_changes_in_the_loss_counts(engine: str) -> None:
    scale = {"by": 1.0}

    def loss(output: Any, y: Any) -> Any:
        return nn.mse(output, y) * scale["by"]

    def double(training: nn.Training) -> None:
        scale["by"] *= 2.0

    x = np.array([1.0, 2.0, 3.0])
    history = quiet(
        MLP(1, [1], rng=0), x, x, loss=loss, optimizer=SGD(lr=1e-300), epochs=3, callbacks=[double], engine=engine
    )
    assert history.loss == pytest.approx([history.loss[0], 2.0 * history.loss[0], 4.0 * history.loss[0]], rel=1e-12)


def test_a_frozen_parameter_that_a_callback_changes_counts() -> None:
    model = Line()

    def shift(training: nn.Training) -> None:
        model.b.data += 1.0

    x = np.array([1.0, -1.0])
    found = [
        quiet(model, x, x, optimizer=SGD(lr=1e-300), epochs=2, frozen=["b"], callbacks=[shift], engine=engine).loss
        for engine in ("compiled", "eager")
    ]
    assert found == [[0.25, 1.25], [4.25, 9.25]]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_standardized_model_is_trained_on_standardized_rows(engine: str) -> None:
    inner, plain = net(), net()
    fitted = nn.Standardization.fit(X)
    one = quiet(
        nn.Standardized(inner, fitted), X, LABELS, loss="hinge", epochs=3, engine=engine, validation=(X, LABELS)
    )
    other = quiet(plain, fitted(X), LABELS, loss="hinge", epochs=3, engine=engine, validation=(fitted(X), LABELS))
    assert (one.loss, one.validation_loss) == (other.loss, other.validation_loss)
    assert [p.data for p in inner.parameters()] == [p.data for p in plain.parameters()]


def test_models_that_share_parts_or_keep_them_in_dicts_are_trained_whole() -> None:
    class Tied(Module):
        def __init__(self) -> None:
            self.parts = {"up": nn.Layer(1, 2, activation="tanh", rng=0), "free": [Value(0.0)]}
            self.again = self.parts["up"]

        def __call__(self, x: Any) -> Value:
            up = self.parts["up"](x)
            return up[0] - up[1] + self.again([0.5])[0] + self.parts["free"][0]

    runs = []
    for engine in ("compiled", "eager"):
        model = Tied()
        history = quiet(model, [0.0, 1.0], [1.0, 2.0], optimizer=SGD(lr=0.1), epochs=20, engine=engine)
        runs.append([*history.loss, *[p.data for p in model.parameters()]])
        assert len(model.parameters()) == 5
    assert runs[0] == pytest.approx(runs[1], rel=1e-12)
    assert runs[0][19] < 0.5 * runs[0][0]


def test_branches_that_hang_on_parameters_are_those_of_the_parameters_as_they_become() -> None:
    class Bent(Module):
        def __init__(self) -> None:
            self.a, self.b, self.c = Value(1.0), Value(1.0), Value(0.5)

        def __call__(self, x: Any) -> Value:
            return self.a * x[0] if self.a > 0.5 else self.b * x[0] + max(self.c, 0.25 * x[0])

    runs = []
    for engine in ("compiled", "eager"):
        model = Bent()
        history = quiet(model, [1.0, 2.0, 4.0], [-1.0, 0.0, 1.0], optimizer=SGD(lr=0.02), epochs=30, engine=engine)
        runs.append([*history.loss, *[p.data for p in model.parameters()]])
    assert runs[0] == pytest.approx(runs[1], rel=1e-12)
    assert runs[0][-3] < 0.5
    assert runs[0][-2] != 1.0

"""Every loss of the table: its gradient, its bits when compiled, its targets, its class rule and its errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff
import nn
from autodiff import Value
from nn.losses.registry import INDEX, LOSSES, SIGMOID, SOFTMAX, LossRecord, loss_named, record
from nn.losses.targets import targets
from nn.modules.prediction import correct, predicted

ROWS, STEP = 24, 2.0**-17
LINKS: dict[Any, Callable[[Any], Any]] = {SOFTMAX: autodiff.softmax, SIGMOID: lambda a: list(map(autodiff.sigmoid, a))}
CLOSED: dict[str, Callable[[Any, Any], Any]] = {  # ∂loss/∂a of k outputs a, where it has a closed form
    "mse": lambda a, y: 2.0 * (a - y) / len(a),
    "half_mse": lambda a, y: a - y,
    "mae": lambda a, y: np.sign(a - y) / len(a),
    "huber": lambda a, y: np.clip(a - y, -1.0, 1.0) / len(a),
    "cross_entropy": lambda a, y: np.exp(a) / np.exp(a).sum() - np.eye(len(a))[int(y)],
    "binary_cross_entropy": lambda a, y: (1.0 / (1.0 + np.exp(-a)) - y) / len(a),
    "hinge": lambda a, y: np.where(y * a < 1.0, -y, 0.0) / len(a),
}


def samples(row: LossRecord, seed: int = 0) -> list[tuple[list[float], Any]]:
    """Return outputs, each with a target as the coding of the loss has it."""
    rng = np.random.default_rng(seed)
    outputs = rng.normal(scale=2.0, size=(ROWS, 3))
    if row.labels is None:
        return list(zip(outputs.tolist(), rng.normal(size=(ROWS, 3)).tolist(), strict=True))
    if row.labels.pair is None:
        return list(zip(outputs.tolist(), rng.integers(3, size=ROWS).tolist(), strict=True))
    return list(zip(outputs.tolist(), rng.choice(row.labels.pair, size=(ROWS, 3)).tolist(), strict=True))


@pytest.fixture(params=LOSSES.values(), ids=LOSSES)
def row(request: pytest.FixtureRequest) -> Any:
    return request.param


def slopes(row: LossRecord, outputs: list[float], target: Any) -> list[float]:
    values = [Value(a) for a in outputs]
    row.function(values, target).backward()
    return [v.grad for v in values]


def test_a_loss_is_public_and_found_by_its_name(row: LossRecord) -> None:
    name = row.function.__name__
    assert getattr(nn, name) is row.function
    assert name in nn.__all__
    assert loss_named(name) is row.function
    assert record(row.function) is row


def test_the_gradient_is_that_of_central_differences(row: LossRecord) -> None:
    for outputs, target in samples(row):
        ends = [[float(row.function(np.add(outputs, at).tolist(), target)) for at in (e, -e)] for e in STEP * np.eye(3)]
        differences = [(high - low) / (2.0 * STEP) for high, low in ends]
        assert slopes(row, outputs, target) == pytest.approx(differences, rel=1e-5, abs=1e-8)


@pytest.mark.parametrize("name", CLOSED)
def test_the_gradient_is_the_closed_form(name: str) -> None:
    for outputs, target in samples(LOSSES[name]):
        truth = CLOSED[name](np.array(outputs), np.array(target))
        assert slopes(LOSSES[name], outputs, target) == pytest.approx(truth, rel=1e-13, abs=1e-15)


def test_a_compiled_loss_has_the_bits_of_an_eager_one(row: LossRecord) -> None:
    compiled = autodiff.compile(autodiff.value_and_grad(row.function))
    for outputs, target in samples(row):
        value, slope = compiled(outputs, np.float64(target) if np.ndim(target) == 0 else target)
        eager = row.function([Value(a) for a in outputs], target)
        assert float(value).hex() == eager.data.hex()
        assert [float(g).hex() for g in slope] == [g.hex() for g in slopes(row, outputs, target)]


def test_a_loss_is_not_negative_and_nan_for_nan(row: LossRecord) -> None:
    for outputs, target in samples(row):
        assert float(row.function(outputs, target)) >= 0.0
    outputs, target = samples(row)[0]
    assert np.isnan(float(row.function([float("nan"), *outputs[1:]], target)))


def test_a_net_learns_by_every_loss(row: LossRecord) -> None:
    X = np.linspace(-1.0, 1.0, 20)[:, None]
    Y = X[:, 0] if row.labels is None else np.where(X[:, 0] > 0.0, "right", "left")
    net = nn.MLP(1, [4, 2 if row.labels == INDEX else 1], activation="tanh", rng=0)
    found = nn.fit(net, X, Y, loss=row.function.__name__, optimizer=nn.Adam(lr=0.05), epochs=100, progress=False)
    assert found.loss[-1] < 0.5 * found.loss[0]
    assert (found.accuracy[-1] == 1.0) if row.labels else not found.accuracy


def test_labels_are_coded_as_the_row_says_and_the_class_rule_reads_them(row: LossRecord) -> None:
    if row.labels is None:
        with pytest.raises(TypeError, match="`Y` has labels, such as no: take a loss of classes"):
            targets(row.function, ["no", "yes"], 1)
        return
    names = ("no", "yes") if row.labels.pair else ("a", "b", "c")
    outputs = np.random.default_rng(0).normal(size=(ROWS, 1 if row.labels.pair else 3))
    index = np.random.default_rng(1).integers(len(names), size=ROWS)
    coded = targets(row.function, np.array(names)[index], outputs.shape[1], classes=names)
    assert coded.Y.tolist() == np.array(row.labels.pair or range(3), float)[index].tolist()
    counted = [float(correct(a.tolist(), y)) for a, y in zip(outputs, coded.Y.tolist(), strict=True)]
    assert counted == (predicted(outputs) == index).astype(float).tolist()
    with pytest.raises(ValueError, match=f"`{row.function.__name__}` of labels needs "):
        targets(row.function, np.array(names)[index], 2 if row.labels.pair else 1)


def test_outputs_that_went_through_the_link_are_refused(row: LossRecord) -> None:
    width = 2 if row.labels == INDEX else 1
    Y = [0, 1] if row.labels else [0.0, 1.0]
    for link, function in LINKS.items():
        net = nn.Sequential(nn.Layer(1, width, activation="linear", rng=0), lambda a, f=function: f(listed(a)))
        if link == row.link:
            with pytest.raises(ValueError, match=f"takes logits, of which it takes the {link.name}"):
                nn.fit(net, [1.0, 2.0], Y, loss=row.function, epochs=1, progress=False)
        else:
            assert nn.fit(net, [1.0, 2.0], Y, loss=row.function, epochs=1, progress=False).epochs == 1


def listed(a: Any) -> list[Any]:
    return a if isinstance(a, list) else [a]


def test_another_number_of_targets_is_refused(row: LossRecord) -> None:
    many = [[0.0, 1.0], [0.0, 1.0, 0.0]] if row.labels != INDEX else [[0.0, 1.0], 2]
    with pytest.raises(ValueError, match=f"`{row.function.__name__}` takes "):
        row.function(*many)

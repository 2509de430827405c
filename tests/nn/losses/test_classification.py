"""Losses of classes, mae and huber: values by hand, against PyTorch, stable at any size; errors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from autodiff import Value
from nn import binary_cross_entropy, cross_entropy, huber, mae, multiclass_hinge

OUTPUTS = [0.5, -1.25, 3.0]


def slopes(loss: Any, outputs: list[float], target: Any) -> list[float]:
    values = [Value(a) for a in outputs]
    loss(values, target).backward()
    return [v.grad for v in values]


def test_cross_entropy_is_minus_the_logarithm_of_the_probability() -> None:
    p = np.exp(OUTPUTS) / np.exp(OUTPUTS).sum()
    assert cross_entropy([Value(a) for a in OUTPUTS], 1).data == pytest.approx(-math.log(p[1]), rel=1e-15)
    assert slopes(cross_entropy, OUTPUTS, 1) == pytest.approx(p - np.eye(3)[1], rel=1e-14)


def test_cross_entropy_takes_a_distribution() -> None:
    mixed = cross_entropy([Value(a) for a in OUTPUTS], [0.25, 0.5, 0.25]).data
    apart = [cross_entropy([Value(a) for a in OUTPUTS], k).data for k in range(3)]
    assert mixed == pytest.approx(0.25 * apart[0] + 0.5 * apart[1] + 0.25 * apart[2], rel=1e-15)


@pytest.mark.parametrize("a", [-1000.0, -40.0, 0.0, 40.0, 1000.0])
@pytest.mark.parametrize("y", [0, 1])
def test_entropies_of_two_classes_agree_and_keep_their_tails(a: float, y: int) -> None:
    other = a if y == 0 else -a
    truth = max(other, 0.0) + math.log1p(math.exp(-abs(other)))
    assert binary_cross_entropy(Value(a), y).data == pytest.approx(truth, rel=1e-15)
    assert cross_entropy([Value(0.0), Value(a)], y).data == pytest.approx(truth, rel=1e-15, abs=1e-300 + 1e-16 * abs(a))
    (slope,) = slopes(lambda values, y: binary_cross_entropy(values[0], y), [a], y)
    assert math.isfinite(slope)
    assert abs(slope) == pytest.approx(math.exp(min(other, 0.0)) / (1.0 + math.exp(-abs(other))), rel=1e-14)


def test_binary_cross_entropy_takes_probabilities() -> None:
    apart = [binary_cross_entropy(Value(0.7), y).data for y in (0, 1)]
    assert binary_cross_entropy(Value(0.7), 0.25).data == pytest.approx(0.75 * apart[0] + 0.25 * apart[1], rel=1e-15)


def test_multiclass_hinge_adds_up_what_is_missing_to_each_margin() -> None:
    assert multiclass_hinge([Value(1.0), Value(1.5), Value(-3.0)], 0).data == 1.5 / 3
    assert slopes(multiclass_hinge, [1.0, 1.5, -3.0], 0) == pytest.approx([-1 / 3, 1 / 3, 0.0], rel=1e-15)


def test_mae_is_the_mean_of_the_absolute_errors() -> None:
    assert mae([Value(1.0), Value(5.0)], [0.0, 8.0]).data == 2.0
    assert slopes(mae, [1.0, 5.0, 2.0, 2.0], [0.0, 8.0, 2.0, 2.0]) == [0.25, -0.25, 0.0, 0.0]


@pytest.mark.parametrize(("a", "value", "slope"), [(0.5, 0.125, 0.5), (2.0, 2.0, 2.0), (-5.0, 8.0, -2.0)])
def test_huber_is_a_square_inside_and_a_line_outside(a: float, value: float, slope: float) -> None:
    assert huber(Value(a), 0.0, delta=2.0).data == value
    assert slopes(lambda values, y: huber(values, y, delta=2.0), [a], 0.0) == [slope]


@pytest.mark.parametrize("k", [0, 1, 2])
def test_losses_are_those_of_torch(k: int) -> None:
    torch = pytest.importorskip("torch")
    rows = torch.tensor([OUTPUTS], dtype=torch.float64, requires_grad=True)
    target, numbers = torch.tensor([k]), torch.tensor([[0.5, float(k), -2.0]], dtype=torch.float64)
    shares = torch.sigmoid(numbers)
    pairs = [
        (torch.nn.CrossEntropyLoss()(rows, target), cross_entropy, k),
        (torch.nn.MultiMarginLoss()(rows, target), multiclass_hinge, k),
        (torch.nn.HuberLoss()(rows, numbers), huber, numbers[0].tolist()),
        (torch.nn.L1Loss()(rows, numbers), mae, numbers[0].tolist()),
        (torch.nn.BCEWithLogitsLoss()(rows, shares), binary_cross_entropy, shares[0].tolist()),
    ]
    for theirs, ours, own in pairs:
        assert ours([Value(a) for a in OUTPUTS], own).data == pytest.approx(theirs.item(), rel=1e-14)
        (expected,) = torch.autograd.grad(theirs, rows, retain_graph=True)
        assert slopes(ours, OUTPUTS, own) == pytest.approx(expected[0].tolist(), rel=1e-13, abs=1e-16)


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: cross_entropy([Value(0.0)], 0), ValueError, "`cross_entropy` takes at least two outputs"),
        (lambda: cross_entropy([0.0, 1.0], 2), ValueError, "takes a class from 0 to 1, got 2"),
        (lambda: cross_entropy([0.0, 1.0], -1), ValueError, "takes a class from 0 to 1, got -1"),
        (lambda: cross_entropy([0.0, 1.0], 0.5), TypeError, r"takes the index of a class, got float 0\.5"),
        (lambda: cross_entropy([0.0, 1.0], "a"), TypeError, "takes the index of a class, got str 'a'"),
        (lambda: cross_entropy([0.0, 1.0], [1.0]), ValueError, "2 outputs and 1 targets"),
        (lambda: binary_cross_entropy(0.0, -1), ValueError, "takes targets from 0 to 1, got -1"),
        (lambda: multiclass_hinge([0.0, 1.0], 5), ValueError, "takes a class from 0 to 1, got 5"),
        (lambda: huber(0.0, 1.0, delta=0.0), ValueError, "`delta` is positive"),
    ],
)
def test_wrong_targets_are_refused(call: Any, kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        call()

"""Losses: values and gradients by hand, and errors."""

import numpy as np
import pytest

from autodiff import Value
from nn import half_mse, hinge, mse

LOSSES = [mse, half_mse, hinge]


def slopes(loss, outputs, target):
    values = [Value(a) for a in outputs]
    loss(values, target).backward()
    return [v.grad for v in values]


def test_mse_is_the_mean_of_the_squared_errors():
    assert mse([Value(1.0), Value(5.0)], [0.0, 2.0]).data == 5.0
    assert slopes(mse, [1.0, 5.0], [0.0, 2.0]) == [1.0, 3.0]


def test_half_mse_is_half_the_sum_of_the_squared_errors():
    assert half_mse([Value(1.0), Value(5.0)], [0.0, 2.0]).data == 5.0
    assert slopes(half_mse, [1.0, 5.0], [0.0, 2.0]) == [1.0, 3.0]
    assert half_mse(Value(3.0), 1.0).data == 2.0


@pytest.mark.parametrize(
    ("a", "y", "expected", "slope"), [(0.5, 1, 0.5, -1), (0.5, -1, 1.5, 1), (2, 1, 0, 0), (-2, -1, 0, 0)]
)
def test_hinge_is_what_is_missing_to_a_margin_of_one(a, y, expected, slope):
    assert hinge(Value(a), y).data == expected
    assert slopes(hinge, [a], [y]) == [slope]


def test_hinge_of_several_outputs_is_their_mean():
    assert hinge([Value(0.5), Value(0.5)], [1, -1]).data == 1.0


def test_hinge_is_the_margin_loss_of_the_micrograd_demo_bit_for_bit():
    rng = np.random.default_rng(0)
    for a, y in zip(rng.normal(size=100).tolist(), rng.choice([-1, 1], size=100).tolist(), strict=True):
        assert hinge(Value(a), y).data == (1 + -y * Value(a)).relu().data


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("target", [1, 1.0, np.float64(1.0), np.array(1.0), np.array([1.0]), [1], (1,), Value(1.0)])
def test_a_bare_output_takes_a_target_bare_or_in_a_list_of_one(loss, target):
    assert loss(Value(0.25), target).data == loss([Value(0.25)], [1.0]).data


@pytest.mark.parametrize("loss", LOSSES)
def test_lengths_that_differ_are_named(loss):
    with pytest.raises(ValueError, match=rf"`{loss.__name__}` .* got 2 outputs and 3 targets"):
        loss([Value(1.0)] * 2, [1, 1, 1])
    with pytest.raises(ValueError, match="got 2 outputs and 1 target"):
        loss([Value(1.0)] * 2, 1)
    with pytest.raises(ValueError, match="got 0 outputs"):
        loss([], [])


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("target", [None, "a", {1.0}])
def test_a_target_that_is_no_vector_is_refused(loss, target):
    with pytest.raises(TypeError, match=f"`{loss.__name__}` takes a list of numbers or Values"):
        loss(Value(1.0), target)


def test_hinge_refuses_targets_that_are_not_minus_one_or_plus_one():
    with pytest.raises(ValueError, match=r"targets of -1 or \+1, got 0\. From 0 and 1, take 2 \* y - 1"):
        hinge(Value(1.0), 0)


def test_a_target_may_be_a_value_that_is_differentiated():
    y = Value(1.0)
    mse(Value(3.0), y).backward()
    assert y.grad == -4.0


@pytest.mark.parametrize("loss", LOSSES)
def test_nan_gives_nan(loss):
    out = loss(Value(float("nan")), 1.0)
    assert out.data != out.data

"""micrograd's demo, with only the imports changed, gives micrograd's numbers."""

import random

import numpy as np
import pytest
from sklearn.datasets import make_moons

from autodiff import Value
from nn import MLP


@pytest.fixture(scope="module")
def history():
    """Losses and accuracies of the notebook's 100 steps; the body is the notebook's."""
    np.random.seed(1337)
    random.seed(1337)
    X, y = make_moons(n_samples=100, noise=0.1)
    y = y * 2 - 1
    model = MLP(2, [16, 16, 1])

    def loss():
        inputs = [list(map(Value, xrow)) for xrow in X]
        scores = list(map(model, inputs))
        losses = [(1 + -yi * scorei).relu() for yi, scorei in zip(y, scores, strict=True)]
        data_loss = sum(losses) * (1.0 / len(losses))
        alpha = 1e-4
        reg_loss = alpha * sum(p * p for p in model.parameters())
        total_loss = data_loss + reg_loss
        accuracy = [(yi > 0) == (scorei.data > 0) for yi, scorei in zip(y, scores, strict=True)]
        return total_loss, sum(accuracy) / len(accuracy)

    steps = []
    for k in range(100):
        total_loss, acc = loss()
        model.zero_grad()
        total_loss.backward()
        learning_rate = 1.0 - 0.9 * k / 100
        for p in model.parameters():
            p.data -= learning_rate * p.grad
        steps.append((total_loss.data, acc))
    return steps


def test_the_first_losses_are_those_of_micrograd(history):
    assert history[0][0] == pytest.approx(0.8958441028683222, abs=1e-9)
    assert history[1][0] == pytest.approx(1.7235905336972022, abs=1e-9)


def test_the_last_loss_is_that_of_micrograd_but_for_rounding(history):
    assert history[99][0] == pytest.approx(0.010978370135492717, rel=0.05)


def test_the_demo_ends_with_every_point_classified(history):
    assert history[99][1] == 1.0

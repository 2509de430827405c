"""Targets: what labels become, and which classes a loss knows them as."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from nn import MLP, binary_cross_entropy, cross_entropy, fit, hinge, mse, multiclass_hinge
from nn.losses.targets import targets
from nn.modules.prediction import correct

CASES: list[tuple[Any, Any, int, list[float], Any]] = [
    (hinge, [-1, 1, 1], 1, [-1.0, 1.0, 1.0], (-1, 1)),
    (hinge, [0, 1, 1], 1, [-1.0, 1.0, 1.0], (0, 1)),
    (hinge, [1, 1, 1], 1, [1.0, 1.0, 1.0], (0, 1)),
    (hinge, [-1, -1], 1, [-1.0, -1.0], (-1, 1)),
    (hinge, ["no", "yes"], 1, [-1.0, 1.0], ("no", "yes")),
    (hinge, [[7], [3]], 1, [1.0, -1.0], (3, 7)),
    (binary_cross_entropy, [-1.0, 1.0], 1, [0.0, 1.0], (-1, 1)),
    (binary_cross_entropy, [False, True], 1, [0.0, 1.0], (False, True)),
    (binary_cross_entropy, [0.25, 0.5], 1, [0.25, 0.5], None),
    (cross_entropy, [0, 2, 2], 3, [0.0, 2.0, 2.0], (0, 1, 2)),
    (cross_entropy, [1.0, 0.0], 2, [1.0, 0.0], (0, 1)),
    (cross_entropy, [10, 30, 20], 3, [0.0, 2.0, 1.0], (10, 20, 30)),
    (cross_entropy, np.array(["b", "a"], object), 2, [1.0, 0.0], ("a", "b")),
    (multiclass_hinge, [0.0, 1.0], 2, [0.0, 1.0], (0, 1)),
    (mse, [1, 2], 1, [1.0, 2.0], None),
    (mse, [[1.5], [2.5]], 1, [1.5, 2.5], None),
]


@pytest.mark.parametrize(("loss", "Y", "outputs", "expected", "classes"), CASES)
def test_labels_become_the_numbers_that_a_loss_takes(
    loss: Any, Y: Any, outputs: int, expected: list[float], classes: Any
) -> None:
    found = targets(loss, Y, outputs)
    assert (found.Y.tolist(), found.classes) == (expected, classes)


def test_rows_of_probabilities_are_taken_as_they_are() -> None:
    assert targets(cross_entropy, [[0.5, 0.5], [1.0, 0.0]], 2).Y.shape == (2, 2)


@pytest.mark.parametrize("outputs", list(product([-1.0, 0.0, 0.5], repeat=3)))
def test_of_equal_outputs_the_first_is_right(outputs: tuple[float, ...]) -> None:
    one_hot = (np.arange(3) == np.argmax(outputs)).astype(float).tolist()
    assert [float(correct(list(outputs), y)) for y in (0.0, 1.0, 2.0)] == one_hot


@pytest.mark.parametrize("engine", ["compiled", "eager", "backprop"])
def test_a_dead_net_is_right_for_the_first_class_only(engine: str) -> None:
    net = MLP(1, [3], activation="linear")
    net.layers[0].W = np.zeros((3, 1))
    net.layers[0].b = np.zeros(3)
    found = fit(net, [-1.0, 0.0, 1.0], [0, 1, 2], loss="cross_entropy", epochs=1, engine=engine, progress=False)
    assert found.accuracy == pytest.approx([1 / 3])


@pytest.mark.parametrize(
    ("loss", "Y", "message"),
    [
        (hinge, [[0.5, 1.0]], r"takes numbers -1 or \+1; `Y` has 0\.5 in row 0"),
        (binary_cross_entropy, [0.5, 1.5], r"takes numbers from 0 to 1; `Y` has 1\.5 in row 1"),
        (cross_entropy, [[0.5, 0.5], [-1.0, 2.0]], r"takes numbers from 0 to 1; `Y` has -1\.0 in row 1"),
    ],
)
def test_numbers_that_are_no_signs_and_no_probabilities_are_named(loss: Any, Y: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        targets(loss, Y, len(Y[0]) if isinstance(Y[0], list) else 1)

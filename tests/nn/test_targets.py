"""Targets: what labels become, and which classes a loss knows them as."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nn import binary_cross_entropy, cross_entropy, hinge, mse, multiclass_hinge
from nn.targets import predicted, right, targets

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


@pytest.mark.parametrize("loss", [hinge, binary_cross_entropy, cross_entropy, multiclass_hinge])
def test_what_is_predicted_is_what_is_counted_as_right(loss: Any) -> None:
    single = loss in (hinge, binary_cross_entropy)
    outputs = np.random.default_rng(0).normal(size=(20, 1 if single else 3))
    names = ("no", "yes") if single else ("a", "b", "c")
    labels = np.random.default_rng(1).choice(names, 20)
    found = targets(loss, labels, outputs.shape[1], classes=names)
    counted = [float(right(loss)(a.tolist(), y)) for a, y in zip(outputs, found.Y.tolist(), strict=True)]
    assert counted == (predicted(loss, outputs, names) == labels).astype(float).tolist()


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

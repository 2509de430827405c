"""Classifier: labels by the largest output, or by the sign of one, and kept with the model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nn import MLP, Classifier, Layer, fit
from nn.datasets import moons


def test_the_largest_output_tells_the_class() -> None:
    layer = Layer(2, 3, activation="linear")
    layer.W = [[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]]
    assert Classifier(layer, ["a", "b", "c"]).predict([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]).tolist() == ["a", "b", "c"]


def test_labels_of_two_types_stay_what_they_are() -> None:
    layer = Layer(1, 1, activation="linear")
    layer.W = [[1.0]]
    assert Classifier(layer, ["none", 1]).predict([[-1.0], [1.0]]).tolist() == ["none", 1]


def test_labels_of_a_history_are_those_that_it_predicts() -> None:
    X, y = moons(60, rng=0)
    names = np.where(y > 0, "inner", "outer")
    model = MLP(2, [8, 1], activation="tanh", rng=0)
    history = fit(model, X, names, loss="binary_cross_entropy", epochs=200, batch_size=10, rng=0, progress=False)
    assert history.classes is not None
    assert np.mean(Classifier(model, history.classes).predict(X) == names) == history.accuracy[-1] > 0.8


@pytest.mark.parametrize(
    ("classes", "error", "message"),
    [
        ([1], ValueError, "at least two"),
        ([1, 1], ValueError, "different"),
        ([1, True], TypeError, "numbers or strings"),
        ([1, []], TypeError, "numbers or strings"),
    ],
)
def test_classes_are_different_numbers_or_strings(classes: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        Classifier(MLP(1, [2]), classes)


def test_a_model_of_other_outputs_predicts_nothing() -> None:
    with pytest.raises(ValueError, match="2 outputs for 3 classes"):
        Classifier(MLP(1, [2]), [0, 1, 2]).predict([[1.0]])


def test_what_cannot_be_called_is_no_model() -> None:
    with pytest.raises(TypeError, match="got int"):
        Classifier(1, [0, 1])  # type: ignore[arg-type]

"""Classifier: labels by the largest output, or by the sign of one, and kept with the model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nn import MLP, Adam, Classifier, Layer, Standardization, Standardized, fit
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
        ([1, True], ValueError, "different"),
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


@pytest.mark.parametrize("classes", [("dog", "cat"), (1, 0), (True, False)])
@pytest.mark.parametrize(("loss", "outputs"), [("cross_entropy", 2), ("hinge", 1)])
@pytest.mark.parametrize("standardized", [False, True])
def test_a_classifier_is_fitted_to_its_own_classes(classes: Any, loss: str, outputs: int, standardized: bool) -> None:
    X = np.random.default_rng(0).normal(size=(12, 2))
    labels = np.where(X[:, 0] > 0, *classes)
    model: Any = Classifier(MLP(2, [outputs], rng=0), classes)
    whole = Standardized(model, Standardization((0.0, 0.0), (1.0, 1.0))) if standardized else model
    history = fit(
        whole, X, labels, loss=loss, optimizer=Adam(lr=0.1), epochs=100, validation=(X, labels), progress=False
    )
    assert history.classes == classes
    assert np.mean(model.predict(X) == labels) == history.accuracy[-1] == history.validation_accuracy[-1] == 1.0


def test_labels_that_a_classifier_does_not_know_are_refused() -> None:
    with pytest.raises(ValueError, match="in row 1 the label 'cow'; the classes are"):
        fit(Classifier(MLP(1, [2]), ("dog", "cat")), [1.0, 2.0], ["cat", "cow"], loss="cross_entropy", progress=False)


def test_a_classifier_is_fitted_only_if_its_outputs_tell_its_classes() -> None:
    with pytest.raises(ValueError, match=r"the model has 3 classes.*outputs tell 2"):
        fit(Classifier(MLP(1, [2]), (0, 1, 2)), [1.0, 2.0], [0, 1], loss="cross_entropy", progress=False)


def test_a_classifier_takes_the_classes_of_a_history_of_bools() -> None:
    X = [[-1.0], [1.0]]
    model = MLP(1, [1], rng=0)
    history = fit(model, X, [False, True], loss="hinge", optimizer=Adam(lr=0.1), progress=False)
    assert Classifier(model, history.classes or ()).predict(X).tolist() == [False, True]

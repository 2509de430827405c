"""Metrics: by hand, and as scikit-learn has them."""

import numpy as np
import pytest
from sklearn import metrics as reference

from nn.metrics import accuracy, confusion_matrix, r2

DRAW = np.random.default_rng(0)


def test_accuracy_is_the_share_that_is_right():
    assert accuracy([1, 2, 2, 0], [1, 2, 0, 0]) == 0.75


def test_accuracy_of_strings_and_numbers_says_that_they_cannot_be_equal():
    with pytest.raises(TypeError, match="`predicted` has numbers and `target` strings"):
        accuracy([0, 1], ["a", "b"])


@pytest.mark.parametrize("metric", [accuracy, confusion_matrix, r2])
@pytest.mark.parametrize(("predicted", "target"), [([1, 2], [1]), ([], []), (1, 1), ([[[1]]], [[[1]]])])
def test_shapes_that_do_not_fit_are_named(metric, predicted, target):
    with pytest.raises(ValueError, match=r"one shape, \(m,\).* m ≥ 1; got \("):
        metric(predicted, target)


def test_a_confusion_matrix_has_the_true_class_in_rows():
    assert confusion_matrix(["b", "b", "a"], ["a", "b", "a"]).tolist() == [[1, 1], [0, 1]]


def test_a_confusion_matrix_takes_the_order_of_classes_and_those_that_do_not_occur():
    assert confusion_matrix([1, 0], [0, 0], classes=[2, 1, 0]).tolist() == [[0, 0, 0], [0, 0, 0], [0, 1, 1]]


@pytest.mark.parametrize("classes", [[0], [0, 0, 1], [[0, 1]]])
def test_classes_that_are_none_or_lack_a_label_are_refused(classes):
    with pytest.raises(ValueError, match="class"):
        confusion_matrix([0, 1], [0, 0], classes=classes)


def test_a_confusion_matrix_is_that_of_scikit_learn():
    predicted, target = DRAW.integers(0, 5, (2, 200))
    assert confusion_matrix(predicted, target).tolist() == reference.confusion_matrix(target, predicted).tolist()


@pytest.mark.parametrize("shape", [(30,), (30, 2)])
def test_r2_is_that_of_scikit_learn(shape):
    predicted, target = DRAW.normal(size=(2, *shape))
    assert r2(predicted, target) == pytest.approx(reference.r2_score(target, predicted), rel=1e-12)


@pytest.mark.parametrize(("predicted", "expected"), [([0.1, 0.1, 0.1], 1.0), ([0.1, 0.1, 0.2], 0.0)])
def test_r2_of_a_constant_target_is_one_only_where_it_is_met(predicted, expected):
    assert r2(predicted, [0.1, 0.1, 0.1]) == expected


def test_r2_of_one_example_is_undefined():
    with pytest.raises(ValueError, match="at least two"):
        r2([1.0], [1.0])


def test_r2_takes_real_numbers():
    with pytest.raises(TypeError, match="`predicted` takes real numbers"):
        r2(["a", "b"], [1.0, 2.0])

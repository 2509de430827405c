"""Standardization: zero mean and unit deviation for what it was fitted on, the same for Values, arrays and compiled."""

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from autodiff import Value, compile
from nn import MLP, Standardization, Standardized
from nn.datasets import iris


def test_it_is_that_of_scikit_learn():
    X = iris()[0]
    assert Standardization.fit(X)(X) == pytest.approx(StandardScaler().fit_transform(X), abs=1e-13)


def test_a_constant_column_becomes_zeros_whatever_rounding_does_to_its_mean():
    X = np.full((7, 1), 0.1)
    assert Standardization.fit(X)(X).tolist() == [[0.0]] * 7


@pytest.mark.parametrize("unit", [1e-200, 1e-320, 1e200])
def test_columns_of_any_unit_have_deviation_one(unit):
    X = np.array([[1.0], [2.0], [6.0]]) * unit
    assert Standardization.fit(X)(X).std() == pytest.approx(1.0, rel=1e-2)


def test_one_row_is_a_set_of_constant_columns():
    assert Standardization.fit([[3.0, 4.0]]) == Standardization((3.0, 4.0), (1.0, 1.0))


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        ([1.0, 2.0], ValueError, r"shape \(m, inputs\)"),
        (np.empty((0, 2)), ValueError, r"got \(0, 2\)"),
        ([[1.0, np.nan]], ValueError, "got nan in row 0, column 1"),
        ([["a"]], TypeError, "`X` takes real numbers"),
        ([[1.7e308], [-1.7e308], [1.7e308], [1.6e308]], ValueError, "finite"),
    ],
)
def test_what_cannot_be_standardized_is_refused(X, error, message):
    with pytest.raises(error, match=message):
        Standardization.fit(X)


@pytest.mark.parametrize(("mean", "scale"), [((), ()), ((0.0,), (0.0,)), ((0.0,), (1.0, 1.0)), ((np.inf,), (1.0,))])
def test_a_standardization_has_a_mean_and_a_positive_scale_for_each_input(mean, scale):
    with pytest.raises(ValueError, match="mean"):
        Standardization(mean, scale)


def test_another_number_of_inputs_is_refused():
    fitted = Standardization((0.0, 0.0), (1.0, 1.0))
    for x in ([1.0], np.ones((2, 3)), np.float64(1.0)):
        with pytest.raises(ValueError, match="fitted on 2 inputs, got"):
            fitted(x)


def test_the_inverse_leads_back():
    X = iris()[0]
    fitted = Standardization.fit(X)
    assert fitted.inverse(fitted(X)) == pytest.approx(X, abs=1e-14)


def test_values_arrays_and_a_compiled_model_are_standardized_to_the_same_bits():
    pytest.importorskip("llvmlite")
    X = iris()[0][:20]
    model = Standardized(MLP(4, [3, 1], activation="tanh", rng=0), Standardization.fit(X))
    eager = [model([Value(x) for x in row]).data for row in X.tolist()]
    by_hand = [model.model(z).data for z in model.standardization(X).tolist()]
    assert eager == by_hand
    assert compile(model, backend="interpreter").map(X).tolist() == eager


def test_gradients_go_through_to_parameters_and_inputs():
    model, x = Standardized(MLP(1, [1], rng=0), Standardization((1.0,), (4.0,))), Value(3.0)
    model([x]).backward()
    weight = model.parameters()[0]
    assert (weight.grad, x.grad) == (0.5, weight.data / 4.0)


@pytest.mark.parametrize("arguments", [(1, Standardization((0.0,), (1.0,))), (MLP(1, [1]), 1)])
def test_a_standardized_model_is_made_of_a_module_and_a_standardization(arguments):
    with pytest.raises(TypeError, match="got int"):
        Standardized(*arguments)

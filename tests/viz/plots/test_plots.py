"""Plots: each draws into given axes, or those of pyplot."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from nn import MLP, History, Layer, Module, Standardization, Standardized
from viz import accuracy_curve, activation_histograms, decision_boundary, gradient_histograms, loss_curve, weight_image

matplotlib = pytest.importorskip("matplotlib")
from matplotlib.collections import PathCollection  # noqa: E402
from matplotlib.contour import ContourSet  # noqa: E402


@pytest.fixture(autouse=True)
def no_window() -> Iterator[None]:
    from matplotlib import pyplot

    matplotlib.use("agg")
    yield
    pyplot.close("all")


@pytest.fixture
def axes() -> Any:
    from matplotlib.figure import Figure

    return Figure().subplots()


def test_a_loss_curve_has_a_point_for_each_step(axes: Any) -> None:
    assert loss_curve([1.0, 0.5, 0.25], axes) is axes
    assert axes.lines[0].get_xydata().tolist() == [[0.0, 1.0], [1.0, 0.5], [2.0, 0.25]]


@pytest.mark.parametrize(("losses", "scale"), [([1.0, 0.1], "log"), ([1.0, 0.0], "linear"), ([], "linear")])
def test_a_loss_curve_is_logarithmic_where_it_can_be(losses: list[float], scale: str, axes: Any) -> None:
    loss_curve(losses, axes)
    axes.figure.canvas.draw()
    assert axes.get_yscale() == scale


def test_a_boundary_runs_where_the_score_is_zero(axes: Any) -> None:
    decision_boundary(lambda P: P[:, 0] - 0.25, [[-1.0, 0.0], [1.0, 2.0], [0.5, 1.0]], [-1, 1, 1], axes)
    lines = [drawn for drawn in axes.collections if isinstance(drawn, ContourSet) and not drawn.filled]
    boundary = np.vstack([path.vertices for drawn in lines for path in drawn.get_paths()])
    assert np.allclose(boundary[:, 0], 0.25)
    assert points(axes) == [2, 1]


def test_a_boundary_may_be_nowhere(axes: Any) -> None:
    decision_boundary(lambda P: np.ones(len(P)), [[0.0, 0.0]], [1], axes)
    axes.figure.canvas.draw()


def test_without_axes_pyplot_makes_some() -> None:
    assert (
        loss_curve([1.0]).figure is not decision_boundary(lambda P: P[:, 1], [[0.0, -1.0], [0.0, 1.0]], [0, 1]).figure
    )


def test_without_matplotlib_an_import_error_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"pip install 'autodiff-scalar\[plot\]'"):
        loss_curve([1.0])


THREE = np.array([[0.0, 2.0], [-2.0, -1.0], [2.0, -1.0]])  # three points, and how near to each


def nearest(P: Any) -> Any:
    return -((P[:, None, :] - THREE) ** 2).sum(axis=2)


def points(axes: Any) -> list[int]:
    return [len(drawn.get_offsets()) for drawn in axes.collections if isinstance(drawn, PathCollection)]


def regions(axes: Any) -> int:
    return sum(isinstance(drawn, ContourSet) and bool(drawn.filled) for drawn in axes.collections)


@pytest.mark.parametrize("predict", [nearest, lambda P: nearest(P).argmax(axis=1)], ids=["scores", "labels"])
def test_each_of_three_classes_has_its_region_and_points(predict: Any, axes: Any) -> None:
    decision_boundary(predict, [*THREE, THREE[2] + 0.1], [0, 1, 2, 2], axes)
    assert regions(axes) == 3
    assert points(axes) == [1, 1, 2]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["0", "1", "2"]


def test_classes_name_the_scores(axes: Any) -> None:
    decision_boundary(nearest, THREE, ["b", "c", "a"], axes, classes=["b", "c", "a"])
    assert points(axes) == [1, 1, 1]


def test_predicted_labels_may_be_strings(axes: Any) -> None:
    decision_boundary(lambda P: np.where(P[:, 0] > 0, "yes", "no"), [[-1.0, 0.0], [1.0, 1.0]], ["no", "yes"], axes)
    assert (regions(axes), points(axes)) == (2, [1, 1])


def test_units_that_differ_do_not_squash_the_plane(axes: Any) -> None:
    decision_boundary(lambda P: P[:, 0], [[-1.0, 0.0], [1.0, 5000.0]], [0, 1], axes)
    assert axes.get_aspect() == "auto"


def test_two_named_classes_have_a_legend(axes: Any) -> None:
    decision_boundary(lambda P: P[:, 0], [[-1.0, 0.0], [1.0, 1.0]], ["no", "yes"], axes, classes=["no", "yes"])
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["yes", "no"]
    assert axes.get_aspect() == 1.0


def test_a_class_that_wins_nowhere_has_points_but_no_region(axes: Any) -> None:
    decision_boundary(lambda P: nearest(P) - [0.0, 0.0, 1000.0], THREE, [0, 1, 2], axes)
    assert (regions(axes), points(axes)) == (2, [1, 1, 1])


def test_the_boundary_of_a_model_is_that_of_its_scores(axes: Any) -> None:
    model = Layer(2, 1, activation="linear")
    model.W, model.b = [[1.0, 0.0]], [-0.25]
    decision_boundary(
        Standardized(model, Standardization((1.0, 0.0), (2.0, 1.0))), [[0.0, 0.0], [3.0, 1.0]], [0, 1], axes
    )
    (line,) = [drawn for drawn in axes.collections if isinstance(drawn, ContourSet) and not drawn.filled][:1]
    assert np.allclose(np.vstack([path.vertices for path in line.get_paths()])[:, 0], 1.5)


def test_a_model_of_three_outputs_has_three_regions(axes: Any) -> None:
    model = Layer(2, 3, activation="linear")
    model.W = THREE
    decision_boundary(model, THREE, [0, 1, 2], axes)
    assert (regions(axes), points(axes)) == (3, [1, 1, 1])


@pytest.mark.parametrize(
    ("predict", "X", "y"),
    [
        (lambda P: P[:, 0], [[1.0, 2.0, 3.0]], [1]),
        (lambda P: P[:, 0], [[1.0, 2.0]], [1, 2]),
        (lambda P: P[:, 0], np.empty((0, 2)), []),
        (lambda P: 1.0, [[1.0, 2.0]], [1]),
        (nearest, [[1.0, 2.0]], [7]),
    ],
)
def test_what_has_no_boundary_is_refused(predict: Any, X: Any, y: Any, axes: Any) -> None:
    with pytest.raises(ValueError, match=r"plane|as many|none of"):
        decision_boundary(predict, X, y, axes)


HISTORY = History(loss=[1.0, 0.5], accuracy=[0.5, 1.0], validation_loss=[1.5, 0.7], validation_accuracy=[0.25, 0.75])


def test_a_history_is_drawn_with_its_validation_rows(axes: Any) -> None:
    loss_curve(HISTORY, axes)
    assert [line.get_ydata().tolist() for line in axes.lines] == [[1.0, 0.5], [1.5, 0.7]]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["training", "validation"]
    assert axes.get_xlabel() == "epoch"


def test_accuracy_is_drawn_in_percent(axes: Any) -> None:
    accuracy_curve(HISTORY, axes)
    assert [line.get_ydata().tolist() for line in axes.lines] == [[50.0, 100.0], [25.0, 75.0]]


def test_a_history_of_numbers_has_no_accuracy_to_draw(axes: Any) -> None:
    with pytest.raises(ValueError, match="no accuracy"):
        accuracy_curve(History(loss=[1.0]), axes)


def test_activations_are_those_of_each_layer(axes: Any) -> None:
    net = MLP(1, [1, 1], activation="linear")
    net.layers[0].W, net.layers[1].W = [[2.0]], [[3.0]]
    activation_histograms(net, [[-1.0], [1.0]], axes)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "layers.0: mean 0, deviation 2",
        "layers.1: mean 0, deviation 6",
    ]
    shares = axes.patches[0].get_data().values
    assert (shares.sum(), shares.max()) == (100.0, 50.0)


def test_activations_are_those_of_standardized_inputs(axes: Any) -> None:
    net = MLP(1, [1])
    net.layers[0].W = [[1.0]]
    activation_histograms(Standardized(net, Standardization((10.0,), (2.0,))), [[8.0], [12.0]], axes)
    assert axes.get_legend().get_texts()[0].get_text() == "layers.0: mean 0, deviation 1"


def test_a_model_without_layers_has_no_histogram(axes: Any) -> None:
    with pytest.raises(TypeError, match="`layers`"):
        activation_histograms(Module(), [[1.0]], axes)


def test_gradients_are_those_that_backward_left_on_a_log_scale(axes: Any) -> None:
    net = MLP(1, [1, 1])
    for i, parameter in enumerate(net.parameters()):
        parameter.grad = [0.01, 0.0, -100.0, 100.0][i]
    gradient_histograms(net, axes)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["layers.0: 50% zero", "layers.1: 0% zero"]
    first, last = axes.patches[0].get_data(), axes.patches[2].get_data()
    assert first.edges[first.values.argmax()] <= -2.0 <= first.edges[first.values.argmax() + 1]
    assert last.edges[last.values.argmax()] <= 2.0 <= last.edges[last.values.argmax() + 1]
    assert (first.values.max(), last.values.max()) == (100.0, 100.0)


def test_gradients_that_are_all_zero_are_an_error_that_names_backward(axes: Any) -> None:
    with pytest.raises(ValueError, match="backward"):
        gradient_histograms(MLP(1, [1]), axes)


def test_weights_have_a_colour_range_around_zero(axes: Any) -> None:
    weight_image([[1.0, -3.0, 0.5]], axes)
    assert axes.images[0].get_clim() == (-3.0, 3.0)
    assert [text.get_text() for text in axes.texts] == ["1", "-3", "0.5"]


def test_weights_of_pixels_are_a_tile_for_each_neuron(axes: Any) -> None:
    layer = Layer(6, 3, rng=0)
    weight_image(layer, axes, pixels=(2, 3))
    sheet = axes.images[0].get_array()
    assert sheet.shape == (5, 7)
    assert sheet[0:2, 4:7].tolist() == layer.W[1].reshape(2, 3).tolist()
    assert sheet.mask[2].all()


def test_weights_that_are_all_zero_are_drawn(axes: Any) -> None:
    weight_image(np.zeros((20, 30)), axes)
    axes.figure.canvas.draw()
    assert len(axes.texts) == 0


@pytest.mark.parametrize(("weights", "pixels"), [([1.0], None), (np.empty((0, 2)), None), ([[1.0, 2.0]], (3, 1))])
def test_weights_are_a_matrix_of_as_many_pixels_as_inputs(weights: Any, pixels: Any, axes: Any) -> None:
    with pytest.raises(ValueError, match=r"matrix|pixels"):
        weight_image(weights, axes, pixels=pixels)

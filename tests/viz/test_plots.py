"""Plots: loss curves and decision boundaries draw into axes of one's own, or pyplot's."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from viz import decision_boundary, loss_curve

matplotlib = pytest.importorskip("matplotlib")


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
    boundary = np.vstack([path.vertices for path in axes.collections[1].get_paths()])
    assert np.allclose(boundary[:, 0], 0.25)
    assert [len(points.get_offsets()) for points in axes.collections[2:]] == [2, 1]


def test_a_boundary_may_be_nowhere(axes: Any) -> None:
    decision_boundary(lambda P: np.ones(len(P)), [[0.0, 0.0]], [1], axes)
    axes.figure.canvas.draw()


def test_without_axes_pyplot_makes_some() -> None:
    assert (
        loss_curve([1.0]).figure is not decision_boundary(lambda P: P[:, 1], [[0.0, -1.0], [0.0, 1.0]], [0, 1]).figure
    )


def test_without_matplotlib_an_import_error_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match="matplotlib"):
        loss_curve([1.0])

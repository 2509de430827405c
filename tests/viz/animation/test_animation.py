"""animate in a browser: the slider moves boundary, loss and gradients together, for nets of every kind."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nn import MLP
from nn.datasets import moons
from tests.viz.conftest import Open
from tests.viz.contrast import faint
from viz import Page, Recorder, animate
from viz.animation.animation import classes

DARK = {"color_scheme": "dark"}
WEIGHTS = "[...document.querySelectorAll('.weight, .neuron')].map(w => w.getAttribute('class'))"
ROW = "[...document.querySelector('canvas').getContext('2d').getImageData(0, 100, 244, 1).data]"


def training(nin: int = 2, nouts: tuple[int, ...] = (3, 1), frames: int = 3) -> Page:
    """Return the page of a net whose first weight moves, and whose gradients are 10⁻ᵏ in frame k."""
    rng = np.random.default_rng(0)
    X, model = rng.normal(size=(20, nin)), MLP(nin, nouts, activation="tanh", rng=0)
    recorder = Recorder(model, X, np.arange(20) % max(2, nouts[-1]))
    for k in range(frames):
        for parameter in model.parameters():
            parameter.grad = (-10.0) ** -k
        recorder(1.0 / (k + 1))
        model.parameters()[0].data += 1.0
    return animate(recorder)


@pytest.mark.parametrize(
    ("nin", "nouts", "panels"),
    [(2, (3, 1), 3), (2, (3, 4), 3), (1, (3, 1), 3), (1, (2,), 3), (5, (3, 2), 2), (2, (32, 32, 1), 3)],
    ids=str,
)
def test_every_kind_of_net_is_shown(nin: int, nouts: tuple[int, ...], panels: int, browse: Open) -> None:
    tab = browse(training(nin, nouts).html)
    assert tab.locator("figure").count() == panels
    assert tab.locator(".neuron").count() == sum(nouts)
    tab.keyboard.press("Home")
    assert tab.locator("#where").inner_text() == "epoch 1, loss 1"
    assert set(tab.evaluate(WEIGHTS)) <= {"weight p8", "neuron p8"}


def test_the_slider_moves_all_three_together(browse: Open) -> None:
    tab = browse(training().html)
    assert set(tab.evaluate(WEIGHTS)) == {"weight p4", "neuron p4"}
    dot, image = tab.locator(".dot").get_attribute("cx"), tab.evaluate("document.querySelector('canvas').toDataURL()")
    tab.keyboard.press("ArrowLeft")
    assert set(tab.evaluate(WEIGHTS)) == {"weight m6", "neuron m6"}
    assert tab.locator(".dot").get_attribute("cx") < dot
    assert tab.evaluate("document.querySelector('canvas').toDataURL()") != image
    tab.locator("#slider").focus()
    tab.keyboard.press("Home")
    assert tab.locator("#where").inner_text() == "epoch 1, loss 1"


def test_a_neuron_in_focus_shows_its_numbers(browse: Open) -> None:
    tab = browse(training().html)
    tab.keyboard.press("Home")
    tab.keyboard.press("ArrowDown")
    status = tab.locator(".status").inner_text()
    weights = MLP(2, [3, 1], activation="tanh", rng=0).layers[0].W[0]
    assert status == f"layers.0.neurons.0, number (gradient): b 0 (1); w {weights[0]:.3g} (1), {weights[1]:.3g} (1)"
    tab.keyboard.press("ArrowRight")
    assert f"w {weights[0] + 1.0:.3g} (-0.1)" in tab.locator(".status").inner_text()
    tab.keyboard.press("ArrowDown")
    assert tab.locator(".status").inner_text().startswith("layers.0.neurons.1,")


def test_the_tint_is_that_of_the_side_on_which_the_net_puts_a_point(browse: Open) -> None:
    model = MLP(2, [1])
    model.layers[0].W, model.layers[0].b = [[1.0, 0.0]], [0.0]
    recorder = Recorder(model, [[-1.0, -1.0], [1.0, 1.0]], [-1, 1])
    recorder(0.5)
    tab = browse(animate(recorder).html)
    row = np.array(tab.evaluate(ROW)).reshape(244, 4)
    assert (row[:121, 0] > row[:121, 2]).all()
    assert (row[123:, 0] < row[123:, 2]).all()
    assert [x for x in range(244) if row[x].tolist() == [0x1B, 0x1F, 0x24, 255]] == [122]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 0.0, -3.0])
def test_a_training_that_goes_wrong_is_shown_as_it_was(number: float, browse: Open) -> None:
    model = MLP(2, [2, 1], rng=0)
    recorder = Recorder(model, [[0.0, 1.0], [1.0, 0.0]], [0, 1])
    recorder(1.0)
    for parameter in model.parameters():
        parameter.data = parameter.grad = number
    recorder(number)
    tab = browse(animate(recorder).html)
    assert tab.locator("#where").inner_text() == f"epoch 2, loss {number:g}"
    kind = {0.0: "zero", -3.0: "m8"}.get(number, "odd")
    assert set(tab.evaluate(WEIGHTS)) == {f"weight {kind}", f"neuron {kind}"}


def test_one_frame_is_a_page_too(browse: Open) -> None:
    tab = browse(training(frames=1).html)
    tab.keyboard.press(" ")
    tab.keyboard.press("End")
    assert tab.locator("#where").inner_text() == "epoch 1, loss 1"


@pytest.mark.parametrize("options", [{}, DARK], ids=["light", "dark"])
def test_text_stands_out_by_4_5_to_1(options: dict[str, Any], browse: Open) -> None:
    tab = browse(training().html, **options)
    tab.keyboard.press("ArrowDown")
    assert faint(tab) == []


@pytest.mark.parametrize(
    ("y", "outputs", "kinds", "border"),
    [
        ([-1, 1, 1], 1, [0, 1, 1], 0.0),
        ([0, 1, 0], 1, [0, 1, 0], 0.0),
        ([1, 1], 1, [1, 1], 0.0),
        ([-1, -1], 1, [0, 0], 0.0),
        (["b", "c", "a"], 3, [1, 2, 0], 0.0),
        ([[1, 0], [0, 1]], 2, [0, 1], 0.0),
        ([1.0, 2.0, 6.0], 1, [0, 0, 1], 3.0),
    ],
)
def test_classes_are_in_the_order_of_the_outputs(y: list[Any], outputs: int, kinds: list[int], border: float) -> None:
    found, level = classes(np.array(y), outputs)
    assert found.tolist() == kinds
    assert level == border


def test_animate_refuses_a_recorder_without_frames() -> None:
    with pytest.raises(ValueError, match="seen no epoch"):
        animate(Recorder(MLP(2, [1]), *moons(10, rng=0)))
    with pytest.raises(TypeError, match="takes a Recorder, got list"):
        animate([1.0])  # type: ignore[arg-type]

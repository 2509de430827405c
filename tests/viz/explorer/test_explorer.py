"""The explorer in a browser: its last position has the gradients of `backward`, and every action has a key."""

from __future__ import annotations

from typing import Any

import pytest

from autodiff import Value, sum, tanh
from tests.autodiff.test_backward import grown
from tests.viz.conftest import Open
from tests.viz.contrast import faint
from tests.viz.picture.test_labels import HOSTILE
from viz import draw

DARK = {"color_scheme": "dark"}


@pytest.fixture
def loss() -> Value:
    w, x, b = Value(0.5, label="w"), Value(2.0, label="x"), Value(-1.5, label="b")
    z = tanh(w * x + b) + w
    z.label = "L"
    z.backward()
    return z


def text(tab: Any, id: str) -> str:  # noqa: A002
    return str(tab.locator(f'[id="{id}"] text').all_text_contents())


def story(tab: Any) -> str:
    return str(tab.locator("#step").inner_text())


def press(tab: Any, *keys: str) -> None:
    for key in keys:
        tab.keyboard.press(key)


def becomes_true(frame: Any, condition: str) -> bool:
    """Tell whether a condition holds within some seconds; Playwright's own way is what the page's policy forbids."""
    for _ in range(500):
        if frame.evaluate(condition):
            return True
        frame.page.wait_for_timeout(20)
    return False


def test_it_opens_with_the_picture_as_it_was_drawn(browse: Open, loss: Value) -> None:
    tab = browse(draw(loss).explore().html)
    assert tab.title() == "Computation graph: 7 values, 4 operations"
    assert text(tab, "n0") == "['w', 'data 0.5', 'grad 2.573']"
    assert tab.locator("#where").inner_text() == "backward 5 / 5"


def test_steps_forward_compute_and_steps_back_hand_on(browse: Open, loss: Value) -> None:
    tab = browse(draw(loss).explore().html)
    press(tab, "Home")
    assert tab.locator("#where").inner_text() == "start"
    assert text(tab, "n0") == "['w', 'data 0.5', 'grad …']"
    assert text(tab, "n2") == "['data …', 'grad …']"
    press(tab, "ArrowRight")
    assert text(tab, "n2") == "['data 1', 'grad …']"
    assert story(tab).split("\n")[0] == "Forward through *"
    assert "z = x y" in story(tab)
    press(tab, *["ArrowRight"] * 4)
    assert "∂L/∂L = 1.0" in story(tab)
    press(tab, "ArrowRight")
    assert "∂L/∂w += ∂L/∂w × ∂L/∂L\n\n0.0 + 1.0 × 1.0\n\n= 1.0 path 1 of 2" in story(tab)
    press(tab, "End")
    assert "= 2.572895" in story(tab)
    assert "path 2 of 2: complete" in story(tab)
    press(tab, "ArrowLeft")
    assert text(tab, "n0") == "['w', 'data 0.5', 'grad 1']"


def test_the_title_of_a_box_is_its_accessible_name(browse: Open) -> None:
    x = Value(3.0, label="x")
    tab = browse(draw(x * x).explore().html)

    def said(id: str) -> str:  # noqa: A002
        box = tab.locator(f'[id="{id}"]')
        assert box.locator("title").first.text_content() == box.get_attribute("aria-label")
        return str(box.get_attribute("aria-label"))

    assert said("n0") == "x: data 3.0, grad 6.0"
    press(tab, "Home")
    assert said("n0") == "x: data 3.0, grad not reached yet"
    assert said("n1") == "v1: data not computed yet, grad not reached yet"
    press(tab, "ArrowRight", "ArrowRight")
    assert said("n1") == "v1: data 9.0, grad 1.0"


def test_a_result_keeps_its_second_line(browse: Open, loss: Value) -> None:
    tab = browse(draw(loss).explore().html, reduced_motion="reduce")
    fills = tab.evaluate(
        "[...document.querySelectorAll('g.result :is(path, polygon)')].map(p => getComputedStyle(p).fill)"
    )
    assert len(fills) == 2
    assert fills.count("none") == 1


@pytest.mark.parametrize("seed", [5, 17])
def test_stepping_to_the_end_gives_exactly_the_gradients_of_the_engine(seed: int, browse: Open) -> None:
    leaves, root = grown(seed)
    for i, leaf in enumerate(leaves):
        leaf.label = f"leaf {i}"
    root.backward()
    tab = browse(draw(root).explore().html)
    press(tab, "Home", *["ArrowRight"] * int(tab.evaluate("LAST")))
    assert tab.evaluate("now === LAST")
    shown = tab.evaluate("Object.fromEntries(data.nodes.map(n => [n.name, adjoint(n.id, now)[2]]))")
    used = [leaf for leaf in leaves if leaf.label in shown]
    assert used
    assert {leaf.label: shown[leaf.label] for leaf in used} == {leaf.label: repr(leaf.grad) for leaf in used}
    drawn = [tab.locator("g.leaf", has_text=g.label).locator("text").all_text_contents() for g in used]
    assert drawn == [[g.label, f"data {g.data:.4g}", f"grad {g.grad:.4g}"] for g in used]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -0.0, 1e300, 5e-324])
def test_every_number_is_pythons(number: float, browse: Open) -> None:
    x = Value(2.0, label="x")
    y = x * number
    y.backward()
    tab = browse(draw(y).explore().html)
    assert tab.evaluate("adjoint('n0', LAST)[2]") == repr(x.grad)
    assert tab.evaluate("data.nodes.at(-1).data") == repr(y.data)


def test_a_value_in_focus_is_described_in_full(browse: Open, loss: Value) -> None:
    tab = browse(draw(loss).explore().html)
    tab.locator('[id="n5"]').hover()
    card = tab.locator("#node").inner_text()
    assert repr(loss.args[0].data) in card
    assert "z = tanh x" in card
    assert "1 - z²" in card
    assert repr(loss.args[0].partials[0]) in card
    assert tab.locator(".on-edge").all_text_contents() == ["0.786", "1"]
    tab.mouse.move(1190, 690)
    assert tab.locator("#node").inner_text().startswith("Point at a value")


def test_the_page_needs_no_pointer(browse: Open, loss: Value) -> None:
    tab = browse(draw(loss).explore().html)
    press(tab, "ArrowDown", "ArrowDown", "ArrowDown")
    assert tab.evaluate("document.activeElement.id") == "n2"
    assert tab.locator("#node h2").inner_text() == "v2 value"
    press(tab, "Enter", "/")
    assert tab.evaluate("document.activeElement.id") == "search"
    assert tab.locator("#node h2").inner_text() == "v2 value"
    tab.keyboard.type("TANH")
    assert tab.locator("#found").inner_text() == "1 found"
    press(tab, "Enter")
    assert tab.locator("#node h2").inner_text() == "v5 value"
    press(tab, "Escape")
    assert tab.locator(".found").count() == 0
    press(tab, "0")
    box = tab.evaluate("view.svg.getAttribute('viewBox')")
    press(tab, "+", "+", "Shift+ArrowRight")
    assert tab.evaluate("view.svg.getAttribute('viewBox')") != box
    press(tab, "0")
    assert tab.evaluate("view.svg.getAttribute('viewBox')") == box
    press(tab, "?")
    assert tab.locator("#help").is_visible()
    press(tab, "Escape")
    assert not tab.locator("#help").is_visible()


def test_every_control_is_in_the_order_of_tab_and_shows_its_focus(browse: Open, loss: Value) -> None:
    tab = browse(draw(loss).explore().html)
    met = []
    for _ in range(30):
        press(tab, "Tab")
        met.append(tab.evaluate("document.activeElement.id"))
        assert tab.evaluate(
            "document.activeElement === document.body || document.activeElement.matches(':focus-visible')"
        )
    for wanted in ("search", "out", "fit", "in", "keys", "n0", "first", "back", "play", "slider"):
        assert wanted in met


def test_play_runs_to_the_end_and_space_pauses(browse: Open, loss: Value) -> None:
    tab = browse(draw(loss).explore().html)
    tab.clock.install(time=0)
    tab.clock.pause_at(1000)  # otherwise time goes on by itself, too
    press(tab, "Home", " ")
    assert tab.locator("#play").inner_text() == "Pause"
    tab.clock.run_for(1000)
    press(tab, " ")
    assert tab.locator("#where").inner_text() == "forward 1 / 4"
    tab.clock.run_for(10_000)
    assert tab.locator("#where").inner_text() == "forward 1 / 4"
    press(tab, " ")
    tab.clock.run_for(20_000)
    assert tab.locator("#where").inner_text() == "backward 5 / 5"
    assert tab.locator("#play").inner_text() == "Play"


def test_who_wants_less_motion_gets_none_of_its_own(browse: Open, loss: Value) -> None:
    tab = browse(draw(loss).explore().html, reduced_motion="reduce")
    style = "getComputedStyle(document.querySelector('.node path')).transitionDuration"
    assert tab.evaluate(style) == "0s"
    assert browse(draw(loss).explore().html).evaluate(style) != "0s"


def test_a_page_that_was_hidden_fits_when_it_is_shown(browse: Open, loss: Value) -> None:
    page = draw(loss).explore()
    outer = browse(f"<!doctype html><title>a notebook</title><div hidden>{page._repr_html_()}</div>")
    frame = outer.frames[1]
    assert becomes_true(frame, "typeof go === 'function' && bounds().width === 0")
    outer.evaluate("document.querySelector('div').hidden = false")
    assert becomes_true(frame, "bounds().width > 0 && camera.zoom === whole() && camera.zoom > 0.02")


def test_labels_come_back_whole_and_run_nothing(browse: Open) -> None:
    leaves = [Value(1.0, label=label) for label in HOSTILE]
    tab = browse(draw(sum(leaves)).explore().html)
    assert tab.evaluate("data.nodes.slice(0, -1).map(n => n.name)") == HOSTILE
    names = "[...view.drawn.get(id).querySelectorAll('text')].slice(0, -2).map(t => t.textContent).join('\\n')"
    assert tab.evaluate(f"data.nodes.slice(0, -1).map(n => n.id).map(id => {names})") == HOSTILE
    head = "keep(n.id), byId('node').querySelector('h2').firstChild.textContent"
    heads = f"data.nodes.slice(0, -1).map(n => ({head}))"
    assert tab.evaluate(heads) == [label or f"v{i}" for i, label in enumerate(HOSTILE)]
    assert tab.locator("script").count() == 2


@pytest.mark.parametrize(("passes", "said"), [(0, False), (1, False), (2, True)])
def test_it_says_where_values_hold_the_gradients_of_other_passes(passes: int, said: bool, browse: Open) -> None:
    x = Value(3.0, label="x")
    y = x * x
    for _ in range(passes):
        y.backward()
    tab = browse(draw(y).explore().html)
    assert text(tab, "n0") == "['x', 'data 3', 'grad 6']"
    assert ("one pass" in tab.locator("#note").text_content()) == said


def test_a_leaf_alone_is_a_page_too(browse: Open) -> None:
    tab = browse(draw(Value(2.0, label="x")).explore().html)
    press(tab, "Home", "ArrowRight", "End")
    assert tab.locator("#where").inner_text() == "backward 1 / 1"
    assert text(tab, "n0") == "['x', 'data 2', 'grad 1']"


@pytest.mark.parametrize("options", [{}, DARK], ids=["light", "dark"])
def test_text_stands_out_by_4_5_to_1(options: dict[str, Any], browse: Open, loss: Value) -> None:
    tab = browse(draw(loss).explore().html, reduced_motion="reduce", **options)
    press(tab, "Home", *["ArrowRight"] * 6, "ArrowDown")
    assert faint(tab) == []

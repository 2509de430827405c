"""The views of the explorer: nets in more and less detail, and graphs whose steps are boxes."""

from __future__ import annotations

import re
from typing import Any

import pytest

import autodiff
import nn
from autodiff import Value, scope
from tests.viz.conftest import Open
from viz import Page, draw


@pytest.fixture(scope="module")
def net_page() -> Page:
    net = nn.MLP(2, [3, 1], activation="tanh", rng=0)
    loss = (net([Value(0.5, label="x₁"), Value(-1.0, label="x₂")]) - 1.0) ** 2
    loss.label = "L"
    loss.backward()
    return draw(loss).explore()


def names(tab: Any) -> list[str]:
    """Return the first line of each fold in the picture."""
    return [box.locator("text").first.text_content() for box in tab.locator("g.fold").all()]


def pressed(tab: Any) -> list[str]:
    return list(tab.locator("#views [aria-pressed=true]").all_text_contents())


def test_scopes_are_folded_and_unfolded_by_keys_and_buttons(net_page: Page, browse: Open) -> None:
    tab = browse(net_page.html)
    assert tab.locator("#views button").all_text_contents() == ["layers", "neurons", "values"]
    assert (pressed(tab), names(tab)) == (["values"], [])
    tab.keyboard.press("[")
    assert (pressed(tab), len(names(tab))) == (["neurons"], 4)
    tab.keyboard.press("[")
    assert (pressed(tab), names(tab)) == (["layers"], ["layers.0", "layers.1"])
    tab.keyboard.press("[")
    assert pressed(tab) == ["layers"]
    tab.locator("#views button", has_text="values").click()
    assert (pressed(tab), names(tab)) == (["values"], [])


def test_enter_unfolds_the_fold_in_focus_and_stays_with_it(net_page: Page, browse: Open) -> None:
    tab = browse(net_page.html)
    tab.keyboard.press("[")
    tab.keyboard.press("[")
    while tab.evaluate("document.activeElement.querySelector?.('text')?.textContent") != "layers.1":
        tab.keyboard.press("ArrowDown")
    assert tab.locator("#node h2").inner_text() == "layers.1 6 values"
    tab.keyboard.press("Enter")
    assert pressed(tab) == ["neurons"]
    assert tab.evaluate("document.activeElement.querySelector('text').textContent") == "layers.1.neurons.0"


def test_a_fold_shows_its_gradients_when_all_are_there(net_page: Page, browse: Open) -> None:
    tab = browse(net_page.html)
    tab.keyboard.press("[")
    tab.keyboard.press("[")
    fold = tab.locator("g.fold").nth(1)
    before = fold.locator("text").all_text_contents()
    assert before[1:] == ["values 6", "|grad| 0.6669 to 1.424"]
    tab.keyboard.press("Home")
    assert fold.locator("text").all_text_contents()[2] == "|grad| …"
    assert fold.get_attribute("aria-label") == "layers.1: 6 values folded"
    assert "later" in fold.get_attribute("class")
    for _ in range(tab.evaluate("LAST")):
        tab.keyboard.press("ArrowRight")
    assert fold.locator("text").all_text_contents() == before
    assert "|grad| from 0.66" in str(fold.get_attribute("aria-label"))
    assert "later" not in fold.get_attribute("class")


@pytest.mark.parametrize("passes", [0, 2])
def test_folds_show_the_gradients_of_one_pass_however_often_backward_ran(passes: int) -> None:
    def pictures(passes: int) -> list[str]:
        loss = (nn.MLP(2, [3, 1], activation="tanh", rng=0)([0.5, -1.0]) - 1.0) ** 2
        for _ in range(passes):
            loss.backward()
        return re.findall("<template>.*?</template>", draw(loss, fold="layer").explore().html, re.DOTALL)

    once = pictures(1)
    assert "|grad| 0.6669 to 1.424" in re.sub("<[^>]*>", "", once[0])
    assert pictures(passes) == once


def test_a_step_inside_a_fold_points_at_it_and_at_the_arrows_that_lead_to_it(net_page: Page, browse: Open) -> None:
    tab = browse(net_page.html)
    tab.keyboard.press("[")
    tab.keyboard.press("[")
    assert tab.locator(".now text").first.text_content() == "layers.0"
    assert tab.locator(".flow").count() == 2
    assert tab.locator(".fed").count() == 2


def test_what_is_found_in_a_fold_lights_it(net_page: Page, browse: Open) -> None:
    tab = browse(net_page.html)
    tab.keyboard.press("[")
    tab.keyboard.press("/")
    tab.keyboard.type("layers.0.neurons.2")
    assert tab.locator("#found").inner_text() == "6 found"
    assert tab.locator(".found text").first.text_content() == "layers.0.neurons.2"
    tab.keyboard.press("Enter")
    assert tab.locator("#node h2").inner_text().startswith("layers.0.neurons.2.w.0")


def test_sums_drawn_as_one_operation_are_stepped_through_one_by_one(browse: Open) -> None:
    y = Value(0.5, label="x")
    for i in range(300):
        y = y + Value(float(i), label=f"a{i}")
    y.backward()
    tab = browse(draw(y).explore().html)
    tab.keyboard.press("Home")
    tab.keyboard.press("ArrowRight")
    assert tab.locator(".now").count() == 1
    tab.keyboard.press("End")
    assert tab.evaluate("data.nodes.filter(n => n.name).map(n => adjoint(n.id, LAST)[2])") == ["1.0"] * 301


def test_a_large_graph_is_stepped_through_by_boxes(browse: Open) -> None:
    net = nn.MLP(2, [16, 16, 1], rng=0)
    loss = autodiff.sum([nn.hinge(net([0.1 * i, 1.0 - 0.1 * i]), 1.0) for i in range(40)]) / 40.0
    loss.backward()
    page = draw(loss).explore()
    assert len(page.html) < 1_000_000
    tab = browse(page.html)
    tab.keyboard.press("Home")
    assert tab.locator("g.fold.later").count() == tab.locator("g.fold").count() > 30
    for _ in range(tab.evaluate("LAST")):
        tab.keyboard.press("ArrowRight")
    assert tab.locator("g.later").count() == 0
    tab.keyboard.press("ArrowDown")
    assert "|grad| from" in tab.locator("#node").inner_text()


def test_the_name_of_a_scope_runs_nothing(browse: Open) -> None:
    with scope("</script><script>alert(1)</script>"), scope("<img src=x onerror=alert(2)>"):
        y = Value(2.0) * 3.0
    tab = browse(draw(y + 1.0, fold=1).explore().html)
    assert names(tab) == ["</script><script>alert(1)</script>"]
    tab.keyboard.press("ArrowDown")
    assert tab.locator("#node h2").inner_text().startswith("</script><script>alert(1)</script>")


def test_a_drawing_is_explored_as_it_was_drawn(browse: Open) -> None:
    x = Value(3.0, label="x")
    with scope("part"):
        drawing = draw(x * 2.0)
    x.data = 5.0
    tab = browse(drawing.explore().html)
    assert tab.evaluate("data.nodes[0].data") == "3.0"
    tab.keyboard.press("[")
    assert "data 3" in tab.locator('[id="n0"]').text_content()


def test_a_page_of_boxes_says_that_their_gradients_are_of_no_pass() -> None:
    y = Value(1.0)
    with scope("chain"):
        for _ in range(3_000):
            y = y + 1.0
    notes = re.findall(r'"note": ?"([^"]*)"', draw(y).explore().html)
    assert [note.partition("; ")[2] for note in notes] == ["backward() not run: every grad is 0"]


def test_a_label_that_runs_right_to_left_turns_nothing_around_it(browse: Open) -> None:
    x = Value(3.0, label="\u202ex")
    tab = browse(draw(x * x).explore().html)
    end = "r => (r.selectNodeContents(%s), r.getBoundingClientRect().left)"
    code = "document.querySelector('#step .add code')"
    first, last = (f"({end % f'{code}.{node}'})(document.createRange())" for node in ("firstChild", "lastChild"))
    assert "+=" in tab.locator("#step .add code").first.inner_text()
    assert tab.evaluate(f"{first} < {last}")

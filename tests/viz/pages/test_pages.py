"""Pages: one self-contained file, whose content security policy allows its own script and style only."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import pytest

import viz
from autodiff import Value
from tests.viz.conftest import Open
from viz import draw
from viz.pages.pages import Page, page

SCRIPTS = sorted(Path(viz.__file__).parent.rglob("*.js"))


def blank(data: object) -> Page:
    return page("a title", data, body="<main></main>")


def test_the_policy_names_the_script_and_the_style_and_allows_nothing_else() -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', blank({}).html)
    assert policy is not None
    rules = dict(rule.split(" ", 1) for rule in policy[1].split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert all(re.fullmatch(r"'sha256-[A-Za-z0-9+/]{43}='", rules[key]) for key in ("script-src", "style-src"))
    assert set(rules) == {"default-src", "base-uri", "form-action", "script-src", "style-src"}


@pytest.mark.parametrize(
    "text", ["</script><script>alert(1)</script>", "<!--<script>", "\u2028\u2029", "\ud800", "]]>", "\x00", "é"]
)
def test_data_come_back_whole_and_can_end_nothing(text: str) -> None:
    html = blank({"label": text}).html
    start = html.index('id="data">') + len('id="data">')
    data = html[start : html.index("</script>", start)]
    assert json.loads(data) == {"label": text}
    assert data.isascii()
    assert "<" not in data


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_says_what_it_defines(path: Path) -> None:
    header, code = re.fullmatch(r"((?://.*\n)+)((?s:.*))", path.read_text(encoding="utf-8")).groups()
    assert header.startswith(f"// {path.name}: ")
    claims = re.search(r"defines (.*?)[.,] (?:in every page\. )?Needs", header.replace("\n// ", " "))
    names = re.split(r", | and ", claims[1]) if claims else []
    assert [name for name in names if not re.search(rf"(?m)^(?:const|let|function) (?:.*\W)?{name}\b", code)] == []
    assert claims or path.stem in ("explorer", "animation")


def test_a_title_is_text() -> None:
    assert "<title>&lt;b&gt; &amp; c</title>" in page("<b> & c", {}, body="").html


def test_a_page_is_the_same_in_every_run() -> None:
    x = Value(3.0, label="x")
    assert draw(x * x).explore().html == draw(x * x).explore().html


def test_save_writes_the_page_and_takes_html_alone(tmp_path: Path) -> None:
    path = blank({}).save(tmp_path / "g.HTML")
    assert path.read_text(encoding="utf-8") == blank({}).html
    with pytest.raises(ValueError, match=r"`.*g\.svg`: the name must end in \.html or \.htm"):
        blank({}).save(tmp_path / "g.svg")
    assert [found.name for found in tmp_path.iterdir()] == ["g.HTML"]


def test_a_notebook_shows_the_page_in_a_sandbox() -> None:
    frame = blank({"label": '"'})._repr_html_()
    assert re.match(r'<iframe sandbox="allow-scripts" [^<>]*></iframe>$', frame)
    source = re.search(r'srcdoc="([^"]*)"', frame)
    assert source is not None
    assert unescape(source[1]) == blank({"label": '"'}).html


def test_in_its_sandbox_the_page_works(browse: Open) -> None:
    x = Value(3.0, label="x")
    notebook = browse(f"<!doctype html><title>a notebook</title>{draw(x * x).explore()._repr_html_()}")
    frame = notebook.frames[1]
    frame.locator("#first").click()
    frame.locator("#next").click()
    assert frame.locator("#where").inner_text() == "forward 1 / 1"


def test_the_repr_names_save() -> None:
    assert repr(blank({})) == '<Page: a title. Write it with `.save("page.html")`>'


def test_draw_saves_the_explorer_as_html(tmp_path: Path) -> None:
    drawing = draw(Value(3.0) * 2.0)
    assert drawing.save(tmp_path / "g.html").read_text(encoding="utf-8") == drawing.explore().html

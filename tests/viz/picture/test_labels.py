"""Labels: any text comes back unchanged from the SVG, and none of it breaks the picture or runs."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from autodiff import Value
from tests.viz.reading import SVG, groups, lines, title
from viz import RenderError, draw
from viz.picture.labels import display_width, shown
from viz.svg import render

HOSTILE = [
    '"', "'", 'a"b', '\\"', "\\", "\\\\", " \\", "\\ ", "\\N", "\\G", "\\l\\r\\n", "\\{",
    "{}", "}{", "{a|b}", "|", "<", ">", "<b>x</b>", "<<b>x</b>>", "<f0> x", "&", "&amp;", "&#65;", "&lt;",
    "<script>alert(1)</script>", "]]>", "<!-- x -->", "--", "->", "[label=x]", "a:b", "a;b", "/*c*/", "//c", "#c",
    "  two  spaces  ", " lead", "trail ", "a\nb", "a\n  b", "%s %n", "$x_1$", "node", "digraph", "n0", "-1.5", "",
    "עברית", "日本語のラベル", "e\u0301", "👩‍👩‍👧 🎉", "\u2028", "a" * 60,
]  # fmt: skip


@pytest.mark.parametrize("engine", render.ENGINES["svg"])
def test_labels_come_back_whole_from_every_engine(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(render.ENGINES, "svg", {engine: render.ENGINES["svg"][engine]})
    try:
        draw(Value(1.5)).svg()
    except RenderError as error:
        pytest.skip(str(error))
    values = [Value(1.5, label=label) for label in HOSTILE]
    boxes = groups(draw(values, fold=None).svg(), "node")
    assert ["\n".join(lines(box)[:-2]) for box in boxes] == HOSTILE
    assert [title(box) for box in boxes] == [f"{label or 'value'}: data 1.5, grad 0.0" for label in HOSTILE]
    for kind in ("leaf", "inner", "parameter"):
        values = [Value(1.5) * 1.0 if kind == "inner" else Value(1.5) for _ in HOSTILE]
        for value, label in zip(values, HOSTILE, strict=True):
            value.label = label
            value.scope = "net.w" if kind == "parameter" else ""
        boxes = groups(draw([value * 1.0 for value in values], fold=None).svg(), kind)
        shown = [label or "net.w" * (kind == "parameter") for label in HOSTILE]
        assert ["\n".join(lines(box)[:-2]) for box in boxes] == shown


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
@pytest.mark.parametrize("label", HOSTILE, ids=ascii)
def test_a_label_comes_back_whole(label: str, rankdir: str) -> None:
    (box,) = groups(draw(Value(1.5, label=label), rankdir=rankdir).svg(), "node")
    assert "\n".join(lines(box)[:-2]) == label
    assert lines(box)[-2:] == ["data 1.5", "grad 0"]
    assert title(box) == f"{label or 'value'}: data 1.5, grad 0.0"
    assert box.get("aria-label") == title(box)


@pytest.mark.parametrize(
    ("label", "visible"),
    [
        ("\x00\x07\x1f\x7f\x85", "�" * 5),
        ("\ud800x", "�x"),
        ("\ufffe\uffff", "��"),
        ("a\tb\xa0c", "a b c"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a" * 61, "a" * 57 + "…"),
        ("{" * 100_000, "{" * 57 + "…"),
    ],
    ids=ascii,
)
def test_what_xml_cannot_hold_is_replaced_and_long_labels_are_cut(label: str, visible: str) -> None:
    (box,) = groups(draw(Value(1.5, label=label)).svg(), "node")
    assert shown(label) == visible
    assert "\n".join(lines(box)[:-2]) == visible


def test_empty_lines_of_a_label_keep_their_place() -> None:
    (box,) = groups(draw(Value(1.5, label="a\n\nb")).svg(), "node")
    places = [float(text.get("y", "nan")) for text in box.findall(f"{SVG}text")]
    assert lines(box)[:2] == ["a", "b"]
    assert places[1] - places[0] == pytest.approx(2.0 * (places[3] - places[2]), abs=0.5)


@pytest.mark.parametrize("label", [None, 5, 2.5, ("a", "|")])
def test_a_label_that_is_no_text_is_shown_as_text(label: object) -> None:
    value = Value(1.5)
    value.label = label  # type: ignore[assignment]
    (box,) = groups(draw(value).svg(), "node")
    assert lines(box)[:-2] == ([] if label is None else [str(label)])


def test_a_label_makes_no_element() -> None:
    svg = draw(Value(1.0, label="<script>alert(1)</script><a href='javascript:x'>")).svg()
    tags = {element.tag.removeprefix(SVG) for element in ElementTree.fromstring(svg).iter()}
    assert tags <= {"svg", "g", "title", "polygon", "path", "polyline", "text", "tspan", "ellipse", "style"}


@pytest.mark.parametrize(("text", "width"), [("", 0), ("grad", 4), ("日本", 4), ("e\u0301", 1), ("👩\u200d👧", 4)])
def test_display_width_is_that_of_a_monospaced_font(text: str, width: int) -> None:
    assert display_width(text) == width

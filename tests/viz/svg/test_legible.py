"""Legibility of pictures: shades, patterns, shapes, contrast, dark mode, accessible names, and the table."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import pytest

from autodiff import Value
from nn import Neuron
from tests.viz.contrast import contrast
from tests.viz.reading import SVG, groups, lines
from viz import draw
from viz import palette as p
from viz.svg.shades import FILLS, Shades

TEXT = [(p.INK, ground) for ground in (*FILLS.values(), p.LEAF, p.PARAMETER, p.RESULT, p.FOLD, p.PAPER, p.ALARM)]
TEXT += [(p.MUTED, ground) for ground in (p.LEAF, p.PARAMETER, p.RESULT, p.FOLD, p.PAPER, p.ALARM, p.TAG)]
TEXT += [(p.PAPER, p.OPERATION), (p.WARNING, p.PAPER)]


def graded(*grads: float) -> str:
    """Return the picture of values with these gradients."""
    values = [Value(1.0, label=f"v{i}") for i in range(len(grads))]
    for value, grad in zip(values, grads, strict=True):
        value.grad = grad
    return draw(values).svg()


def classes(svg: str) -> list[str]:
    return [g.get("class", "").split()[-1] for g in groups(svg, "node")]


def test_shades_count_half_decades_from_the_largest_gradient_by_sign() -> None:
    assert classes(graded(8.0, 2.0, -1.0, 0.1, -0.05, 0.002, 1e-9)) == ["p8", "p7", "m7", "p5", "m4", "p1", "p1"]


def test_shades_do_not_overflow() -> None:
    shades = Shades([1.7e308, -5e-324])
    assert [shades.of(1.7e308), shades.of(-5e-324)] == ["p8", "m1"]


def test_zero_nan_and_inf_have_a_pattern_and_a_word() -> None:
    svg = graded(1.0, 0.0, math.nan, -math.inf)
    assert classes(svg) == ["p8", "zero", "nan", "inf"]
    assert [lines(g)[-1] for g in groups(svg, "node")] == ["grad 1", "grad 0 (zero)", "grad nan", "grad -inf"]
    patterns = {e.get("id", "").rpartition("-")[2] for e in ElementTree.fromstring(svg).iter(f"{SVG}pattern")}
    assert patterns == {"zero", "nan", "inf"}
    for word in patterns:
        (box,) = [g for g in groups(svg, "node") if word in g.get("class", "").split()]
        assert re.fullmatch(rf"url\(#h[0-9a-f]{{8}}-{word}\)", next(e for e in box if e.get("fill")).get("fill", ""))


def test_there_are_no_shades_where_no_gradient_is_known() -> None:
    x = Value(3.0)
    assert "legend" not in draw(x * x).svg()
    assert classes(draw(x * x).svg()) == ["leaf", "operation", "result"]
    (x * x).backward()
    assert "legend" not in draw(x * x, show=("label", "data")).svg()


def test_the_legend_explains_the_shades_and_the_shapes_that_are_there() -> None:
    neuron = Neuron(1, rng=0)
    y = neuron([Value(1.0)]) * 0.25
    y.backward()
    (legend,) = groups(draw(y).svg(), "legend")
    words = [text.text or "" for text in legend.iter(f"{SVG}text")]
    top = max(abs(v.grad) for v in (y, *neuron.parameters()))
    assert words[:2] == [f"grad -{top:.3g}", f"+{top:.3g}, half a decade a shade"]
    assert words[2:] == ["input", "parameter", "constant", "operation", "value", "result"]


def test_the_legend_lies_within_the_picture() -> None:
    svg = ElementTree.fromstring(graded(1.0, 0.0, math.nan))
    _, _, width, height = map(float, svg.get("viewBox", "").split())
    (legend,) = groups(graded(1.0, 0.0, math.nan), "legend")
    for part in legend.iter(f"{SVG}g"):
        x, y = map(float, re.findall(r"-?[\d.]+", part.get("transform", "")))
        assert 0.0 <= x <= width
        assert 0.0 <= y <= height


def test_each_kind_has_a_shape_of_its_own() -> None:
    svg = draw(Neuron(1, rng=0)([Value(1.0)]) * 0.25 + 1.0).svg()
    shapes = set()
    for kind in ("leaf", "parameter", "number", "operation", "inner", "result"):
        outlines = [e for e in groups(svg, kind)[0] if e.tag != f"{SVG}text"]
        points = [len(re.findall(r"-?[\d.]+", e.get("d", e.get("points", "")))) for e in outlines]
        shapes.add(tuple((e.tag, n) for e, n in zip(outlines, points, strict=True)))
    assert len(shapes) == 6


@pytest.mark.parametrize(("text", "ground"), TEXT)
def test_text_has_a_contrast_of_at_least_4_5_in_light_and_dark(text: str, ground: str) -> None:
    assert contrast(text, ground) >= 4.5
    assert contrast(p.DARK[text], p.DARK[ground]) >= 4.5


def test_every_colour_of_a_picture_has_its_counterpart_on_a_dark_page() -> None:
    svg = graded(1.0, -0.01, 0.0, math.nan, math.inf)
    style = ElementTree.fromstring(svg).findtext("{*}style") or ""
    assert style.startswith("@media (prefers-color-scheme:dark)")
    used = set(re.findall(r'(?:fill|stroke)="(#[0-9a-f]{6}|white)"', svg.replace(style, "")))
    assert used
    assert all(f'[fill="{colour}"]' in style for colour in used)


def test_every_box_and_the_whole_are_named_for_those_who_hear() -> None:
    y = Value(2.0, label="x") * 3.0
    y.backward()
    svg = draw(y).svg()
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "graphics-document"
    for group in groups(svg, "node"):
        assert group.get("role") == "graphics-symbol"
        assert group.get("aria-label") == group.findtext("{*}title")
        assert group.get("aria-label")


def test_the_table_has_the_content_of_the_picture() -> None:
    x = Value(3.0, label="x\n1")
    y = 2.0 * x + x
    y.backward()
    assert draw(y).table().splitlines() == [
        "box  kind    name  data  grad  from",
        "n0   input   x 1   3     3",
        "n1   value         6     1     * of 2, n0",
        "n2   result        9     1     + of n1, n0",
    ]


def test_the_table_has_the_folds_and_the_note() -> None:
    neuron = Neuron(1, activation="linear", rng=0)
    neuron.w[0].data = 0.5
    y = neuron([Value(1.0)])
    assert draw(y, fold="neuron").table().splitlines() == [
        "box  kind           name    data      grad  from",
        "n1   input                  1         0",
        "g0   folded values  neuron  4 values        n1",
        "n4   result                 0.5       0     g0",
        "5 values in 3 boxes; backward() not run: every grad is 0",
    ]


def test_wide_characters_keep_the_columns_of_the_table() -> None:
    table = draw([Value(1.0, label="日本"), Value(2.0, label="ab")]).table().splitlines()
    assert table[1:3] == ["n0   result  日本  1     0", "n1   result  ab    2     0"]

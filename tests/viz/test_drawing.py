"""draw: its arguments and errors, display in a notebook, and saving."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from autodiff import Value
from tests.viz.reading import groups
from viz import draw
from viz.svg import render


def test_an_svg_fits_its_page_and_says_what_it_is() -> None:
    x = Value(3.0)
    svg = ElementTree.fromstring(draw(x * x).svg())
    left, top, width, height = map(float, svg.get("viewBox", "").split())
    assert (left, top) == (0.0, 0.0)
    assert width > height > 0.0
    assert svg.get("width") == "100%"
    assert svg.get("style") == f"min-width:{width * 2 / 3:.0f}px;max-width:{width * 4 / 3:.0f}px;height:auto"
    assert svg.get("role") == "graphics-document"
    words = "Computation graph: 2 values, 1 operation; backward() not run: every grad is 0"
    assert svg.get("aria-label") == svg.findtext("{*}title") == words


def test_a_notebook_is_given_svg_and_text() -> None:
    drawing = draw(Value(3.0), show=("data",))
    bundle = drawing._repr_mimebundle_()
    assert bundle == {"image/svg+xml": drawing.svg(), "text/plain": "<Computation graph: 1 value, 0 operations>"}


def test_a_drawing_is_of_the_moment_it_was_drawn() -> None:
    x = Value(3.0)
    drawing = draw(x)
    x.data = 4.0
    assert "3" in drawing.dot()
    assert drawing.svg() == drawing.svg()
    assert ">3<" in drawing.svg().replace(" ", "")


@pytest.mark.parametrize("rankdir", ["LR", "RL", "TB", "BT"])
def test_the_graph_runs_as_rankdir_says(rankdir: str) -> None:
    x = Value(3.0)
    svg = draw(x.exp().exp().exp(), rankdir=rankdir).svg()
    first, last = (groups(svg, kind)[0].findall("{*}text")[0] for kind in ("leaf", "result"))
    axis = "x" if rankdir in ("LR", "RL") else "y"
    ahead = float(last.get(axis, "nan")) > float(first.get(axis, "nan"))
    assert ahead == (rankdir in ("LR", "TB"))


@pytest.mark.parametrize(
    "root", [[Value(1.0), Value(2.0)], (Value(1.0), Value(2.0)), np.array([[Value(1.0), Value(2.0)]], dtype=object)]
)
def test_draw_takes_several_values(root: Any) -> None:
    assert len(groups(draw(root).svg(), "result")) == 2


@pytest.mark.parametrize(
    ("root", "error", "message"),
    [
        (3.0, TypeError, "float 3.0"),
        ("x", TypeError, "str 'x'"),
        (None, TypeError, "NoneType None"),
        ([Value(1.0), 2.0], TypeError, "float 2.0"),
        ([], ValueError, "got none"),
    ],
)
def test_draw_refuses_what_is_no_value(root: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"`draw` takes a Value or several, got.*{message}|{message}"):
        draw(root)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"show": "data"}, "`show` is a tuple of some of label, data, grad, got 'data'"),
        ({"show": None}, "`show` is a tuple of some of label, data, grad, got None"),
        ({"show": ("data", "gradient")}, "`show` is a tuple"),
        ({"rankdir": "up"}, "`rankdir` is one of LR, RL, TB, BT, got 'up'"),
        ({"fmt": "d"}, "`fmt` is a format of floats such as '.4g', got 'd'"),
        ({"fmt": None}, "`fmt` is a format"),
    ],
)
def test_options_that_mean_nothing_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        draw(Value(1.0), **options)


def test_save_writes_what_the_suffix_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(render.ENGINES, "png", {"a fake": lambda source, to, engine: f"{to} of {source}".encode()})
    monkeypatch.setitem(render.ENGINES, "pdf", {"a fake": lambda source, to, engine: f"{to} of {source}".encode()})
    drawing = draw(Value(3.0))
    contents = {
        "g.svg": drawing.svg(),
        "G.SVG": drawing.svg(),
        "g.dot": drawing.dot(),
        "g.gv": drawing.dot(),
        "g.png": f"png of {drawing.dot()}",
        "g.pdf": f"pdf of {drawing.dot()}",
    }
    for name, content in contents.items():
        assert drawing.save(tmp_path / name) == tmp_path / name
        assert (tmp_path / name).read_text(encoding="utf-8") == content
    assert drawing.save(str(tmp_path / "g.svg")) == tmp_path / "g.svg"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(contents)


@pytest.mark.parametrize("name", ["g.jpg", "g", "svg", "g.svg.gz"])
def test_save_refuses_other_suffixes_and_lists_those_it_knows(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"must end in one of \.svg, \.dot, \.gv, \.png, \.pdf"):
        draw(Value(3.0)).save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_save_that_fails_leaves_the_file_that_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "g.svg"
    path.write_text("before")

    def fail(source: object, target: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(KeyboardInterrupt):
        draw(Value(3.0)).save(path)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_save_follows_a_link_and_names_the_file_that_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "link.svg").symlink_to(tmp_path / "real.svg")
    draw(Value(3.0)).save(tmp_path / "link.svg")
    assert (tmp_path / "link.svg").is_symlink()
    assert (tmp_path / "real.svg").read_text(encoding="utf-8").startswith("<svg")
    with pytest.raises(FileNotFoundError, match=r"nowhere.g\.svg"):
        draw(Value(3.0)).save(tmp_path / "nowhere" / "g.svg")

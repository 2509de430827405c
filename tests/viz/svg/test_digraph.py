"""draw_dot: a graphviz.Digraph that renders without the `dot` program."""

from __future__ import annotations

import sys
from pathlib import Path

import graphviz
import pytest

from autodiff import Value
from tests.viz.reading import groups
from viz import draw, draw_dot


@pytest.fixture(autouse=True)
def no_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "pygraphviz", None)


@pytest.fixture
def y() -> Value:
    x = Value(3.0, label="x")
    y: Value = x * x + 1.0
    y.backward()
    return y


def test_it_is_a_digraph_with_the_format_and_the_direction_that_were_asked_for(y: Value) -> None:
    graph = draw_dot(y, "png", "TB")
    assert isinstance(graph, graphviz.Digraph)
    assert graph.format == "png"
    assert graph.graph_attr["rankdir"] == "TB"


def test_it_draws_what_draw_draws(y: Value) -> None:
    assert draw_dot(y).source == draw(y).dot()
    assert draw_dot(y).pipe() == draw(y).svg().encode()
    assert draw_dot(y).pipe(encoding="utf-8") == draw(y).svg()


def test_it_shows_itself_in_a_notebook_whatever_its_format(y: Value) -> None:
    assert draw_dot(y, format="png")._repr_mimebundle_() == {"image/svg+xml": draw(y).svg()}


def test_render_writes_the_source_and_the_picture(y: Value, tmp_path: Path) -> None:
    path = draw_dot(y).render("graph", directory=tmp_path, quiet=True)
    assert path == str(tmp_path / "graph.svg")
    assert (tmp_path / "graph").read_text(encoding="utf-8").rstrip() == draw(y).dot().rstrip()
    assert Path(path).read_text(encoding="utf-8") == draw(y).svg()


def test_render_takes_a_file_to_write_and_cleans_up(y: Value, tmp_path: Path) -> None:
    path = draw_dot(y, format="png").render(outfile=tmp_path / "picture.svg", cleanup=True)
    assert [str(found) for found in tmp_path.iterdir()] == [path] == [str(tmp_path / "picture.svg")]


def test_what_the_user_adds_is_drawn_and_a_copy_is_like_the_original(y: Value) -> None:
    graph = draw_dot(y)
    copy = graph.copy()
    graph.node("mine", "my note")
    graph.edge("n0", "mine")
    assert "my note" in graph.pipe(encoding="utf-8")
    assert copy.pipe() == draw(y).svg().encode()
    assert len(groups(graph.pipe(encoding="utf-8"), "node")) == len(groups(draw(y).svg(), "node")) + 1


def test_formats_that_only_dot_knows_are_left_to_it(y: Value) -> None:
    with pytest.raises(graphviz.ExecutableNotFound):
        draw_dot(y).pipe("ps")
    with pytest.raises(ValueError, match="unknown format"):
        draw_dot(y, format="docx")

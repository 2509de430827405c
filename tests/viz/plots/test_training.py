"""The plots of the train command, through the command line."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from autodiff import __main__ as command_line
from nn.commands import train
from nn.datasets import moons

REGISTERED = {
    "autodiff.commands": ("train", "nn.commands.train:train"),
    "autodiff.training_plots": ("viz", "viz.plots.training:plots"),
}
IRIS = str(files("nn") / "data" / "iris.csv")


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Run in an empty folder, with the command and the pictures registered whether or not the package is installed."""
    for module in (command_line, train):
        monkeypatch.setattr(module, "entry_points", lambda group: [EntryPoint(*REGISTERED[group], group)])
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> int:
    return command_line.main(list(arguments))


def test_plots_are_written_into_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    X, y = moons(60, rng=0)
    rows = [f"{a},{b},{kind}\n" for (a, b), kind in zip(X.tolist(), np.where(y > 0, "in", "out"), strict=True)]
    Path("moons.csv").write_text("x,y,moon\n" + "".join(rows))
    assert run("train", "moons.csv", "--target", "moon", "--epochs", "30", "--plots", "new/folder") == 0
    names = ["accuracy.png", "activations.png", "boundary.png", "loss.png", "weights.png"]
    assert sorted(path.name for path in Path("new/folder").iterdir()) == names
    assert all(Path("new/folder", name).read_bytes().startswith(b"\x89PNG") for name in names)
    assert "new/folder/boundary.png" in capsys.readouterr().out.splitlines()[-1]


def test_plots_without_matplotlib_say_what_to_install_before_anything_is_trained(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert run("train", IRIS, "--target", "species", "--plots", "folder") == 2
    assert "pip install 'autodiff-scalar[plot]'" in capsys.readouterr().err
    assert list(Path().iterdir()) == []


def test_dollars_in_names_and_labels_are_shown_as_they_are() -> None:
    rows = [f"{x},{x % 7},{'$a^$' if x % 2 else '$b_{$'}\n" for x in range(20)]
    Path("t.csv").write_text("$x_$,$\\y$,$t^^$\n" + "".join(rows))
    assert run("train", "t.csv", "--target", "$t^^$", "--epochs", "1", "--plots", "p") == 0
    assert len(list(Path("p").iterdir())) == 5

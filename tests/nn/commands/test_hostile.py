"""Tables, models and disks that would cost a training, the terminal or the machine: refused before anything is lost."""

from __future__ import annotations

import errno
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from autodiff import __main__ as command_line
from nn import MLP, fit, load, save
from nn.commands import learn as learning
from nn.commands import train as training
from nn.saving import safetensors
from nn.tables import csv
from nn.tables.columns import Column
from nn.tables.tabular import Tabular, Target
from nn.training.state import Training

COMMANDS = {"train": "nn.commands.train:train", "predict": "nn.commands.predict:predict"}
IRIS = str(files("nn") / "data" / "iris.csv")


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Run in an empty folder, with the commands registered whether or not the package is installed."""
    points = [EntryPoint(name, place, "autodiff.commands") for name, place in COMMANDS.items()]
    monkeypatch.setattr(command_line, "entry_points", lambda group: points)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def untrained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail if an epoch begins."""
    monkeypatch.setattr(Training, "_epoch", lambda self: pytest.fail("it trained"))


def run(*arguments: str) -> int:
    return command_line.main(list(arguments))


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let the system refuse to write more bytes into a file than this, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("untrained")
def test_a_disk_without_room_for_the_model_is_told_before_the_training(capsys: pytest.CaptureFixture[str]) -> None:
    Path("m.st").write_bytes(b"old")
    with files_of_at_most(1000):
        assert run("train", IRIS, "--target", "species", "--out", "m.st") == 2
    assert "'m.st'" in capsys.readouterr().err
    assert [path.name for path in Path().iterdir()] == ["m.st"]
    assert Path("m.st").read_bytes() == b"old"


@pytest.mark.usefixtures("untrained")
@pytest.mark.parametrize("limit", ["LONGEST_HEADER", "LARGEST_FILE"])
def test_a_model_over_a_limit_of_its_file_is_told_before_the_training(
    limit: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(safetensors, limit, 900)
    assert run("train", IRIS, "--target", "species") == 2
    assert "the model is too large for a checkpoint: header" in capsys.readouterr().err
    assert list(Path().iterdir()) == []


def test_a_disk_that_becomes_full_while_it_trains_costs_no_model(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(model: Any, path: Path) -> Path:
        if path.name == "m.st":
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return save(model, path)

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(elsewhere))
    monkeypatch.setattr(training, "save", full)
    assert run("train", IRIS, "--target", "species", "--epochs", "1", "--out", "m.st") == 2
    (kept,) = elsewhere.rglob("*.safetensors")
    assert f"No space left on device: 'm.st'. The model is in {str(kept)!r} instead" in capsys.readouterr().err
    assert isinstance(load(kept), Tabular)


@pytest.mark.usefixtures("untrained")
def test_a_checkpoint_for_which_there_is_no_room_is_told_before_the_training() -> None:
    model = MLP(3, [20, 1], rng=0)
    before = model.state()
    with files_of_at_most(1000), pytest.raises(OSError, match=r"c\.st"):
        fit(model, [[1.0, 2.0, 3.0]], [1.0], checkpoint="c.st", progress=False)
    with files_of_at_most(20_000), pytest.raises(OSError, match=r"c\.st"):  # the curves of so many epochs
        fit(model, [[1.0, 2.0, 3.0]], [1.0], checkpoint="c.st", epochs=10_000, progress=False)
    assert list(Path().iterdir()) == []
    assert all((before[name] == array).all() for name, array in model.state().items())


@pytest.mark.usefixtures("untrained")
def test_a_checkpoint_over_the_limit_of_its_header_is_told_before_the_training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safetensors, "LONGEST_HEADER", 900)
    with pytest.raises(safetensors.CheckpointError, match="too large for a checkpoint: header"):
        fit(MLP(3, [1], rng=0), [[1.0, 2.0, 3.0]], [1.0], checkpoint="c.st", progress=False)


LINES = "".join(f"{x},{'ab'[x % 2]}\n" for x in range(20))


@pytest.mark.usefixtures("untrained")
@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('x,y\n1,"two\nlines"\n' + LINES, r"row 1, column `y`: 'two\nlines' has a line break"),
        ("x,y\n1,\x1b[2J\n" + LINES, r"row 1, column `y`: '\x1b[2J' has a line break or another control"),
        ('x,y\n01,"two\rlines"\n' + LINES.replace("a", "02"), r"row 1, column `y`: 'two\rlines'"),
        ("x,y\na\u202eb,1\n" + "".join(f"{k},2\n" for k in "ab"), r"row 1, column `x`: 'a\u202eb'"),
        ("x\x1b[2J,y\n" + LINES, r"the name of a column has a control character: 'x\x1b[2J'"),
        ('"x\nz",y\n' + LINES, r"the name of a column has a control character: 'x\nz'"),
        (f"{'x' * 100_000},y\n" + LINES, "the name of a column has 100,000 characters, 1000 at most: 'xxxx"),
    ],
)
def test_names_and_labels_that_break_a_line_are_refused_before_the_training(
    table: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("t.csv").write_text(table, newline="")
    assert run("train", "t.csv", "--target", "y") == 2
    said = capsys.readouterr().err
    assert message in said
    assert len(said) < 500


def test_a_dropped_column_may_hold_anything() -> None:
    Path("t.csv").write_text("x,note,y\n" + "".join(f'{x},"a\n\x1b[2J{x}",{"ab"[x % 2]}\n' for x in range(20)))
    assert run("train", "t.csv", "--target", "y", "--drop", "note", "--epochs", "1") == 0


@pytest.fixture
def hostile_model() -> str:
    """Return the path of a model whose labels and names reach for the terminal."""
    model = Tabular(MLP(1, [2], rng=0), [Column("x\x1b[2J")], Target("y", ("a\n\x1b[2Jb", "c\u202ed\r")))
    return str(save(model, "hostile.st"))


def test_a_label_takes_one_line_and_no_escape_reaches_the_terminal(
    hostile_model: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv, "escaped", str)  # a table with the names of the model
    Path("rows.csv").write_text("x\x1b[2J\n-1\n0.5\n1\n")
    assert run("predict", hostile_model, "rows.csv") == 0
    said = capsys.readouterr().out
    assert len(said.splitlines()) == 3
    assert set(said.splitlines()) <= {r"a\n\x1b[2Jb", r"c\u202ed\r"}


def test_no_escape_of_a_model_reaches_the_terminal_in_an_error(
    hostile_model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("rows.csv").write_text("z\n1\n")
    assert run("predict", hostile_model, "rows.csv") == 2
    assert r"x\x1b[2J is missing" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["train", "t.csv", "--target", "y"], ["predict", "hostile.st", "t.csv"]])
@pytest.mark.parametrize(
    ("free", "message"),
    [
        (20 * 8, "has more than 20 characters, too many for a table in memory"),
        (3900, "has 40 cells, which take 0.0 GB of memory"),
    ],
)
@pytest.mark.usefixtures("hostile_model")
def test_a_table_that_the_memory_would_not_hold_is_refused(
    free: int, message: str, command: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("t.csv").write_text("x,y\n" + LINES[: LINES.index("19")])
    monkeypatch.setattr(csv, "available", lambda: free)
    assert run(*command) == 2
    assert message in capsys.readouterr().err


def test_a_device_without_an_end_is_no_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("train", "/dev/zero", "--target", "y") == 2
    assert "`/dev/zero` is no CSV file: it has zero bytes" in capsys.readouterr().err


@pytest.mark.parametrize("hidden", ["100000000", "30000,30000", "9" * 40])
def test_a_net_that_no_file_holds_is_refused_before_it_is_made(
    hidden: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "MLP", lambda *args, **options: pytest.fail("it was made"))
    assert run("train", IRIS, "--target", "species", "--hidden", hidden) == 2
    assert "Take smaller --hidden layers" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("what", "command"),
    [
        ("nn.commands.train.learn", ["train", IRIS, "--target", "species"]),
        ("nn.commands.predict.read_csv", ["predict", "hostile.st", IRIS]),
    ],
)
@pytest.mark.usefixtures("hostile_model")
def test_memory_that_runs_out_is_said_in_a_line(
    what: str, command: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def greedy(*args: Any, **options: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(what, greedy)
    assert run(*command) == 2
    assert "memory ran out. Take fewer rows" in capsys.readouterr().err

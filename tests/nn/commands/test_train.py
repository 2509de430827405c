"""The commands `train` and `predict`, run as from the command line."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from importlib.resources import files
from pathlib import Path

import pytest

from autodiff import __main__ as command_line
from nn import Training, load, metrics, save
from nn.modules.layer import Layer
from nn.tables.csv import read_csv
from nn.tables.tabular import Tabular

COMMANDS = {"train": "nn.commands.train:train", "predict": "nn.commands.predict:predict"}
IRIS = str(files("nn") / "data" / "iris.csv")


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Run in an empty folder, with the commands registered whether or not the package is installed."""
    points = [EntryPoint(name, place, "autodiff.commands") for name, place in COMMANDS.items()]
    monkeypatch.setattr(command_line, "entry_points", lambda group: points)
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> int:
    return command_line.main(list(arguments))


def test_a_trained_model_predicts_a_label_on_each_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("train", IRIS, "--target", "species", "--epochs", "60") == 0
    said = capsys.readouterr().out.splitlines()
    assert said[:3] == [
        "150 rows, 5 columns",
        "from sepal_length, sepal_width, petal_length, petal_width",
        "predicts species: setosa, versicolor, virginica",
    ]
    assert said[-1] == "wrote model.safetensors"
    assert "on 30 rows kept for validation" in said[-2]
    assert run("predict", "model.safetensors", IRIS) == 0
    told = capsys.readouterr().out.splitlines()
    assert metrics.accuracy(told, read_csv(IRIS).columns["species"]) > 0.95


def test_a_trained_model_predicts_a_number_on_each_line(capsys: pytest.CaptureFixture[str]) -> None:
    Path("line.csv").write_text("x,y\n" + "".join(f"{x / 10},{5.0 + x}\n" for x in range(40)))
    Path("new.csv").write_text("x\n0.55\n2.5\n")
    assert run("train", "line.csv", "--target", "y", "--hidden", "8", "--epochs", "100", "--lr", "0.01") == 0
    assert "R²: 0.99" in capsys.readouterr().out
    assert run("predict", "model.safetensors", "new.csv") == 0
    assert [float(line) for line in capsys.readouterr().out.split()] == pytest.approx([10.5, 30.0], abs=1.0)


def test_options_make_the_net_that_they_describe() -> None:
    options = ["--hidden", "5,4", "--activation", "relu", "--epochs", "1", "--drop", "sepal_length", "--out", "m.st"]
    assert run("train", IRIS, "--target", "species", *options, "--validation", "0", "--batch", "50") == 0
    model = load("m.st")
    assert isinstance(model, Tabular)
    assert [array.shape for array in model.state().values()] == [(5, 3), (5,), (4, 5), (4,), (3, 4), (3,)]
    assert "ReLUNeuron(3)" in repr(model.model)


def test_a_model_ignores_the_columns_that_were_dropped(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("train", IRIS, "--target", "species", "--drop", "sepal_length,sepal_width", "--epochs", "1") == 0
    capsys.readouterr()
    assert run("predict", "model.safetensors", IRIS) == 0
    assert len(capsys.readouterr().out.splitlines()) == 150


@pytest.mark.parametrize("out", ["nowhere/m.st", "."])
def test_a_place_where_no_file_can_be_is_refused_before_the_training(
    out: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("nn.commands.train.learn", lambda *args, **options: pytest.fail("it trained"))
    assert run("train", IRIS, "--target", "species", "--out", out) == 2
    assert f"--out is a file in a folder that exists, got {out!r}" in capsys.readouterr().err


def test_the_same_seed_writes_the_same_bytes() -> None:
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        assert run("train", IRIS, "--target", "species", "--epochs", "2", "--seed", seed, "--out", name) == 0
    assert Path("a").read_bytes() == Path("b").read_bytes() != Path("c").read_bytes()


@pytest.mark.parametrize(("epoch", "code", "said"), [(0, 130, ""), (3, 0, "after 3 epochs (interrupted in epoch 4)")])
def test_an_interrupted_training_is_kept_if_there_was_any(
    epoch: int, code: int, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(self: Training) -> None:
        if self.epoch == epoch:
            raise KeyboardInterrupt
        whole(self)

    whole = Training._epoch
    monkeypatch.setattr(Training, "_epoch", interrupt)
    assert run("train", IRIS, "--target", "species") == code
    assert said in capsys.readouterr().out
    assert Path("model.safetensors").exists() == (code == 0)


def test_plots_that_no_package_draws_are_refused_before_anything_is_trained(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nn.commands.train.entry_points", lambda group: [])
    assert run("train", IRIS, "--target", "species", "--plots", "folder") == 2
    assert "no installed package draws, as none registers `autodiff.training_plots`" in capsys.readouterr().err
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing.csv", "--target", "x"], "nothing.csv"),
        ([IRIS, "--target", "specie"], "no column `specie`; the columns are sepal_length"),
        ([IRIS, "--target", "species", "--drop", "colour"], "no column `colour`"),
        ([IRIS, "--target", "species", "--activation", "tan h"], "`tan h` is no activation"),
        ([IRIS, "--target", "species", "--loss", "nll"], "`loss` is one of mse"),
        ([IRIS, "--target", "species", "--loss", "mse"], "is 3 classes: the loss is cross_entropy"),
        ([IRIS, "--target", "species", "--epochs", "1", "--out", "nowhere/m.st"], "nowhere/m.st"),
        (["hole.csv", "--target", "y"], "row 2, column `x`: the value is missing"),
        (["empty.csv", "--target", "y"], "`empty.csv` is empty"),
    ],
)
def test_train_answers_bad_input_in_a_line_with_exit_code_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("hole.csv").write_text("x,y\n1,2\n,3\n")
    Path("empty.csv").touch()
    assert run("train", *arguments) == 2
    assert message in capsys.readouterr().err.splitlines()[-1]
    assert sorted(path.name for path in Path().iterdir()) == ["empty.csv", "hole.csv"]


@pytest.mark.parametrize(
    "option",
    [
        ["--hidden", "16,x"],
        ["--hidden", "0"],
        ["--epochs", "0"],
        ["--batch", "-1"],
        ["--lr", "fast"],
        ["--lr", "inf"],
        ["--validation", "1"],
        ["--seed", "a"],
    ],
)
def test_an_option_of_another_kind_is_a_usage_error(option: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        run("train", IRIS, "--target", "species", *option)
    assert f"argument {option[0]}: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("model", "table", "message"),
    [
        ("none.st", "rows.csv", "none.st"),
        ("rows.csv", "rows.csv", "`rows.csv`: the header would have"),
        ("layer.st", "rows.csv", "`layer.st` holds no model of tables"),
        ("model.st", "none.csv", "none.csv"),
        ("model.st", "rows.csv", "petal_width is missing; colour is unknown"),
        ("model.st", "infinite.csv", "row 2, column `petal_width`: '1e999' is not finite"),
    ],
)
def test_predict_answers_bad_input_in_a_line_with_exit_code_2(
    model: str, table: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("train", IRIS, "--target", "species", "--epochs", "1", "--out", "model.st") == 0
    save(Layer(1, 1), "layer.st")
    Path("rows.csv").write_text("sepal_length,sepal_width,petal_length,colour\n1,2,3,blue\n")
    names = "sepal_length,sepal_width,petal_length,petal_width"
    Path("infinite.csv").write_text(f"{names}\n1,2,3,4\n1,2,3,1e999\n")
    capsys.readouterr()
    assert run("predict", model, table) == 2
    said = capsys.readouterr()
    assert message in said.err
    assert said.out == ""


@pytest.mark.parametrize("out", ["t.csv", "./t.csv", "link.csv", "hard.csv"])
def test_a_model_does_not_replace_the_table_that_it_learned_from(out: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("t.csv").write_text("x,y\n" + "".join(f"{x},{x}\n" for x in range(20)))
    Path("link.csv").symlink_to("t.csv")
    Path("hard.csv").hardlink_to("t.csv")
    before = Path("t.csv").read_bytes()
    assert run("train", "t.csv", "--target", "y", "--out", out) == 2
    assert "would replace the table" in capsys.readouterr().err
    assert Path("t.csv").read_bytes() == before

"""The `train` command: train a net to predict a column of a CSV file, print its score, save it and draw it."""

from __future__ import annotations

import math
from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import entry_points
from inspect import signature
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from autodiff.commands import Command, CommandError, checked, count

from ..saving.model import rehearse, save
from ..saving.safetensors import CheckpointError
from ..tables.csv import TableError, read_csv
from ..tables.tabular import Tabular
from .learn import STEPS, Learned, learn

PLOTS = "autodiff.training_plots"  # entry points f; f(folder) returns a function that draws a Learned into the folder
USUAL = {name: parameter.default for name, parameter in signature(learn).parameters.items()}


def _configure(parser: ArgumentParser) -> None:
    parser.argument_default = SUPPRESS  # an option that is not given leaves the default to `learn`
    hidden = ",".join(map(str, USUAL["hidden"]))

    def add(name: str, metavar: str, text: str, kind: Callable[[str], Any] = str, **more: Any) -> None:
        parser.add_argument(name, metavar=metavar, help=text, type=kind, **more)

    add("table", "CSV", "column names in the first line, an example in each other")
    add("--target", "COLUMN", "the column to predict: classes or numbers", required=True)
    add("--drop", "A,B", "columns not to use as inputs", _names)
    add("--hidden", "N,N", f"neurons of each hidden layer ({hidden})", _sizes)
    add("--activation", "NAME", f"activation of the hidden layers ({USUAL['activation']})")
    add("--loss", "NAME", "the loss (cross_entropy for classes, mse for numbers)")
    add("--epochs", "N", f"passes over the rows (enough for {STEPS} steps)", count)
    add("--batch", "N", f"rows of each step ({USUAL['batch_size']})", count, dest="batch_size")
    add("--lr", "X", f"Adam's learning rate ({USUAL['lr']})", _positive)
    add("--validation", "X", f"share of rows to validate on ({USUAL['validation']})", _share)
    add("--seed", "N", f"seed of all random numbers ({USUAL['seed']})", _seed)
    add("--out", "FILE", "file of the model (model.safetensors)", default="model.safetensors")
    add("--plots", "DIR", "folder for pictures; needs matplotlib", default=None)


def _run(options: Namespace) -> None:
    try:
        plots = [] if options.plots is None else _plots(Path(options.plots))
        _refuse(Path(options.out), Path(options.table))
        table = read_csv(options.table)
        print(f"{len(table)} rows, {len(table.columns)} columns")
        own = {"table", "out", "plots", "run"}  # all other options are arguments of `learn`
        chosen = {name: x for name, x in vars(options).items() if name not in own}
        found = learn(table, **chosen, progress=True, ready=partial(rehearse, path=options.out))
        if not found.history.loss:
            raise KeyboardInterrupt  # before there was anything worth keeping
        print(summary(found))
        written = [_saved(found.model, Path(options.out)), *(path for plot in plots for path in plot(found))]
        print(f"wrote {', '.join(map(str, written))}")
    except (OSError, ImportError, ArithmeticError, CheckpointError, TableError, TypeError, ValueError) as error:
        raise CommandError(str(error)) from error
    except MemoryError:
        raise CommandError("memory ran out. Take fewer rows or columns, or smaller --hidden layers") from None


def _saved(model: Tabular, out: Path) -> Path:
    """Save a model; if that fails, as on a disk that has become full, save it elsewhere and raise OSError: where."""
    try:
        return save(model, out)
    except OSError as error:
        kept = save(model, Path(mkdtemp(prefix="autodiff-")) / "model.safetensors")
        raise OSError(f"{error}. The model is in {str(kept)!r} instead") from error


def _plots(folder: Path) -> list[Callable[[Learned], Sequence[Path]]]:
    """Return functions that draw a Learned into `folder` and return the paths of the pictures.

    A missing dependency of theirs, such as matplotlib, is an error now, not after the training.
    """
    points = entry_points(group=PLOTS)
    if not points:
        raise CommandError(f"--plots: no installed package draws, as none registers `{PLOTS}`. Is `viz` installed?")
    return [point.load()(folder) for point in points]


def _refuse(out: Path, table: Path) -> None:
    """Raise OSError, before the training and not after it, if no model can be written to `out`, or it is the table."""
    if out.is_dir() or not out.parent.is_dir():
        raise OSError(f"--out is a file in a folder that exists, got {str(out)!r}")
    if out.exists() and table.exists() and out.samefile(table):
        raise OSError(f"--out would replace the table {str(table)!r}. Name another file")


def summary(found: Learned) -> str:
    """Return the inputs, the target, the net and its scores, in a few lines."""
    target, history = found.model.target, found.history
    sizes = "-".join(str(n) for n in (found.X.shape[1], *(len(layer.neurons) for layer in found.net.layers)))
    columns = [f"{c.name} ({len(c.categories)} categories)" if c.categories else c.name for c in found.model.columns]
    metric, form, classes = ("accuracy", ".1%", ", ".join(target.classes)) if target.classes else ("R²", ".4f", "")
    held = found.held_score
    validation = "" if held is None else f", {held:{form}} on {len(found.y_held)} rows kept for validation"
    early = "" if history.stopped == "all epochs done" else f" ({history.stopped})"
    return (
        f"from {', '.join(columns)}\n"
        f"predicts {target.name}{f': {classes}' if classes else ', a number'}\n"
        f"by a net of {sizes}, loss {history.loss[-1]:.4f} after {history.epochs} epochs{early}\n"
        f"{metric}: {found.score:{form}} in training{validation}"
    )


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")]


def _sizes(text: str) -> list[int]:
    sizes = [part.strip() for part in text.split(",")]
    checked(text, all(size.isdecimal() and int(size) > 0 for size in sizes), "sizes such as 16,16")
    return list(map(int, sizes))


def _seed(text: str) -> int:
    return int(checked(text, text.isdecimal(), "a whole number"))


def _share(text: str) -> float:
    return float(checked(text, 0.0 <= _number(text) < 1.0, "a share from 0 to below 1"))


def _positive(text: str) -> float:
    return float(checked(text, 0.0 < _number(text) < math.inf, "a number above 0"))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


train = Command("train a net on a CSV file, measure it, save it and draw it", _configure, _run)

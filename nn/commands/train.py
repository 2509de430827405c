"""The `train` command: a net that learns a column of a CSV file, its scores, its file, and pictures of it."""

from __future__ import annotations

import math
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Sequence
from importlib.metadata import entry_points
from pathlib import Path

from autodiff.commands import Command, CommandError

from ..saving.model import save
from ..saving.safetensors import CheckpointError
from ..tables.csv import TableError, read_csv
from .learn import BATCH, HIDDEN, STEPS, Learned, learn

PLOTS = "autodiff.training_plots"  # entry points f: f(folder) is a function of a Learned that draws it into the folder


def _configure(parser: ArgumentParser) -> None:
    hidden = ",".join(map(str, HIDDEN))
    parser.add_argument("table", metavar="CSV", help="names in the first line, an example in each of the others")
    parser.add_argument("--target", required=True, metavar="COLUMN", help="what is to be told: a class or a number")
    parser.add_argument("--drop", type=_names, default=[], metavar="A,B", help="columns not to learn from")
    parser.add_argument(
        "--hidden", type=_sizes, default=HIDDEN, metavar="N,N", help=f"neurons of each hidden layer ({hidden})"
    )
    parser.add_argument("--activation", default="tanh", metavar="NAME", help="that of the hidden layers (tanh)")
    parser.add_argument("--loss", metavar="NAME", help="cross_entropy for classes, mse for numbers unless told")
    parser.add_argument("--epochs", type=_count, metavar="N", help=f"times over the rows (as {STEPS} steps need)")
    parser.add_argument("--batch", type=_count, default=BATCH, metavar="N", help=f"rows for each step ({BATCH})")
    parser.add_argument("--lr", type=_positive, default=3e-3, metavar="X", help="Adam's learning rate (0.003)")
    parser.add_argument(
        "--validation", type=_share, default=0.2, metavar="X", help="share of rows to validate on (0.2)"
    )
    parser.add_argument("--seed", type=_seed, default=0, metavar="N", help="of all that is drawn at random (0)")
    parser.add_argument("--out", default="model.safetensors", metavar="FILE", help="the model (model.safetensors)")
    parser.add_argument("--plots", metavar="DIR", help="a folder for pictures; needs matplotlib")


def _run(options: Namespace) -> None:
    try:
        plots = [] if options.plots is None else _plots(Path(options.plots))
        _refuse(Path(options.out))
        table = read_csv(options.table)
        print(f"{len(table)} rows, {len(table.columns)} columns")
        found = learn(
            table,
            options.target,
            drop=options.drop,
            hidden=options.hidden,
            activation=options.activation,
            loss=options.loss,
            epochs=options.epochs,
            batch_size=options.batch,
            lr=options.lr,
            validation=options.validation,
            seed=options.seed,
            progress=True,
        )
        if not found.history.loss:
            raise KeyboardInterrupt  # before there was anything worth keeping
        print(summary(found))
        written = [save(found.model, options.out), *(path for plot in plots for path in plot(found))]
        print(f"wrote {', '.join(map(str, written))}")
    except (OSError, ImportError, ArithmeticError, CheckpointError, TableError, TypeError, ValueError) as error:
        raise CommandError(str(error)) from error


def _plots(folder: Path) -> list[Callable[[Learned], Sequence[Path]]]:
    """Return functions that draw what was learned into `folder`, and return the paths of their files.

    What they lack, such as matplotlib, they say now and not after the training.
    """
    points = entry_points(group=PLOTS)
    if not points:
        raise CommandError(f"--plots: no installed package draws, as none registers `{PLOTS}`. Is `viz` installed?")
    return [point.load()(folder) for point in points]


def _refuse(out: Path) -> None:
    """Raise OSError, before the training and not after it, for a place where no file can be."""
    if out.is_dir() or not out.parent.is_dir():
        raise OSError(f"--out is a file in a folder that exists, got {str(out)!r}")


def summary(found: Learned) -> str:
    """Return what was learned from what, and how well, in a few lines."""
    target = found.model.target
    sizes = "-".join(str(n) for n in (found.X.shape[1], *(len(layer.neurons) for layer in found.net.layers)))
    columns = [f"{c.name} ({len(c.categories)} categories)" if c.categories else c.name for c in found.model.columns]
    told = f"{target.name}: {', '.join(target.classes)}" if target.classes else f"{target.name}, a number"
    held = found.held_score
    kept = "" if held is None else f", {_score(found, held)} on {len(found.y_held)} rows kept for validation"
    early = "" if found.history.stopped == "all epochs done" else f" ({found.history.stopped})"
    return (
        f"from {', '.join(columns)}\ntells {told}\nby a net of {sizes}, loss {found.history.loss[-1]:.4f} after "
        f"{found.history.epochs} epochs{early}\n{_measure(found)}: {_score(found, found.score)} in training{kept}"
    )


def _measure(found: Learned) -> str:
    return "accuracy" if found.model.target.classes else "R²"


def _score(found: Learned, score: float) -> str:
    return f"{score:.1%}" if found.model.target.classes else f"{score:.4f}"


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")]


def _sizes(text: str) -> list[int]:
    sizes = [part.strip() for part in text.split(",")]
    _checked(text, all(size.isdecimal() and int(size) > 0 for size in sizes), "sizes such as 16,16")
    return list(map(int, sizes))


def _count(text: str) -> int:
    return int(_checked(text, text.isdecimal() and int(text) >= 1, "at least 1"))


def _seed(text: str) -> int:
    return int(_checked(text, text.isdecimal(), "a whole number"))


def _share(text: str) -> float:
    return float(_checked(text, 0.0 <= _number(text) < 1.0, "a share from 0 to below 1"))


def _positive(text: str) -> float:
    return float(_checked(text, 0.0 < _number(text) < math.inf, "a number above 0"))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _checked(text: str, fits: bool, wanted: str) -> str:
    if not fits:
        raise ArgumentTypeError(f"{wanted}, got {text!r}")
    return text


train = Command("train a net on a CSV file, measure it, save it and draw it", _configure, _run)

"""The `predict` command: print the predictions of a trained model for the rows of a CSV file."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from autodiff.commands import Command, CommandError, escaped

from ..saving.model import load
from ..saving.safetensors import CheckpointError
from ..tables.csv import TableError, read_csv
from ..tables.tabular import Tabular


def _configure(parser: ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="a file that `autodiff train` wrote, such as model.safetensors")
    parser.add_argument("table", metavar="CSV", help="the rows to predict, with the columns of the training")


def _run(options: Namespace) -> None:
    try:
        model, table = load(options.model), read_csv(options.table)
        if not isinstance(model, Tabular):
            raise CommandError(f"`{options.model}` holds no model of tables; train one with `autodiff train`")
        answers = model.predict(table)
    except (OSError, CheckpointError, TableError) as error:
        raise CommandError(str(error)) from error
    except MemoryError:
        raise CommandError("memory ran out. Take fewer rows") from None
    print("\n".join(escaped(str(answer)) for answer in answers))


predict = Command("print one label or number for each row of a CSV file", _configure, _run)

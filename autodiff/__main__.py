"""The `autodiff` command: `grad` and `check` of an expression, and what the packages above register."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from importlib.metadata import entry_points

from .checking import GradientError, check_grads
from .commands import GROUP, Command, CommandError, escaped
from .expressions import ExpressionError, bindings, parse
from .transforms import hessian, value_and_grad


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code: 0, 1 for a failed check, 2 for bad input.

    >>> main(["grad", "x**2", "x=3"])
    value = 9.0
    ∂/∂x  = 6.0
    0
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that has no ∂ shows a question mark
    arguments = list(map(_positional, sys.argv[1:] if arguments is None else arguments))
    parser = argparse.ArgumentParser(prog="autodiff", description="Scalar automatic differentiation.")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command in sorted(_commands(arguments[:1]).items()):
        subparser = subparsers.add_parser(name, help=command.summary, description=command.summary)
        command.configure(subparser)
        subparser.set_defaults(run=command.run)
    options = parser.parse_args(arguments)
    try:
        code = options.run(options) or 0
        sys.stdout.flush()  # here, where it can still be told that nobody reads it, or that the disk is full
        return code
    except (CommandError, ExpressionError) as error:
        lines = f"autodiff: {error}".split("\n")  # with names and cells that a file has
        print("\n".join(map(escaped, lines)), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("autodiff: interrupted", file=sys.stderr)
        return 130
    except OSError as error:
        if error.filename is not None:  # of a file, not of the output
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python writes the rest when it ends
        if isinstance(error, BrokenPipeError):  # as `| head -1` does when it has what it wants
            return 141
        print(f"autodiff: the output cannot be written: {error.strerror}", file=sys.stderr)
        return 2


def _positional(argument: str) -> str:
    """Return `argument` with a space before a leading `-`, so that argparse does not take `-x` for an option."""
    is_expression = argument.startswith("-") and not argument.startswith("--") and argument != "-h"
    return f" {argument}" if is_expression else argument


def _commands(wanted: list[str]) -> dict[str, Command]:
    """Return the commands by name; of other packages only the wanted command is loaded, if its name is known."""
    own = {
        "grad": Command("print the value and the gradient of an expression", _configure_grad, _run_grad),
        "check": Command("compare the derivatives of an expression with central differences", _expression, _run_check),
    }
    if wanted and wanted[0] in own:
        return own
    points = list(entry_points(group=GROUP))
    chosen = [point for point in points if [point.name] == wanted] or points
    return own | {point.name: point.load() for point in chosen}


def _expression(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("expression", metavar="EXPR", help='for example "tanh(w*x + b)"')
    parser.add_argument("values", metavar="NAME=NUMBER", nargs="*", help="a value for each variable")


def _configure_grad(parser: argparse.ArgumentParser) -> None:
    _expression(parser)
    parser.add_argument("--order", type=int, choices=(1, 2), default=1, help="2 prints the Hessian, too")


def _run_grad(options: argparse.Namespace) -> None:
    expression, point = parse(options.expression), bindings(options.values)
    value, gradient = value_and_grad(expression)(point)
    _print_table({"value": value} | {f"∂/∂{x}": d for x, d in gradient.items()})
    if options.order == 2:
        second = hessian(expression)(point)
        names = list(enumerate(expression.names))
        _print_table({f"∂²/∂{x}∂{y}": second[x][y] for i, x in names for j, y in names if i <= j})


def _run_check(options: argparse.Namespace) -> int:
    expression, point = parse(options.expression), bindings(options.values)
    try:
        check_grads(expression, [point])
    except GradientError as error:
        print(error)
        return 1
    print("derivatives of order 1 and 2, forward and reverse, agree with central differences")
    return 0


def _print_table(rows: dict[str, float]) -> None:
    width = max(map(len, rows), default=0)
    for name, number in rows.items():
        print(f"{name:{width}} = {number}")


if __name__ == "__main__":
    sys.exit(main())

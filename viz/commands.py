"""The `graph` command: an expression drawn with its values and gradients."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from autodiff import Value
from autodiff.commands import Command, CommandError
from autodiff.expressions import bindings, parse

from .drawing import DIRECTIONS, draw
from .engines import RenderError


def _configure(parser: ArgumentParser) -> None:
    parser.add_argument("expression", metavar="EXPR", help='for example "tanh(w*x + b)"')
    parser.add_argument("values", metavar="NAME=NUMBER", nargs="*", help="a value for each variable")
    parser.add_argument("--out", default="graph.svg", metavar="FILE", help=".svg, .dot, .png or .pdf (graph.svg)")
    parser.add_argument("--rankdir", default="LR", choices=DIRECTIONS, help="the way the graph runs (LR)")


def _run(options: Namespace) -> None:
    expression = parse(options.expression)
    leaves = {name: Value(x, label=name) for name, x in bindings(options.values).items()}
    result = expression(leaves)
    if not isinstance(result, Value):
        raise CommandError(f"`{options.expression}` has no variables, so there is no graph: it is {result}")
    result.backward()
    try:
        path = draw(result, rankdir=options.rankdir).save(options.out)
    except (OSError, RenderError, ValueError) as error:
        raise CommandError(str(error)) from error
    print(f"wrote {path}")


graph = Command("draw the graph of an expression, with values and gradients", _configure, _run)

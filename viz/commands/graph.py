"""The graph and explore commands: draw the graph of an expression; explore that of a saved net on an input."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from typing import Any

from autodiff import Value
from autodiff.commands import Command, CommandError
from autodiff.expressions import bindings, parse
from nn import CheckpointError, half_mse, load

from ..drawing import DIRECTIONS, draw
from ..svg.render import RenderError

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def _configure_graph(parser: ArgumentParser) -> None:
    parser.add_argument("expression", metavar="EXPR", help='for example "tanh(w*x + b)"')
    parser.add_argument("values", metavar="NAME=NUMBER", nargs="*", help="a value for each variable")
    parser.add_argument(
        "--out",
        default="graph.svg",
        metavar="FILE",
        help=".svg, .html for a page to step through, .dot, .png or .pdf (graph.svg)",
    )
    parser.add_argument("--rankdir", default="LR", choices=DIRECTIONS, help="the way the graph runs (LR)")


def _run_graph(options: Namespace) -> None:
    expression = parse(options.expression)
    leaves = {name: Value(x, label=name) for name, x in bindings(options.values).items()}
    result = expression(leaves)
    if not isinstance(result, Value):
        raise CommandError(f"`{options.expression}` has no variables, so there is no graph: it is {result}")
    _save(result, options.out, rankdir=options.rankdir)


def _configure_explore(parser: ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="a file that `nn.save` or `autodiff train` wrote")
    parser.add_argument("--input", required=True, type=_numbers, metavar="X,X", help="a number for each input")
    parser.add_argument("--target", type=_numbers, metavar="Y,Y", help="differentiate ½ Σ (a − y)², not an output")
    parser.add_argument("--output", type=int, metavar="K", help="which output, counted from 1 (the largest)")
    parser.add_argument("--out", default="explore.html", metavar="FILE", help=".html, or what `graph` takes")


def _run_explore(options: Namespace) -> None:
    inputs = [Value(x, label=f"x{i}".translate(SUBSCRIPTS)) for i, x in enumerate(options.input, 1)]
    try:
        model: Any = load(options.model)
        found = model(inputs)
    except (OSError, CheckpointError, TypeError, ValueError) as error:
        raise CommandError(str(error)) from error
    outputs = found if isinstance(found, list) else [found]
    for i, output in enumerate(outputs, 1):
        output.label = f"a{i}".translate(SUBSCRIPTS)
        print(f"{output.label} = {output.data}")
    _save(_result(outputs, options), options.out)


def _result(outputs: list[Value], options: Namespace) -> Value:
    """Return the value to differentiate: the cost if there is a target, else the chosen output, else the largest."""
    if options.target is not None:
        if len(options.target) != len(outputs):
            raise CommandError(f"`--target` takes a number for each of {len(outputs)} outputs")
        cost: Value = half_mse(outputs, options.target)
        cost.label = "C"
        return cost
    if options.output is None:
        return max(outputs, key=lambda output: output.data)
    if not 1 <= options.output <= len(outputs):
        raise CommandError(f"`--output` counts from 1 to {len(outputs)}, got {options.output}")
    wanted: Value = outputs[options.output - 1]
    return wanted


def _save(result: Value, out: str, **options: Any) -> None:
    result.backward()
    try:
        path = draw(result, **options).save(out)
    except (OSError, RenderError, ValueError) as error:
        raise CommandError(str(error)) from error
    print(f"wrote {path}")


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise ArgumentTypeError(f"numbers between commas, such as 0.5,1.0; got {text.strip()!r:.60}") from None


graph = Command("draw the graph of an expression, with values and gradients", _configure_graph, _run_graph)
explore = Command("step through the evaluation of a saved net on an input, on a page", _configure_explore, _run_explore)

"""A function is run once on Values, and the graph that this leaves becomes a Program.

The run takes the branches that its numbers take, and every truth that it asked of a Value becomes a guard. A Value
from outside the run is a parameter, read afresh at every call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from struct import pack, unpack
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .. import trees
from ..contexts import ProgramTrace, Trace, TraceError, tracing_program
from ..graph import is_node
from ..node import Node
from ..value import Value
from .builder import Builder
from .derivatives import derivatives
from .program import Program


class Tape(NamedTuple):
    """A run of a function: the leaves it was given, what it returned, and the trace with the branches it took."""

    inputs: list[Value]
    output: Any
    trace: ProgramTrace

    @property
    def guards(self) -> tuple[tuple[bool, str], ...]:
        """The truths that the run met, and where: they tell its path from others."""
        return tuple((truth, line) for _, truth, line in self.trace.guards)

    @property
    def results(self) -> list[Any]:
        """The numbers and Values that the function returned."""
        return trees.leaves(self.output)


class Slopes(NamedTuple):
    """The derivatives of a result: by which targets, and where among the outputs of the program.

    Targets are counted through, captured Values first and then inputs.
    """

    targets: list[int]
    places: NDArray[np.intp]


class Path(NamedTuple):
    """What became of a run: its program, first the results and then their derivatives, and the Values it captured.

    `output` is the tree of results with numbers in place of Values, `guards` the truths and where they were asked for.
    """

    gradients: Program
    captured: list[Any]
    slopes: list[Slopes]
    output: Any
    guards: tuple[tuple[bool, str], ...]

    @property
    def values(self) -> Program:
        """The program of the results alone."""
        return self.gradients.only(len(self.slopes))


def run(f: Callable[..., Any], arguments: Any, options: Any) -> Tape:
    """Run f on `arguments` and `options` with fresh Values in place of the numbers in them."""
    numbers = [x._data if isinstance(x, Node) else float(x) for x in trees.leaves((arguments, options))]
    with tracing_program() as trace:
        inputs = [Value(x) for x in numbers]
        args, kwargs = trees.rebuild(
            (arguments, options), inputs, number=lambda x: x, array=lambda x, items: trees.value_array(x, items)
        )
        output = f(*args, **kwargs)
    tape = Tape(inputs, output, trace)
    _check_output(tape)
    return tape


def _check_output(tape: Tape) -> None:
    try:
        results = tape.results
    except TypeError as error:
        raise TraceError(
            f"a compiled function returns numbers, or lists, tuples, dicts and arrays of them: {error}"
        ) from None
    if not results:
        raise TraceError(
            f"a compiled function returns at least one number, got {tape.output!r:.60}. Is `return` missing?"
        )


def path_of(tape: Tape, active: Sequence[bool]) -> Path:
    """Return the programs of a tape, with derivatives by the captured Values and by the inputs that are active."""
    order, captured = _order(tape)
    builder = Builder(len(captured), len(tape.inputs))
    slots = {id(v): i for i, v in enumerate((*captured, *tape.inputs))}
    for node in order:
        if id(node) not in slots:
            slots[id(node)] = _emit(builder, node, slots)
    results = tape.results
    outputs = [slots[id(y)] if is_node(y) else builder.constant(float(y)) for y in results]
    guards = [(slots[id(v)], truth) for v, truth, _ in tape.trace.guards]
    targets = [*captured, *(v if on else None for v, on in zip(tape.inputs, active, strict=True))]
    slopes: list[Slopes] = []
    n = len(outputs)
    for y in results:
        found = derivatives(builder, y, slots, targets) if isinstance(y, Node) else [None] * len(targets)
        reached = [(i, d) for i, d in enumerate(found) if d is not None]
        slopes.append(Slopes([i for i, _ in reached], np.arange(len(outputs), len(outputs) + len(reached))))
        outputs += [d for _, d in reached]
    output = without_values(tape.output, n)
    return Path(builder.build(outputs, guards), captured, slopes, output, tape.guards)


def without_values(output: Any, n: int) -> Any:
    """Return the tree of n results with 0.0 in place of each: Values would keep the graph of the run."""
    return trees.rebuild(output, [0.0] * n, number=float, array=lambda x, items: trees.array(x.shape, items))


def _emit(builder: Builder, node: Any, slots: dict[int, int]) -> int:
    if not node.op:
        return builder.constant(node._data)
    return builder.emit(node.op, [slots[id(a)] if is_node(a) else builder.constant(a) for a in node.args])


def _order(tape: Tape) -> tuple[list[Any], list[Any]]:
    """Return the nodes that results and guards depend on, operands first, and those from outside by first use."""
    roots = [y for y in (*tape.results, *(v for v, _, _ in tape.trace.guards)) if is_node(y)]
    order: list[Any] = []
    captured: list[Any] = []
    seen: set[int] = {id(v) for v in tape.inputs}
    for root in roots:
        path = [root]
        while path:
            node = path[-1]
            if id(node) in seen:
                path.pop()
            elif not tape.trace.contains(node.trace):
                _check_alive(node)
                seen.add(id(node))
                captured.append(node)
                path.pop()
            else:
                waiting = [a for a in node.args if is_node(a) and id(a) not in seen]
                if waiting:
                    path.extend(reversed(waiting))
                else:
                    seen.add(id(node))
                    order.append(node)
                    path.pop()
    return order, captured


def captured_by(tape: Tape) -> list[Any]:
    """Return the Values from outside that a run used, in the order of their first use."""
    return _order(tape)[1]


def _check_alive(node: Any) -> None:
    trace = node.trace
    while isinstance(trace, Trace):
        if isinstance(trace, ProgramTrace):
            raise TraceError(
                f"a Value ({node.op or 'a leaf'}) from an earlier run of a compiled function was kept and used again: "
                "its number is that of the run. Return it from the function instead"
            )
        trace = trace.outer


def traced(f: Callable[..., Any], arguments: Any, options: Any, active: Sequence[bool]) -> Path:
    """Return the path that f takes. Raises TraceError if a second run on the same numbers is another."""
    tape = run(f, arguments, options)
    again = run(f, arguments, options)
    for first, second in zip_longest(_steps(tape), _steps(again), fillvalue=("nothing",)):
        if first != second:
            raise TraceError(
                f"`{getattr(f, '__qualname__', f)}`: a second run on the same numbers was another computation, "
                f"{_words(second)} in place of {_words(first)}. Is something random, or counted, or drawn from a "
                "generator? Pass it as an argument"
            )
    return path_of(tape, active)


def _steps(tape: Tape) -> Iterator[tuple[Any, ...]]:
    """Yield what a run did: each operation with the places of its operands, what was captured, asked and returned."""
    order, captured = _order(tape)
    place = {id(v): i for i, v in enumerate((*tape.inputs, *captured, *order))}
    for v in captured:
        yield "captured", id(v)
    for v in order:
        operands = [place[id(a)] if is_node(a) else pack("d", a) for a in v.args]
        yield v.op or "constant", v.edges, *(operands or [pack("d", v._data)])
    yield "branches", *(truth for truth, _ in tape.guards)
    yield "results", *(place[id(y)] if is_node(y) else pack("d", y) for y in tape.results)
    yield "structure", repr(trees.structure(tape.output))


def _words(step: tuple[Any, ...]) -> str:
    name, *rest = step
    return f"{name}({', '.join(str(*unpack('d', x)) if isinstance(x, bytes) else f't{x}' for x in rest[1:])})"

"""Tracing: a function is run on fresh Values, and the graph that this leaves becomes a Program with its derivatives.

The run takes the branches that its numbers take; each test of a Value by `if` becomes a guard. A Value from outside
the run is captured: a parameter of the program, whose number is read at every call.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Generator, Sequence
from itertools import zip_longest
from struct import pack, unpack
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ... import trees
from ...contexts import Block, ProgramTrace, TraceError, tracing_program
from ...node import Node
from ...observed import Latest
from ...sparse import patterns
from ...value import Value
from ..program.program import Program
from ..program.simplification import simplified
from .builder import Builder
from .lengths import Lengths
from .plain import check_plain
from .reverse import Sweep
from .tape import Tape

MISTAKEN = r"\bValues?\b|\bint\b|\binteger"
NOTE = (
    "Numbers in arguments are Values while a function is compiled. Name a length, a count or another int in "
    "`compile(f, static=…)`"
)


class Run(NamedTuple):
    """A run of a function: its input leaves, its output, and the trace with the branches it took."""

    inputs: list[Value]
    output: Any
    trace: ProgramTrace

    @property
    def guards(self) -> tuple[tuple[bool, str], ...]:
        """The outcomes of the tests that the run made, and their lines: the path that it took."""
        return tuple((truth, line) for _, truth, line in self.trace.guards)

    @property
    def results(self) -> list[Any]:
        """The numbers and Values that the function returned."""
        return trees.leaves(self.output)


class Slopes(NamedTuple):
    """The derivatives of a result: the targets by which they are, and their indices among the outputs of the program.

    Targets are counted through, captured Values first and then inputs.
    """

    targets: list[int]
    outputs: NDArray[np.intp]


class Path(NamedTuple):
    """A path through a function: its program, whose outputs are the results and then their derivatives.

    `captured` are the Values whose numbers are its parameters, `slopes` list the derivatives of each result, `output`
    is the tree of results with 0.0 in place of each, `guards` are the outcomes of tests and their lines.
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


def record(f: Callable[..., Any], arguments: Any, options: Any, operations: int, lengths: Lengths | None = None) -> Run:
    """Run f on `arguments` and `options` with fresh Values in place of the numbers in them; `lengths` cuts repetitions.

    Raises TraceError if it takes more than so many operations.
    """
    leaves = trees.leaves((arguments, options))
    numbers = [x._data if isinstance(x, Node) else float(x) for x in leaves]
    with tracing_program(operations) as trace:
        inputs = [Value(x) for x in numbers]
        trace.inputs = [v for v, x in zip(inputs, leaves, strict=True) if not isinstance(x, Node)]
        if lengths is not None:
            trace.lengths = lengths
            lengths.open(trace, inputs)
        args, kwargs = trees.rebuild(
            (arguments, options), inputs, number=lambda x: x, array=lambda x, items: trees.value_array(x, items)
        )
        output = _called(f, args, kwargs, trace)
        trace.lengths = None  # no circle may last
    Latest.change = object()  # f may have filled a `cached_property`, which is not observed
    run = Run(inputs, output, trace)
    _check_output(run)
    return run


def _called(f: Callable[..., Any], args: Any, kwargs: Any, trace: ProgramTrace) -> Any:
    """Return what f returns. Raises TraceError if it went on after a refusal, caught or met in a thread.

    An exception that asks for an int is given a note, as the code that raises it does not know of tracing.
    """
    try:
        output = f(*args, **kwargs)
    except TraceError:
        raise
    except Exception as error:
        if trace.fault:
            raise TraceError(trace.fault) from error
        if isinstance(error, (TypeError, ValueError, AttributeError)) and re.search(MISTAKEN, str(error)):
            error.add_note(NOTE)
        raise
    if trace.fault:
        raise TraceError(trace.fault)
    return output


def _check_output(run: Run) -> None:
    try:
        results = run.results
    except TypeError as error:
        raise TraceError(
            f"a compiled function returns numbers, or lists, tuples, dicts and arrays of them: {error}"
        ) from None
    if not results and not patterns(run.output):
        raise TraceError(
            f"a compiled function returns at least one number, got {run.output!r:.60}. Is `return` missing?"
        )


def path_of(run: Run, tape: Tape, active: Sequence[bool]) -> Path:
    """Return the programs of a run, with derivatives by the captured Values and by the inputs that are active."""
    builder = Builder(len(tape.captured), len(run.inputs))
    builder.values(tape)
    slots = builder.slots
    outputs = [slots[tape.place(y)] if isinstance(y, Node) else builder.constant(float(y)) for y in run.results]
    guards = [(slots[tape.place(v)], truth) for v, truth, _ in run.trace.guards]
    targets = [tape.place(v) for v in tape.captured]
    targets += [i if on else -1 for i, on in enumerate(active)]
    sweep = Sweep(builder, tape, targets)
    slopes: list[Slopes] = []
    n = len(outputs)
    for y in run.results:
        reached = sweep.derivatives(tape.place(y)) if isinstance(y, Node) else []
        slopes.append(Slopes([i for i, _ in reached], np.arange(len(outputs), len(outputs) + len(reached))))
        outputs += [d for _, d in reached]
    output = without_values(run.output, n)
    program = builder.build(outputs, guards)
    if run.trace.composed:
        program = simplified(program)
    return Path(program, tape.captured, slopes, output, run.guards)


def without_values(output: Any, n: int) -> Any:
    """Return the tree of n results with 0.0 in place of each: Values would keep the graph of the run."""
    return trees.rebuild(output, [0.0] * n, number=float, array=lambda x, items: trees.array(x.shape, items))


def taped(run: Run) -> Tape:
    """Return the tape of the results and guards of a run."""
    roots = [*run.results, *(v for v, _, _ in run.trace.guards)]
    return Tape(run.trace, run.inputs, [y for y in roots if isinstance(y, Node)])


def traced(
    f: Callable[..., Any],
    arguments: Any,
    options: Any,
    active: Sequence[bool],
    operations: int,
    lengths: Lengths | None = None,
    *,
    tells: bool = False,
) -> Path:
    """Return the path that f takes. Raises TraceError if a second run on the same numbers is another.

    A plain run on floats must agree, too, if f `tells` floats from numbers that are traced.
    """
    with Block(_uncollected):
        run = record(f, arguments, options, operations, lengths)
        tape = taped(run)
        if tells:
            check_plain(f, arguments, options, run.output)
        again = record(f, arguments, options, operations, lengths)
        _check_same(f, (run, tape), (again, taped(again)))
        return path_of(run, tape, active)


def traced_once(
    f: Callable[..., Any], arguments: Any, options: Any, active: Sequence[bool], operations: int, lengths: Lengths
) -> Path:
    """Return the path that f takes with repetitions cut to other lengths than in a run that was compared before."""
    with Block(_uncollected):
        run = record(f, arguments, options, operations, lengths)
        return path_of(run, taped(run), active)


def _uncollected() -> Generator[None]:
    """Keep the cyclic collector from looking through a trace again and again: it lives as a whole until it is done."""
    was = gc.isenabled()
    try:
        gc.disable()
        yield
    finally:
        if was:
            gc.enable()


def _check_same(f: Callable[..., Any], run: tuple[Run, Tape], again: tuple[Run, Tape]) -> None:
    if run[1].same(again[1]) and _returned(*run) == _returned(*again):
        return
    pairs = zip_longest(_steps(*run), _steps(*again), fillvalue="nothing")
    first, second = next((a, b) for a, b in pairs if a != b)
    raise TraceError(
        f"`{getattr(f, '__qualname__', f)}`: a second run on the same numbers was another computation, {second} in "
        f"place of {first}. Is something random, or counted, or drawn from a generator? Pass it as an argument"
    )


def _returned(run: Run, tape: Tape) -> tuple[Any, ...]:
    """Return the outcomes of tests in a run, the places of its results on the tape, and their structure."""
    results = [tape.place(y) if isinstance(y, Node) else pack("d", y) for y in run.results]
    return [truth for truth, _ in run.guards], results, repr(trees.structure(run.output))


def _steps(run: Run, tape: Tape) -> list[str]:
    """Return the steps of a run in words."""
    truths, results, structure = _returned(run, tape)
    shown = [f"t{y}" if isinstance(y, int) else str(*unpack("d", y)) for y in results]
    return [*tape.steps(), f"branches {truths}", f"results {', '.join(shown)}", f"structure {structure}"]

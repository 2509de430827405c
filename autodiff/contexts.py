"""Context switches: no_grad, detect_nonfinite, scope, and the trace that a transform or a compiled function runs in.

All are context-local; the hot path reads only `watch.active`, the number of active switches in the process.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Generator
from contextlib import nullcontext
from contextvars import ContextVar
from typing import Any

from .interrupts import Block
from .locks import lock
from .watch import watch as watch


class Trace:
    """One run of a function under a transform; a leaf made in it belongs to it. `inputs` are those that it has now.

    `key` names it in pickles, once an input was pickled. `proxies` holds by their ids the nodes whose class was asked
    for, each with whether it stands for a float; None before the first.
    """

    __slots__ = ("_positions", "inputs", "key", "outer", "proxies")

    def __init__(self, outer: Trace | None) -> None:
        self.outer = outer
        self.inputs: list[Any] = []
        self._positions: dict[int, int] = {}
        self.proxies: dict[int, tuple[Any, bool]] | None = None
        self.key = ""

    def __reduce__(self) -> tuple[Any, ...]:
        return Trace, (self.outer,)

    def position(self, x: Any) -> int:
        """Return which input x is, -1 if it is none; they are numbered once the first is asked for."""
        if len(self._positions) != len(self.inputs):
            self._positions = {id(v): i for i, v in enumerate(self.inputs)}
        return self._positions.get(id(x), -1)

    def contains(self, trace: Any) -> bool:
        """Tell whether `trace` is this one or one that runs inside it."""
        while isinstance(trace, Trace):
            if trace is self:
                return True
            trace = trace.outer
        return False


class TraceError(TypeError):
    """Raised where a function cannot be compiled; the message names the file, the line and the remedy."""


class ProgramTrace(Trace):
    """One run of a function to be compiled: all Values made in it belong to it; branches taken on them are `guards`.

    It is `composed` if a transform differentiates in it. `remaining` is how many of the `operations` that it may record
    are left, `over` whether it has ended, `fault` what was refused in it, if the function goes on after that.
    `lengths`, if there are any, say how many steps of a repetition are taken.
    """

    __slots__ = ("composed", "fault", "guards", "lengths", "operations", "over", "remaining")

    def __init__(self, outer: Trace | None, operations: int = 0) -> None:
        super().__init__(outer)
        self.operations = self.remaining = operations
        self.composed = self.over = False
        self.fault = ""
        self.lengths: Any = None
        self.guards: list[tuple[Any, bool, str]] = []  # a Value whose truth was asked for, the answer, and where


class Switch:
    """A switch in a context. A task started in the block keeps the context, but the switch ends with the block."""

    __slots__ = ("on",)

    def __init__(self, on: bool) -> None:
        self.on = on


OFF = Switch(False)
no_grad_switch: ContextVar[Switch] = ContextVar("no_grad_switch", default=OFF)
detect_switch: ContextVar[Switch] = ContextVar("detect_switch", default=OFF)
current_trace: ContextVar[Trace | None] = ContextVar("current_trace", default=None)
current_scope: ContextVar[str] = ContextVar("current_scope", default="")
_program: ContextVar[ProgramTrace | None] = ContextVar("_program", default=None)
# whose frames are not the user's; a package on top adds its own
libraries = {"autodiff", "numpy", "copy", "pickle", "functools", "fractions", "statistics"}
_lock = lock(9)
Key = tuple[int, object]  # of a block: its thread, and something of its own
_open: dict[str, set[Key]] = {"active": set(), "traces": set(), "programs": set()}  # of each counter


def _set(variable: ContextVar[Any], value: Any, *counters: str) -> Block:
    """Return a context manager that sets `variable` inside the block, counted in `watch`."""
    return Block(_setting, variable, value, counters)


def _setting(variable: ContextVar[Any], value: Any, counters: tuple[str, ...]) -> Generator[Any]:
    before, key = variable.get(), (threading.get_ident(), object())
    try:
        with _lock:
            for counter in counters:
                _open[counter].add(key)
                setattr(watch, counter, len(_open[counter]))
        variable.set(value)
        yield value
    finally:
        try:
            _end(variable, value, before, counters, key)
        except KeyboardInterrupt:  # it may be torn halfway, and be done again
            _end(variable, value, before, counters, key)
            raise


def _end(variable: ContextVar[Any], value: Any, before: Any, counters: tuple[str, ...], key: Key) -> None:
    if isinstance(value, Switch):
        value.on = False
    elif isinstance(value, Trace):
        value.inputs, value._positions, value.proxies = [], {}, None  # leaves hold their trace: no circle may last
    if variable.get() is value:  # else the block ends in another context than the one it began in
        variable.set(before)
    with _lock:
        for counter in counters:
            _open[counter].discard(key)
            setattr(watch, counter, len(_open[counter]))


def _after_fork() -> None:
    """Forget the blocks of other threads: they are not in the child."""
    for counter, keys in _open.items():
        keys.intersection_update([key for key in keys if key[0] == threading.get_ident()])
        setattr(watch, counter, len(keys))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def no_grad() -> Any:
    """Return a context manager in which operations give Values without operands: no graph, no gradient.

    >>> from autodiff import Value, no_grad
    >>> with no_grad():
    ...     y = Value(3.0) * 2.0
    >>> y, y.args
    (Value(data=6.0, grad=0.0), ())
    """
    return _set(no_grad_switch, Switch(True), "active")


def detect_nonfinite() -> Any:
    """Return a context manager that raises FloatingPointError at the first value or partial that is nan or inf.

    The message names the operation, its operands, and the file and line that called it.

    >>> from autodiff import Value, detect_nonfinite
    >>> with detect_nonfinite():  # doctest: +ELLIPSIS
    ...     Value(0.0).log()
    Traceback (most recent call last):
    FloatingPointError: ...: `log` of 0.0 has the value -inf
    """
    return _set(detect_switch, Switch(True), "active")


def scope(name: str) -> Any:
    """Return a context manager that names what is computed inside the block; it yields the path, `outer.inner`.

    Every Value made inside, leaves included, carries the path as its `scope`; nets of `nn` name their layers and
    neurons below it. Raises TypeError for a name that is no text, ValueError for an empty one.

    >>> from autodiff import Value, scope
    >>> with scope("encoder"), scope("gate"):
    ...     y = Value(3.0) * 2.0
    >>> y.scope
    'encoder.gate'
    """
    if not isinstance(name, str):
        raise TypeError(f"`scope` takes a name, got {type(name).__name__} {name!r:.40}")
    if not name.strip("."):
        raise ValueError(f"`scope` takes a name, got {name!r}")
    return _set(current_scope, below(current_scope.get(), name), "active", "traces")


def below(outer: str, name: str) -> str:
    """Return the path of `name` in the scope `outer`; outside of all scopes that is ""."""
    return f"{outer}.{name}" if outer else name


def tracing() -> Block:
    """Record the graph inside the block, also under `no_grad`; new leaves belong to the Trace that it yields."""
    return Block(_tracing) if no_grad_switch.get().on else _set(current_trace, Trace(current_trace.get()), "traces")


def _tracing() -> Generator[Trace]:
    with recording(), tracing() as trace:
        yield trace


def tracing_program(operations: int) -> Block:
    """Record a function to be compiled: inside the block no number of a Value can be read; branches are recorded.

    More than so many operations, or more than memory can hold, are a TraceError.
    """
    return Block(_tracing_program, operations)


def _tracing_program(operations: int) -> Generator[ProgramTrace]:
    inner = ProgramTrace(current_trace.get(), operations)
    switches = _set(_program, inner, "programs"), _set(no_grad_switch, Switch(False), "active")
    try:
        with _set(current_trace, inner, "traces") as trace, switches[0], switches[1]:
            yield trace
    finally:
        inner.over = True


def program_trace() -> ProgramTrace | None:
    """Return the trace of the function that is being compiled in this context, if one is."""
    return _program.get()


def trace_of_input(x: Any) -> Trace | None:
    """Return the transform running in this context that x is an input of, if one is: a copy of x depends on x."""
    trace = current_trace.get()
    while trace is not None and trace.position(x) < 0:
        trace = trace.outer
    return trace


def input_of(key: str, position: int) -> Any:
    """Return the input at a position of the running transform that pickles name `key`, None if it does not run."""
    trace = current_trace.get()
    while trace is not None and trace.key != key:
        trace = trace.outer
    return None if trace is None else trace.inputs[position]


def refuse(what: str, remedy: str, node: Any) -> None:
    """Raise TraceError if a function is being compiled in this context: `what` would freeze the number of `node`."""
    trace = program_trace()
    if trace is None:
        check_context(node)
    else:
        trace.fault = f"{user_line()}: {what} cannot be compiled: the program would keep this number. {remedy}"
        raise TraceError(trace.fault)


def check_context(node: Any) -> None:
    """Raise TraceError for a number that is traced in another context, as that of another thread is: none sees it."""
    trace = node.trace
    while trace is not None and not isinstance(trace, ProgramTrace):
        trace = trace.outer
    if trace is not None and not trace.over:
        trace.fault = (
            f"{user_line()}: a number that is being compiled is used in a thread which does not know of it. Start the "
            "thread in the context, `contextvars.copy_context().run(f)` or `asyncio.to_thread(f)`, or outside"
        )
        raise TraceError(trace.fault)


def check_untraced(what: str) -> None:
    """Raise TraceError inside a function that is compiled or differentiated: `what` has no place in its graph."""
    if current_trace.get() is not None:
        remedy = "call the compiled function itself, for one example, or do this outside"
        raise TraceError(f"{user_line()}: {what} inside a function that is compiled or differentiated: {remedy}")


def decide(node: Any, truth: bool) -> None:
    """Record a guard in the trace of a program: a branch was taken by the truth of `node`."""
    trace = program_trace()
    if trace is None:
        check_context(node)
    else:
        trace.guards.append((node, truth, user_line()))


def identical(xs: list[list[Any]], ys: list[list[Any]]) -> bool:
    """Tell whether lists of Values hold the same objects in the same order.

    Python compares lists by address first, which fetches no Value into the cache; a guard in the trace shows that it
    had to ask two different Values whether they are equal.
    """
    trace, before, programs = ProgramTrace(None), _program.get(), _open["programs"]
    key: Key = 0, trace  # of no thread, as nothing here forks
    try:
        with _lock:
            programs.add(key)
            watch.programs = len(programs)
        _program.set(trace)
        return xs == ys and not trace.guards
    finally:
        try:
            _program.set(before)
            with _lock:
                programs.discard(key)
                watch.programs = len(programs)
        except KeyboardInterrupt:  # as in `_setting`
            _end(_program, trace, before, ("programs",), key)
            raise


def recording() -> Any:
    """Return a context manager in which operations record their graph, also under `no_grad`."""
    return _set(no_grad_switch, Switch(False), "active") if no_grad_switch.get().on else nullcontext()


def undetected() -> Any:
    """Return a context manager without `detect_nonfinite`, for rules read on Values: an untaken branch may be nan."""
    return _set(detect_switch, Switch(False), "active") if detect_switch.get().on else nullcontext()


def user_line() -> str:
    """Return `file:line` of the innermost frame outside `libraries`."""
    frame, _ = _user_frame()
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def user_level() -> int:
    """Return the `stacklevel` with which a warning of the caller names the innermost frame outside `libraries`."""
    return _user_frame()[1]


def _user_frame() -> tuple[Any, int]:
    """Return the innermost frame outside `libraries`, and its distance from the frame of the caller's caller."""
    frame, above = sys._getframe(2), 1
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] in libraries:
        frame, above = frame.f_back, above + 1
    return frame, above

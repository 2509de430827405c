"""compile: a function of Values becomes programs, one for each structure of its arguments and each path it takes.

A call reads the captured Values, runs the program of its path, tracing it if it is new, and gives what the function
would give: Values whose partials are the derivatives that the program found.
"""

from __future__ import annotations

import functools
import sys
import warnings
from collections.abc import Callable, Sequence
from threading import RLock
from typing import Any

import numpy as np

from .. import trees
from ..contexts import TraceError, check_untraced, current_trace, detect_switch, no_grad_switch, user_level
from . import foreign
from .contents import PLAIN
from .environment import Environment
from .reduction import Floats, total
from .reference import runs
from .results import Part, active, assemble, check_alike, equal, stacked
from .settings import Settings
from .shortcuts import Shortcuts
from .signature import Arguments, Signature
from .specialization import KEYS, Family, Specialization, Theta, numbers, parting
from .table import Table
from .tracing import run, traced


class Compiled:
    """A function that is compiled; made by `compile`, which documents it."""

    f: Callable[..., Any]
    static: tuple[str, ...]
    signature: Signature

    def __init__(self, f: Callable[..., Any], static: Sequence[str], settings: Settings) -> None:
        if isinstance(f, Compiled):
            static = static or f.static
            f = f.f
        self.f = f
        if not callable(f):
            raise TypeError(f"`compile` takes a function, got {type(f).__name__} {f!r:.60}")
        functools.update_wrapper(self, self.f, updated=())
        self.signature = Signature(self.f, static)
        self.static, self.settings = tuple(static), settings
        self._families: dict[Any, Family] = {}
        self._statics: dict[Any, Environment] = {}  # what static arguments hold
        self._captured: dict[int, Any] = {}
        self.environment: Environment | None = None
        self._lock = RLock()
        self._calls = 0
        self._shortcuts = Shortcuts()

    def __get__(self, instance: Any, owner: Any = None) -> Compiled:
        if instance is None:
            return self
        raise TypeError("a method is compiled when it is bound: loss = compile(model.loss), not in its class")

    def __reduce__(self) -> str | tuple[Any, ...]:
        name = getattr(self.f, "__qualname__", "")
        space: Any = sys.modules.get(getattr(self.f, "__module__", ""))
        for part in name.split("."):
            space = getattr(space, part, None)
        if space is self:
            return str(name)  # the decorated function, which stands in its module
        return Compiled, (self.f, self.static, self.settings)

    def __repr__(self) -> str:
        return f"<compiled {getattr(self.f, '__qualname__', repr(self.f))}>"

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Return what the function returns: Values where it depends on Values, else floats."""
        if current_trace.get() is not None:  # a part of what is traced
            return self.f(*args, **options)
        arguments = self.signature.read(args, options, rows=False)
        return assemble(self.parts(arguments, summed=False), arguments.data, ...)

    def map(self, *args: Any, **options: Any) -> Any:
        """Return an array with a result for each row of the arguments, in the structure that the function returns.

        Arrays of other libraries are evaluated by these, with their accuracy, and give arrays of their kind.
        """
        check_untraced("`map`")
        arguments = self.signature.read(args, options, rows=True)
        if any(map(foreign.library, arguments.data)):
            family = self.family(arguments)
            return foreign.mapped(arguments, lambda rows: (one.path for one in self._paths(family, arguments, rows)))
        parts = self.parts(arguments, summed=False, derivatives=False)
        if not parts:  # no row: what a row of zeros gives tells the structure
            tape = run(arguments.complete(self.f), *arguments.row(0))
            return trees.rebuild(tape.output, [np.empty(0)] * len(tape.results), number=lambda x: x, array=stacked)
        n = len(parts[0].slopes)
        outputs = np.zeros((n, arguments.rows or 0))
        for part in parts:
            rows = slice(None) if part.taken is None else part.taken
            outputs[:, rows] = part.outputs[:n, rows]
        return trees.rebuild(parts[0].output, list(outputs), number=lambda x: x, array=stacked)

    def sum(self, *args: Any, **options: Any) -> Any:
        """Return the sum of the results over the rows, as a Value whose `backward` fills the gradients."""
        return self._total(args, options, mean=False)

    def mean(self, *args: Any, **options: Any) -> Any:
        """Return the mean of the results over the rows, as a Value whose `backward` fills the gradients."""
        return self._total(args, options, mean=True)

    def kernel(self, *example: Any, reduce: str = "mean", also: Sequence[Any] = (), **options: Any) -> Any:
        """Return a `Kernel`: value and gradient on flat arrays, for those who keep parameters in arrays.

        It must know what the function captures: from a call that was made before, or from `example` arguments with
        rows, as `mean` takes them. Values that other rows or numbers may lead to are given in `also`.
        """
        from .kernels import Kernel

        return Kernel(self, reduce, example, options, also)

    def program(self, *args: Any, **options: Any) -> Any:
        """Return the Program of the path that one example takes: its results, then the derivatives by Values."""
        arguments = self.signature.read(args, options, rows=False)
        return self._find(arguments, summed=False, derivatives=True)[0][0].path.gradients

    def _total(self, args: Any, options: Any, *, mean: bool) -> Any:
        check_untraced("`sum` or `mean` over rows")
        known, arrays = self._shortcuts.of(args)
        if known and not (options or no_grad_switch.get().on or detect_switch.get().on):
            sums = known.sums(self, arrays, numbers, known.rows if mean else 1)
            if sums is not None:
                return assemble([known.family[0].part(sums, None)], arrays, 1)
        arguments = self.signature.read(args, options, rows=True).filled()
        parts = self.parts(arguments, summed=True)
        if len(parts) == 1 and not self.settings.verify:
            self._shortcuts.add(self, arguments, args)
        return assemble(parts, arguments.data, arguments.rows if mean else 1)

    def parts(
        self, arguments: Arguments, *, summed: bool, derivatives: bool = True, theta: Theta = numbers
    ) -> list[Part]:
        """Return what the rows of each path give, one after the other or summed, in the order of their first rows."""
        if theta is numbers and no_grad_switch.get().on:
            derivatives = False
        if self.settings.backend == "eager" or (detect_switch.get().on and theta is numbers):
            return check_alike(self._reference(arguments, summed))
        found = self._find(arguments, summed=summed, derivatives=derivatives, theta=theta)
        parts = check_alike([one.part(*rest) for one, *rest in found])
        self._calls += 1
        if self.settings.verify and theta is numbers and self._calls % self.settings.verify == 0:
            equal(self, parts, self._reference(arguments, summed), derivatives=derivatives)
        return parts

    def _find(
        self, arguments: Arguments, *, summed: bool, derivatives: bool, theta: Theta = numbers
    ) -> list[tuple[Specialization, Floats, Any]]:
        family, table = self.family(arguments), Table(arguments.data, arguments.rows)

        def evaluate(one: Specialization) -> tuple[Specialization, Floats, Any]:
            program = one.gradients if derivatives else one.values
            numbers = theta(one.path)
            return one, *(program.sums(numbers, table) if summed else program.rows(numbers, table))

        only = evaluate(family[0]) if len(family) == 1 and table.rows else None
        if only and only[2] is None:
            return [only]  # as it mostly is: all rows take one path
        remaining, parts = np.ones(table.rows, bool), []
        for one in self._paths(family, arguments, remaining, theta):
            _, outputs, taken = only if only and one is only[0] else evaluate(one)
            taken = np.ones(table.rows, bool) if taken is None else taken
            if taken.any():
                parts.append((one, outputs, taken))
                remaining &= ~taken
        return sorted(parts, key=lambda found: int(found[2].argmax()))  # by their first rows

    def _paths(self, family: Family, arguments: Arguments, remaining: Any, theta: Theta = numbers) -> Any:
        """Yield the known paths, then those that the remaining rows take, until none remains."""
        for one in list(family):
            if remaining.any():
                yield one
        while remaining.any():
            before = remaining.sum()
            yield self._trace(family, arguments, int(remaining.argmax()), theta)
            if remaining.sum() == before:
                raise RuntimeError(
                    f"{self!r}: a branch hangs on the last digits of a number, which this backend rounds otherwise "
                    'than an eager run. Use `autodiff.where` for it, or backend="eager", "interpreter" or "native"'
                )

    def family(self, arguments: Arguments) -> Family:
        """Return what is known for the structure of the arguments: nothing, if what the function captures changed."""
        with self._lock:
            if self.changed():
                self.environment = Environment(self.f)
                self._families.clear()
                self._captured.clear()
                self._statics.clear()
            held = [x for x in arguments.static.values() if not isinstance(x, PLAIN)]
            if held and (arguments.key not in self._statics or self._statics[arguments.key].changed()):
                self._statics[arguments.key] = Environment(*held)
                self._families.pop(arguments.key, None)
            family = self._families.get(arguments.key)
            if family is None:
                if len(self._families) >= KEYS:
                    warnings.warn(
                        f"{self!r} has been traced for {KEYS} structures of its arguments and forgets the oldest: are "
                        "lengths, strings, bools or static arguments data? Make them numbers, or use `autodiff.take`",
                        stacklevel=user_level(),
                    )
                    del self._families[next(iter(self._families))]
                family = self._families[arguments.key] = []
            return family

    def changed(self) -> bool:
        """Tell whether anything that the function captures has changed since the programs were made."""
        return self.environment is None or self.environment.changed()

    def known(self, key: Any) -> tuple[Environment | None, Family]:
        """Return what the function captures, and what is known with that for a structure of arguments."""
        with self._lock:
            return self.environment, self._families.get(key, [])

    def _trace(self, family: Family, arguments: Arguments, r: int, theta: Theta = numbers) -> Specialization:
        """Return the path that row r takes, a new one mostly. Raises TraceError if there are too many."""
        with self._lock, theta.held():
            path = traced(arguments.complete(self.f), *arguments.row(r), active(arguments.data))
            for one in family:
                if one.path.guards == path.guards:  # another thread was first
                    return one
            if len(family) >= self.settings.paths:
                raise TraceError(
                    f"{parting(path, family)}: the data take more than {self.settings.paths} paths through "
                    f"{self!r}. Use `autodiff.where` for this branch, or allow more: compile(f, paths=…)"
                )
            one = Specialization(path, self.settings)
            family.append(one)
            self._captured.update((id(v), v) for v in path.captured)
            return one

    def captured(self) -> list[Any]:
        """Return the Values that the paths known so far capture, in the order of their first use."""
        return list(self._captured.values())

    def _reference(self, arguments: Arguments, summed: bool) -> list[Part]:
        rows = 1 if arguments.rows is None else arguments.rows
        found = runs(self.f, arguments, rows, active(arguments.data))
        self._captured.update((id(v), v) for r in found for v in r.captured)
        return [Part(r.captured, r.slopes, r.output, total(r.outputs) if summed else r.outputs, r.taken) for r in found]

"""Specializations: the programs of a function, by the structure of its arguments and then by path through branches.

They are forgotten when what the function captures changes. Rows that take no known path are traced.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...arrays import Floats
from ...contexts import TraceError, detect_switch, no_grad_switch, user_level
from ...locks import once, renewed
from .. import tuning
from ..backends.choice import engine
from ..batch.inputs import Inputs
from ..batch.reduction import total
from ..captures.containers import PLAIN
from ..captures.environment import Environment
from ..settings import Executable, Settings
from ..trace.run import Path, traced
from .eager import runs
from .parameters import CURRENT, Current
from .results import Part, active, check_alike, equal
from .signature import Arguments, Signature
from .structure import Structure


class Specialization:
    """The engines of one path, each made when it is first needed."""

    def __init__(self, path: Path, settings: Settings) -> None:
        self.path, self.settings = path, settings

    @once
    def values(self) -> Executable:
        """What runs the program of the results alone."""
        return engine(self.path.values, self.settings)

    def part(self, outputs: Floats, taken: Any) -> Part:
        """Return outputs of an engine with their description."""
        return Part(self.path.captured, self.path.slopes, self.structure, outputs, taken, self.depends)

    @once
    def structure(self) -> Structure:
        """The structure of the results."""
        return Structure(self.path.output)

    @once
    def depends(self) -> bool:
        """Whether a result has a derivative by a captured Value or an argument."""
        return any(slopes.targets for slopes in self.path.slopes)

    @once
    def gradients(self) -> Executable:
        """What runs the program of results and derivatives."""
        return engine(self.path.gradients, self.settings)


Family = list[Specialization]  # of one structure of arguments, by path


class Specializations:
    """The programs of a function, and the state of what it captures."""

    def __init__(self, f: Callable[..., Any], signature: Signature, settings: Settings) -> None:
        self.f, self.signature, self.settings = f, signature, settings
        self.environment: Environment | None = None
        self._families: dict[Any, Family] = {}
        self._statics: dict[Any, Environment] = {}  # what static arguments hold
        self._captured: dict[int, Any] = {}
        self._lock = renewed()
        self._calls = 0

    def __repr__(self) -> str:
        return f"<compiled {getattr(self.f, '__qualname__', repr(self.f))}>"

    def parts(
        self, arguments: Arguments, *, summed: bool, derivatives: bool = True, theta: Current = CURRENT
    ) -> list[Part]:
        """Return the outputs of the rows of each path, or their sums, in the order of their first rows."""
        if theta.current and no_grad_switch.get().on:
            derivatives = False
        if self.settings.backend == "eager" or (detect_switch.get().on and theta.current):
            return check_alike(self._reference(arguments, summed))
        found = self.find(arguments, summed=summed, derivatives=derivatives, theta=theta)
        parts = check_alike([one.part(*rest) for one, *rest in found])
        self._calls += 1
        if self.settings.verify and theta.current and self._calls % self.settings.verify == 0:
            equal(self, parts, self._reference(arguments, summed), derivatives=derivatives)
        return parts

    def find(
        self, arguments: Arguments, *, summed: bool, derivatives: bool, theta: Current = CURRENT
    ) -> list[tuple[Specialization, Floats, Any]]:
        """Return for each path that rows take its programs, what they gave, and which rows these are, None for all."""
        family, table = self.family(arguments), Inputs(arguments.data, arguments.rows)

        def evaluate(one: Specialization) -> tuple[Specialization, Floats, Any]:
            program = one.gradients if derivatives else one.values
            numbers = theta(one.path)
            return one, *(program.sums(numbers, table) if summed else program.rows(numbers, table))

        only = evaluate(family[0]) if len(family) == 1 and table.rows else None
        if only and only[2] is None:
            return [only]  # as it mostly is: all rows take one path
        remaining, parts = np.ones(table.rows, bool), []
        for one in self.paths(family, arguments, remaining, theta):
            _, outputs, taken = only if only and one is only[0] else evaluate(one)
            taken = np.ones(table.rows, bool) if taken is None else taken
            if taken.any():
                parts.append((one, outputs, taken))
                remaining &= ~taken
        return sorted(parts, key=lambda found: int(found[2].argmax()))  # by their first rows

    def paths(self, family: Family, arguments: Arguments, remaining: Any, theta: Current = CURRENT) -> Any:
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
        """Return the programs for the structure of the arguments: none, if what the function captures changed."""
        with self._lock:
            if self.changed():
                self.environment = Environment(self.f)
                self._families.clear()
                self._captured.clear()
                self._statics.clear()
            held = [x for x in arguments.static.values() if not isinstance(x, PLAIN)]
            if held and (arguments.key not in self._statics or self._statics[arguments.key].changed()):
                self._statics[arguments.key] = Environment(self.f, *held)  # f says what it reads of them
                self._families.pop(arguments.key, None)
            family = self._families.get(arguments.key)
            if family is None:
                if len(self._families) >= tuning.KEYS:
                    warnings.warn(
                        f"{self!r} has been traced for {tuning.KEYS} structures of its arguments and forgets the "
                        "oldest: are lengths, strings, bools or static arguments data? Make them numbers, or use "
                        "`autodiff.take`",
                        stacklevel=user_level(),
                    )
                    oldest = next(iter(self._families))
                    del self._families[oldest]
                    self._statics.pop(oldest, None)
                family = self._families[arguments.key] = []
            return family

    def _trace(self, family: Family, arguments: Arguments, r: int, theta: Current = CURRENT) -> Specialization:
        """Return the path that row r takes, a new one mostly. Raises TraceError if there are too many."""
        with self._lock, theta.held():
            f, differentiated = arguments.complete(self.f), active(arguments.data)
            seen = self.environment, self._statics.get(arguments.key)
            tells = any(x is not None and x.tells for x in seen)
            path = traced(f, *arguments.row(r), differentiated, self.settings.instructions, tells=tells)
            for one in family:
                if one.path.guards == path.guards:  # another thread was first
                    return one
            if len(family) >= self.settings.paths:
                raise TraceError(
                    f"{_parting(path, family)}: the data take more than {self.settings.paths} paths through "
                    f"{self!r}. Use `autodiff.where` for this branch, or allow more: compile(f, paths=…)"
                )
            one = Specialization(path, self.settings)
            family.append(one)
            self._captured.update((id(v), v) for v in path.captured)
            return one

    def _reference(self, arguments: Arguments, summed: bool) -> list[Part]:
        rows = 1 if arguments.rows is None else arguments.rows
        found = runs(self.f, arguments, rows, active(arguments.data), self.settings.instructions)
        self._captured.update((id(v), v) for part in found for v in part.captured)
        return [part._replace(outputs=total(part.outputs)) for part in found] if summed else found

    def changed(self) -> bool:
        """Return whether anything that the function captures has changed since the programs were made."""
        return self.environment is None or self.environment.changed()

    def known(self, key: Any) -> tuple[Environment | None, Family]:
        """Return the environment of the function, and the programs for a structure of arguments."""
        with self._lock:
            return self.environment, self._families.get(key, [])

    def captured(self) -> list[Any]:
        """Return the Values that the paths known so far capture, in the order of their first use."""
        return list(self._captured.values())


def _parting(path: Path, paths: Sequence[Specialization]) -> str:
    """Return the line where a new path leaves the known path with which it shares most tests."""
    longest = 0
    for one in paths:
        agreed = next(
            (i for i, (a, b) in enumerate(zip(path.guards, one.path.guards)) if a != b),  # noqa: B905
            min(len(path.guards), len(one.path.guards)),
        )
        longest = max(longest, agreed)
    return path.guards[min(longest, len(path.guards) - 1)][1] if path.guards else "?"

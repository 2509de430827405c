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
from ..batch.reduction import Mask, total
from ..captures.containers import PLAIN
from ..captures.environment import Environment
from ..periods.tracing import path_of_call
from ..settings import Executable, Settings
from ..trace.run import Path, record
from .eager import runs
from .parameters import CURRENT, Current
from .parting import ROUNDED, SHUFFLED, Division, Parting, rows_of, sums_of
from .results import Part, active, check_alike, equal, spread
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
    def outputs(self) -> int:
        """The number of results and derivatives."""
        return len(self.path.gradients.outputs)

    @once
    def gradients(self) -> Executable:
        """What runs the program of results and derivatives."""
        return engine(self.path.gradients, self.settings)


class PathsError(TraceError):
    """The data take more paths than are kept."""


Family = list[Specialization]  # of one structure of arguments, by path


class Specializations:
    """The programs of a function, and the state of what it captures."""

    def __init__(self, f: Callable[..., Any], signature: Signature, settings: Settings) -> None:
        self.f, self.signature, self.settings = f, signature, settings
        self.environment: Environment | None = None
        self._families: dict[Any, Family] = {}
        self._statics: dict[Any, Environment] = {}  # what static arguments hold
        self._captured: dict[int, Any] = {}
        self._divisions: dict[Any, Division] = {}  # of the rows of the last call among the paths
        self._full: tuple[Family, PathsError] | None = None  # a family that takes no more paths, and why
        self._warned: Family | None = None
        self._lock = renewed()
        self._calls = 0

    def __repr__(self) -> str:
        return f"<compiled {getattr(self.f, '__qualname__', repr(self.f))}>"

    def parts(
        self, arguments: Arguments, *, summed: bool, derivatives: bool = True, theta: Current = CURRENT
    ) -> list[Part]:
        """Return the outputs of the rows of each path, or their sums, in the order of their first rows.

        Rows that take more paths than may be kept are run eagerly, with a warning.
        """
        if theta.current and no_grad_switch.get().on:
            derivatives = False
        if self.settings.backend == "eager" or (detect_switch.get().on and theta.current):
            return check_alike(self._reference(arguments, summed=summed))
        found, remaining = self.find(arguments, summed=summed, derivatives=derivatives, theta=theta)
        parts = [one.part(outputs, taken) for one, outputs, taken in found]
        if remaining is not None:
            with self._lock, theta.held():
                parts += self._reference(arguments, remaining, summed=summed)
        if len(parts) > 1:
            parts.sort(key=lambda part: int(part.taken.argmax()))  # by their first rows
        check_alike(parts)
        self._calls += 1
        if self.settings.verify and theta.current and self._calls % self.settings.verify == 0:
            equal(self, parts, self._reference(arguments, summed=summed), derivatives=derivatives)
        return parts

    def find(
        self, arguments: Arguments, *, summed: bool, derivatives: bool, theta: Current = CURRENT
    ) -> tuple[list[tuple[Specialization, Floats, Any]], Mask | None]:
        """Return for each path that rows take its programs, what they gave, and which rows these are, None for all.

        Last comes which rows take paths beyond the bound, None if none does.
        """
        family, table = self.family(arguments), Inputs(arguments.data, arguments.rows)

        def evaluate(one: Specialization, chosen: Mask | None = None) -> tuple[Floats, Mask | None]:
            numbers, engine = theta(one.path), one.gradients if derivatives else one.values
            if not summed:
                return rows_of(engine, numbers, table, chosen)
            outputs, threads = one.outputs if derivatives else len(one.path.slopes), self.settings.threads
            some = None if chosen is None else sums_of(engine, outputs, numbers, table, chosen, threads)
            return some or engine.sums(numbers, table)

        parting = Parting(table.rows, evaluate)
        last = self._divisions.get(arguments.key, SHUFFLED)
        if len(family) == 1 and table.rows:
            outputs, taken = evaluate(family[0])
            if taken is None:
                return [(family[0], outputs, None)], None  # as it mostly is: all rows take one path
            parting.whole(family[0], outputs, taken)
        elif len(last) and not parting.again(family, last):
            self._divisions[arguments.key] = SHUFFLED
        try:
            for one in self.paths(family, arguments, parting.remaining, theta):
                parting.test(one)
        except PathsError as error:
            if self._warned is not family:
                self._warned = family
                warnings.warn(f"{error}. Until then the other rows are run eagerly", stacklevel=user_level())
        if (division := parting.division(family)) is not None and self._divisions.get(arguments.key) is not SHUFFLED:
            self._divisions[arguments.key] = division
        return list(parting.found.values()), parting.remaining if parting.remaining.any() else None

    def paths(self, family: Family, arguments: Arguments, remaining: Mask, theta: Current = CURRENT) -> Any:
        """Yield the known paths, then those that the remaining rows take, until none remains.

        Raises PathsError, a TraceError, beyond the bound of the settings.
        """
        for one in list(family):
            if remaining.any():
                yield one
        while remaining.any():
            before = remaining.sum()
            yield self._trace(family, arguments, int(remaining.argmax()), theta)
            if remaining.sum() == before:
                raise RuntimeError(f"{self!r}: {ROUNDED}")

    def family(self, arguments: Arguments) -> Family:
        """Return the programs for the structure of the arguments: none, if what the function captures changed."""
        with self._lock:
            if self.changed():
                self._families.clear()
                self._divisions.clear()
                self._captured.clear()
                self._statics.clear()
                self.environment = Environment(self.f)  # last: an interrupt before leaves the change to be seen
            held = [x for x in arguments.static.values() if not isinstance(x, PLAIN)]
            if held and (arguments.key not in self._statics or self._statics[arguments.key].changed()):
                self._families.pop(arguments.key, None)
                self._divisions.pop(arguments.key, None)
                self._statics[arguments.key] = Environment(self.f, *held)  # f says what it reads of them
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
                    self._divisions.pop(oldest, None)
                    self._statics.pop(oldest, None)
                family = self._families[arguments.key] = []
            return family

    def _trace(self, family: Family, arguments: Arguments, r: int, theta: Current = CURRENT) -> Specialization:
        """Return the path that row r takes, a new one mostly. Raises PathsError."""
        with self._lock, theta.held():
            if self._full and self._full[0] is family:
                raise self._full[1]
            f, differentiated = arguments.complete(self.f), active(arguments.data)
            seen = self.environment, self._statics.get(arguments.key)
            tells = any(x is not None and x.tells for x in seen)
            row, bound = arguments.row(r), self.settings.instructions
            path = path_of_call(f, *row, differentiated, bound, tells=tells)
            for one in family:
                if one.path.guards == path.guards:  # another thread was first
                    return one
            if len(family) >= self.settings.paths:
                error = PathsError(
                    f"{_parting(path, family)}: the data take more than {self.settings.paths} paths through "
                    f"{self!r}. Use `autodiff.where` for this branch, or allow more: compile(f, paths=…)"
                )
                self._full = family, error
                raise error
            one = Specialization(path, self.settings)
            self._captured.update((id(v), v) for v in path.captured)
            family.append(one)
            return one

    def _reference(self, arguments: Arguments, chosen: Mask | None = None, *, summed: bool) -> list[Part]:
        """Return the parts of the chosen rows, None for all, by eager runs."""
        f, rows = arguments.complete(self.f), 1 if arguments.rows is None else arguments.rows
        places = range(rows) if chosen is None else np.flatnonzero(chosen).tolist()
        differentiated = active(arguments.data)
        recorded = ((r, record(f, *arguments.row(r), self.settings.instructions)) for r in places)
        found = runs(recorded, rows, differentiated)
        self._captured.update((id(v), v) for part in found for v in part.captured)
        return [part._replace(outputs=total(spread(part, rows))) for part in found] if summed else found

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

"""The compiled function, as users call it; a call goes through stages, each of which hands on an object to the next.

direct, fastpath         numbers of a structure, arrays of shapes seen before → straight to run
signature                arguments → Arguments: structure, by which programs are kept, and data
specializations          structure → the programs known for it, if what the function captures has not changed
trace/run, tape          rows that take none of them → Run → Tape → Path: a Program with derivatives
backends/choice          Program → Executable
batch/inputs, parameters data → Inputs; captured Values → theta; the engine runs: theta, Inputs → a Part a path
results                  Parts → Values with partials
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...contexts import TraceError, check_untraced, current_trace, detect_switch, no_grad_switch
from ...copying import Reduced, function_reduced
from ..settings import Settings
from ..trace.run import record, without_values
from . import arrayapi
from .direct import DirectCalls
from .fastpath import FastPaths
from .kernel import Kernel
from .parameters import CURRENT
from .results import of_one, of_row, of_sums
from .signature import Signature
from .specializations import Specializations
from .structure import Structure


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
        self.specializations = Specializations(f, self.signature, settings)
        self._fast, self._direct = FastPaths(), DirectCalls(self.specializations)

    def __get__(self, instance: Any, owner: Any = None) -> Compiled:
        if instance is None:
            return self
        raise TypeError("a method is compiled when it is bound: loss = compile(model.loss), not in its class")

    def __reduce__(self) -> Reduced:
        return function_reduced(self, (Compiled, (self.f, self.static, self.settings)))

    def __repr__(self) -> str:
        return repr(self.specializations)

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Return what the function returns: Values where it depends on Values, else floats."""
        if current_trace.get() is not None:  # a part of what is traced
            return self.f(*args, **options)
        row = self._direct.row(args, options)
        if row is not None and (result := self._direct.result(row)) is not None:
            return result
        arguments = self.signature.read(args, options, rows=False)
        parts = self.specializations.parts(arguments, summed=False)
        if row is not None:
            self._direct.add(row, arguments)
        return of_row(parts, arguments.data)

    def map(self, *args: Any, **options: Any) -> Any:
        """Return an array with a result for each row of the arguments, in the structure that the function returns.

        Arrays of other libraries are evaluated by these, with their accuracy, and give arrays of their kind.
        """
        check_untraced("`map`")
        known, arrays = self._fast.of(args)
        if known and not (options or detect_switch.get().on) and known.holds(self.specializations):
            outputs = known.outputs(CURRENT(known.path), arrays)
            if outputs is not None:
                return known.family[0].structure.of_rows(outputs)
        arguments = self.signature.read(args, options, rows=True)
        if any(map(arrayapi.library, arguments.data)):
            programs = self.specializations
            family = programs.family(arguments)
            return arrayapi.mapped(arguments, lambda rows: (x.path for x in programs.paths(family, arguments, rows)))
        parts = self.specializations.parts(arguments, summed=False, derivatives=False)
        if not parts:  # no row: a row of zeros shows the structure
            run = record(arguments.complete(self.f), *arguments.row(0), self.settings.instructions)
            n = len(run.results)
            return Structure(without_values(run.output, n)).of_rows(np.empty((n, 0)))
        n = len(parts[0].slopes)
        if len(parts) == 1 and not self.settings.verify:
            self._fast.add(self.specializations, arguments, args)
        outputs = np.zeros((n, arguments.rows or 0))
        for part in parts:
            outputs[:, slice(None) if part.taken is None else part.taken] = part.outputs[:n]
        return parts[0].structure.of_rows(outputs)

    def sum(self, *args: Any, **options: Any) -> Any:
        """Return the sum of the results over the rows, as a Value whose `backward` fills the gradients."""
        return self._total(args, options, mean=False)

    def mean(self, *args: Any, **options: Any) -> Any:
        """Return the mean of the results over the rows, as a Value whose `backward` fills the gradients."""
        return self._total(args, options, mean=True)

    def kernel(
        self, *example: Any, reduce: str = "mean", parameters: Sequence[Any] | None = None, **options: Any
    ) -> Kernel:
        """Return a `Kernel`: value and gradient on flat arrays, for callers that keep parameters in arrays.

        theta has the order of `parameters`, Values by which the gradient is taken; other captured Values are constants.
        Without them these are all that the function captures, as far as it is known from calls made before, or from
        `example` arguments with rows, as `mean` takes them.

        >>> from autodiff import Value, compile
        >>> w, b = Value(2.0), Value(1.0)
        >>> k = compile(lambda x: w * x + b).kernel(np.ones(3), parameters=[b, w])
        >>> k([1.0, 3.0], np.array([1.0, 5.0]))
        (10.0, array([1., 3.]))
        """
        return Kernel(self.specializations, reduce, example, options, parameters)

    def program(self, *args: Any, **options: Any) -> Any:
        """Return the Program of the path that one example takes: its results, then the derivatives by Values."""
        arguments = self.signature.read(args, options, rows=False)
        found, _ = self.specializations.find(arguments, summed=False, derivatives=True)
        if not found:
            raise TraceError(f"{self!r} takes more paths than are kept: allow more, compile(f, paths=…)")
        return found[0][0].path.gradients

    def changed(self) -> bool:
        """Return whether anything that the function captures has changed since its programs were made."""
        return self.specializations.changed()

    def _total(self, args: Any, options: Any, *, mean: bool) -> Any:
        check_untraced("`sum` or `mean` over rows")
        known, arrays = self._fast.of(args)
        plain = not (options or no_grad_switch.get().on or detect_switch.get().on)
        if known and plain and known.holds(self.specializations):
            sums = known.sums(CURRENT(known.path), arrays, known.rows if mean else 1)
            if sums is not None:
                return of_one(known.family[0].part(sums, None), arrays)
        arguments = self.signature.read(args, options, rows=True).filled()
        parts = self.specializations.parts(arguments, summed=True)
        if len(parts) == 1 and not self.settings.verify:
            self._fast.add(self.specializations, arguments, args)
        return of_sums(parts, arguments.data, (arguments.rows or 1) if mean else 1)

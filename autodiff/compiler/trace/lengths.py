"""Lengths: the long repetitions of a run, cut to a few steps, from which the program of all of them follows.

A step sees its arguments and what it captures, so all steps are alike unless it counts: in a variable, a list, an
attribute. Whatever it reaches is therefore compared before and after; no branch may be taken once steps are missing;
and the influence of the state on the next one has to be steady.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ... import trees
from ...contexts import ProgramTrace, TraceError
from ...node import Node
from ..captures.environment import Environment
from .influence import is_steady

LONG = 200  # steps from which on a repetition is cut
FIRST = 24  # steps that are left at least: the first and the last few are often traced into other instructions
GROWTH = 12  # steps between lengths that are compared: states that swap come back after 2, 3, 4 or 6 steps


class Lengths:
    """The repetitions of one run: those of `only` so many steps are cut, all long ones if that is 0.

    `asked` are the lengths of those that were cut. `grown` says by how many times GROWTH they are longer than need be;
    `steady`, after a run, whether they are long enough for their states. With `outermost` a transform is compiled, and
    may differentiate by entries: slopes by those that are missing are results, and nothing else reads them.
    """

    def __init__(self, only: int = 0, grown: int = 0, *, outermost: bool = False) -> None:
        self.only, self.grown, self.outermost = only, grown, outermost
        self.asked = set[int]()
        self.open(ProgramTrace(None), ())

    def open(self, trace: ProgramTrace, inputs: Sequence[Any]) -> None:
        """Begin a run."""
        self.trace, self._even, self.steady = trace, True, True
        self._inputs = {id(v): i for i, v in enumerate(inputs)}
        self._running: list[Environment | None] = []  # of the steps of repetitions, None of those that are not cut
        self._guards = -1  # how many there were at the first cut

    @property
    def even(self) -> bool:
        """Whether no step changed anything that it reaches, and no branch was taken after the first cut."""
        return self._even and self._guards in (-1, len(self.trace.guards))

    @property
    def operations(self) -> int:
        """How many operations the run took."""
        return self.trace.operations - self.trace.remaining

    def begin(self, step: Callable[..., Any], entries: Sequence[Any]) -> Sequence[Any]:
        """Return those of the entries, one for each step, for which a step is taken."""
        n = len(entries)
        long = n >= LONG and self.only in (0, n) and all(one is None for one in self._running)
        found = self._environment(step) if long and (isinstance(entries, range) or self._regular(entries)) else None
        self._running.append(found)
        if found is None:
            return entries
        self.asked.add(n)
        if self._guards < 0:
            self._guards = len(self.trace.guards)
        return entries[: steps(n, self.grown)]

    def end(self, before: list[Any], after: Any, taken: int) -> None:
        """Look at a repetition that ends: at what its step reaches, and at the last state and the numbers before it."""
        found = self._running.pop()
        if found is not None:
            self._even = self._even and not found.changed()
            self.steady = self.steady and is_steady(before, trees.leaves(after), taken, GROWTH)

    def _environment(self, step: Callable[..., Any]) -> Environment | None:
        try:
            return Environment(step)
        except TraceError:  # it captures what may change unseen: all its steps are traced
            return None

    def _regular(self, xs: Sequence[Any]) -> bool:
        """Return whether xs are inputs of the program that move by one stride, or the same numbers all along."""
        try:
            structure = trees.structure(xs[0])
            if any(trees.structure(x) != structure for x in xs):
                return False
            columns = list(zip(*map(trees.leaves, xs), strict=True))
        except (TypeError, ValueError):  # they hold objects or masks, which are structure and are not compared
            return False
        return all(map(self._moves, columns))

    def _moves(self, column: Sequence[Any]) -> bool:
        places = [self._place(x) for x in column]
        if min(places) >= 0:
            return len(set(np.diff(places).tolist())) == 1
        if any(isinstance(x, Node) for x in column):
            return all(x is column[0] for x in column)
        return len({(type(x), repr(x)) for x in column}) == 1

    def _place(self, x: Any) -> int:
        """Return which input of the program x is, -1 if it is none; a transform differentiates by 1.0 · x."""
        if self.outermost and isinstance(x, Node) and x.op == "mul" and x.trace is not None and type(x.y) is float:
            x = x.x if x.y == 1.0 and x.trace.outer is self.trace else x
        return self._inputs.get(id(x), -1)


def steps(n: int, grown: int) -> int:
    """Return to how many steps a repetition of n is cut: as many as n modulo GROWTH."""
    return FIRST + (n - FIRST) % GROWTH + grown * GROWTH

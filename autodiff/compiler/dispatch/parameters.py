"""Parameters of programs: the numbers of captured Values, their own or those that a kernel is given."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import AbstractContextManager, nullcontext
from struct import pack
from typing import Any

import numpy as np

from ... import bulk
from ...arrays import Floats
from ...contexts import Block
from ..trace.run import Path, Slopes
from .scatter import Scatter


def read(values: list[Any]) -> Floats:
    """Return the numbers of Values, in an array that is read-only."""
    found = bulk.numbers(values)
    return np.frombuffer(pack(f"{len(found)}d", *found))  # a third of the time of np.array


class Current:
    """The numbers that Values have."""

    current = True

    def __call__(self, path: Path) -> Floats:
        """Return those of the Values that a path captures."""
        return read(path.captured) if path.captured else NONE

    def held(self) -> AbstractContextManager[None]:
        """Return a context manager inside which the Values have these numbers: a new path depends on them."""
        return nullcontext()


CURRENT, NONE = Current(), np.empty(0)


class Given(Current):
    """The numbers that a call of a kernel gives its parameters."""

    current = False

    def __init__(self, kernel: Any, theta: Floats) -> None:
        self.kernel, self.theta = kernel, theta

    def __call__(self, path: Path) -> Floats:
        """Return those of the Values that a path captures."""
        binding: Binding = self.kernel.binding(path)
        return binding(self.theta, binding.read())

    def held(self) -> AbstractContextManager[None]:
        """Return a context manager inside which the Values have these numbers: a new path depends on them."""
        return Block(self._held)

    def _held(self) -> Generator[None]:
        before = self.kernel.read()
        try:
            self.kernel.write(self.theta)
            yield
        finally:
            try:
                self.kernel.write(before)
            except KeyboardInterrupt:  # it may be torn halfway, and be done again
                self.kernel.write(before)
                raise


class Binding:
    """Where the captured Values of a path have their numbers: a parameter in theta, a constant in itself.

    `gradient` copies the derivatives among the outputs of the path to the order of theta.
    """

    def __init__(self, captured: list[Any], slopes: Slopes, index: dict[int, int]) -> None:
        places = np.array([index.get(id(v), -1) for v in captured], np.intp)
        ours, self.others = np.flatnonzero(places >= 0), np.flatnonzero(places < 0)
        self.constants = [captured[i] for i in self.others.tolist()]
        self.numbers = Scatter(ours, places[ours], len(captured))
        to = places[slopes.targets]
        self.gradient = Scatter(to[to >= 0], slopes.outputs[to >= 0], len(index))

    def read(self) -> Floats:
        """Return the numbers of the constants."""
        return read(self.constants) if self.constants else NONE

    def buffer(self) -> Floats | None:
        """Return an array for the numbers of all, None if theta or a slice of it is one."""
        return None if self.numbers.view else np.empty(self.numbers.size)

    def __call__(self, theta: Floats, constants: Floats, out: Floats | None = None) -> Floats:
        """Return the numbers of all, written into `out` if it is given."""
        found = self.numbers(theta, out)
        if self.constants:
            found[self.others] = constants
        return found

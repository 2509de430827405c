"""The numbers of captured Values that a program runs on: those that they have, or those that a kernel is given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from struct import pack
from typing import Any, Protocol

import numpy as np

from ... import bulk
from ...arrays import Floats
from ..trace.run import Path
from .scatter import Scatter


class Theta(Protocol):
    """The numbers of captured Values that a call takes; `current` tells whether they are those that these have now."""

    current: bool

    def __call__(self, path: Path) -> Floats:
        """Return those of the Values that a path captures."""

    def held(self) -> AbstractContextManager[None]:
        """Return a context manager inside which the Values have these numbers: a new path depends on them."""


def read(values: list[Any]) -> Floats:
    """Return the numbers of Values, in an array that is read-only."""
    found = bulk.numbers(values)
    return np.frombuffer(pack(f"{len(found)}d", *found))  # a third of the time of np.array


class Current:
    """The numbers that Values have."""

    current = True

    def __call__(self, path: Path) -> Floats:
        """Return those of the Values that a path captures."""
        return read(path.captured)

    def held(self) -> AbstractContextManager[None]:
        """Return a context manager that does nothing."""
        return nullcontext()


CURRENT = Current()


class Binding:
    """Where the captured Values of a path have their numbers: a parameter in theta, a constant in itself.

    `places` are the indices of the parameters in theta, -1 for constants.
    """

    def __init__(self, captured: list[Any], index: dict[int, int]) -> None:
        self.places = np.array([index.get(id(v), -1) for v in captured], np.intp)
        ours, self.others = np.flatnonzero(self.places >= 0), np.flatnonzero(self.places < 0)
        self.constants = [captured[i] for i in self.others.tolist()]
        self.scatter = Scatter(ours, self.places[ours], len(captured))

    def read(self) -> Floats:
        """Return the numbers of the constants."""
        return read(self.constants)

    def buffer(self) -> Floats | None:
        """Return an array for the numbers of all, None if theta or a slice of it is one."""
        return None if self.scatter.view else np.empty(len(self.places))

    def __call__(self, theta: Floats, constants: Floats, out: Floats | None = None) -> Floats:
        """Return the numbers of all, written into `out` if it is given."""
        found = self.scatter(theta, out)
        if self.constants:
            found[self.others] = constants
        return found


class Given:
    """Numbers of a kernel's parameters, as a call takes them."""

    current = False

    def __init__(self, kernel: Any, theta: Floats) -> None:
        self.kernel, self.theta = kernel, theta

    def __call__(self, path: Path) -> Floats:
        """Return those of the Values that a path captures."""
        binding: Binding = self.kernel.binding(path.captured)
        return binding(self.theta, binding.read())

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let the Values have these numbers inside the block."""
        before = self.kernel.read()
        self.kernel.write(self.theta)
        try:
            yield
        finally:
            self.kernel.write(before)

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


class Current:
    """The numbers that Values have."""

    current = True

    def __call__(self, path: Path) -> Floats:
        """Return those of the Values that a path captures."""
        found = bulk.numbers(path.captured)
        return np.frombuffer(pack(f"{len(found)}d", *found))  # a third of the time of np.array

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

    def read(self) -> list[float]:
        """Return the numbers of the constants."""
        return bulk.numbers(self.constants) if self.constants else []

    def __call__(self, theta: Floats, constants: list[float]) -> Floats:
        """Return the numbers of all."""
        found = self.scatter(theta)
        if constants:
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

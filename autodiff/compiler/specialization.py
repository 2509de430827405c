"""The programs of one path of a function, and whose numbers they run on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cached_property
from struct import pack
from typing import Any, Protocol

import numpy as np

from .. import bulk
from .execution import engine
from .reduction import Floats
from .results import Part
from .settings import Engine, Settings
from .tracing import Path

KEYS = 64  # structures of arguments that are kept, of a function or a kernel


class Specialization:
    """The programs of one path, each made ready when it is first run."""

    def __init__(self, path: Path, settings: Settings) -> None:
        self.path, self.settings = path, settings

    @cached_property
    def values(self) -> Engine:
        """What runs the program of the results alone."""
        return engine(self.path.values, self.settings)

    def part(self, outputs: Floats, taken: Any) -> Part:
        """Return what its program gave as a part of the results."""
        return Part(self.path.captured, self.path.slopes, self.path.output, outputs, taken)

    @cached_property
    def gradients(self) -> Engine:
        """What runs the program of results and derivatives."""
        return engine(self.path.gradients, self.settings)


Family = list[Specialization]  # what a function is for one structure of its arguments


class Theta(Protocol):
    """The numbers of captured Values that a call takes."""

    def __call__(self, path: Path) -> Floats:
        """Return those of the Values that a path captures."""

    def held(self) -> AbstractContextManager[None]:
        """Return a context manager inside which the Values have these numbers: a new path depends on them."""


class _Own:
    """The numbers that Values have."""

    def __call__(self, path: Path) -> Floats:
        """Return those of the Values that a path captures."""
        found = bulk.numbers(path.captured)
        return np.frombuffer(pack(f"{len(found)}d", *found))  # a third of the time of np.array

    def held(self) -> AbstractContextManager[None]:
        """Return a context manager that does nothing."""
        return nullcontext()


numbers = _Own()


class Given:
    """Numbers of a kernel's parameters, as a call takes them."""

    def __init__(self, kernel: Any, theta: Floats) -> None:
        self.kernel, self.theta = kernel, theta

    def __call__(self, path: Path) -> Floats:
        """Return those of the Values that a path captures."""
        found: Floats = self.kernel.given(path.captured)(self.theta)
        return found

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let the Values have these numbers inside the block."""
        before = self.kernel.read()
        self.kernel.write(self.theta)
        try:
            yield
        finally:
            self.kernel.write(before)


def parting(path: Path, paths: Sequence[Specialization]) -> str:
    """Return the line where a new path leaves the one it follows longest."""
    longest = 0
    for one in paths:
        agreed = next(
            (i for i, (a, b) in enumerate(zip(path.guards, one.path.guards)) if a != b),  # noqa: B905
            min(len(path.guards), len(one.path.guards)),
        )
        longest = max(longest, agreed)
    return path.guards[min(longest, len(path.guards) - 1)][1] if path.guards else "?"

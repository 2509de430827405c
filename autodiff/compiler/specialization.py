"""The programs of one path of a function: of its results alone, and of results and derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

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

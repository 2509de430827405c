"""The programs of one path of a function, and whose numbers they run on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from struct import pack
from typing import Any

import numpy as np

from .. import bulk
from .execution import Engine, Settings, engine
from .reduction import Floats
from .results import Part
from .tracing import Path


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
Theta = Callable[[Path], Floats]


def numbers(path: Path) -> Floats:
    """Return the numbers of the Values that a path captures."""
    found = bulk.numbers(path.captured)
    return np.frombuffer(pack(f"{len(found)}d", *found))  # a third of the time of np.array


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

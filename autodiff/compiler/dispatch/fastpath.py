"""What calls that differ in numbers only have in common, so that their arguments need not be taken apart every time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...arrays import Floats
from ..batch.inputs import Table
from ..trace.run import Path
from .signature import Arguments
from .specializations import KEYS, Family, Specializations

DOUBLE = np.dtype(np.float64)


class Shortcut(NamedTuple):
    """A sum over rows of arrays of certain shapes, which all take one path."""

    environment: Any
    family: Family
    rows: int

    def sums(
        self, specializations: Specializations, arrays: Sequence[Floats], theta: Callable[[Path], Floats], divisor: int
    ) -> Floats | None:
        """Return the sums, divided, for a call with arrays of the same shapes; None if it is another one."""
        if not self.holds(specializations):
            return None
        one = self.family[0]
        sums, taken = one.gradients.sums(theta(one.path), Table.of_arrays(arrays, self.rows), divisor)
        return sums if taken is None else None

    @property
    def results(self) -> int:
        """How many results the function has, which come first among the sums."""
        return len(self.family[0].path.slopes)

    def holds(self, specializations: Specializations) -> bool:
        """Tell whether rows still take one path, and nothing that the function captures has changed."""
        return (
            specializations.environment is self.environment and len(self.family) == 1 and not specializations.changed()
        )


class Shortcuts:
    """The shortcuts of a function or a kernel, by the shapes of arguments that are arrays of float64, or lists of such.

    >>> shapes([np.zeros(3), [np.zeros(3), np.zeros((3, 2))]], [])
    ((3,), (<class 'list'>, ((3,), (3, 2))))
    """

    def __init__(self) -> None:
        self._known: dict[Any, Shortcut] = {}

    def of(self, args: Sequence[Any]) -> tuple[Shortcut | None, list[Floats]]:
        """Return the shortcut for a call, None if there is none, and the arrays among its arguments."""
        arrays: list[Floats] = []
        return self._known.get(shapes(args, arrays)), arrays

    def add(self, specializations: Specializations, arguments: Arguments, args: Sequence[Any]) -> None:
        """Note a call, if it is a plain one: one path, and arrays of float64, none of them by name."""
        key = shapes(args, [])
        environment, family = specializations.known(arguments.key)
        if key is None or len(family) != 1 or arguments.named:
            return
        known = self._known
        if len(known) >= KEYS or any(one.environment is not environment for one in list(known.values())):
            known.clear()
        known[key] = Shortcut(environment, family, arguments.rows or 0)


def shapes(args: Sequence[Any], arrays: list[Floats]) -> Any:
    """Return what tells calls apart that arrays of float64 are given to, and list these; None for other arguments."""
    found: list[Any] = []
    for a in args:
        kind = type(a)
        if kind is np.ndarray and a.dtype == DOUBLE:
            arrays.append(a)
            found.append(a.shape)
        elif kind is list or kind is tuple:
            inner = shapes(a, arrays)
            if inner is None:
                return None
            found.append((kind, inner))
        else:
            return None
    return tuple(found)

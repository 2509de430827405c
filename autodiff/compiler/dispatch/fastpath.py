"""The fast path: a call with the array shapes of an earlier one skips the analysis of its arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ...arrays import Floats
from .. import tuning
from ..batch.inputs import Inputs
from ..trace.run import Path
from .signature import Arguments
from .specializations import Family, Specializations

DOUBLE = np.dtype(np.float64)


class FastPath(NamedTuple):
    """The rows of arrays of certain shapes, and sums over them, where all take one path."""

    environment: Any
    family: Family
    rows: int

    def sums(self, theta: Floats, arrays: Sequence[Floats], divisor: int) -> Floats | None:
        """Return the sums over rows of arrays of these shapes, divided, None if not all rows take the path."""
        sums, taken = self.family[0].gradients.sums(theta, Inputs.of_arrays(arrays, self.rows), divisor)
        return sums if taken is None else None

    def outputs(self, theta: Floats, arrays: Sequence[Floats]) -> Floats | None:
        """Return the results of each row of arrays of these shapes, None if not all rows take the path."""
        outputs, taken = self.family[0].values.rows(theta, Inputs.of_arrays(arrays, self.rows))
        return outputs if taken is None else None

    @property
    def path(self) -> Path:
        """The one path that all rows take."""
        return self.family[0].path

    @property
    def results(self) -> int:
        """The number of results of the function, which come first among the sums."""
        return len(self.path.slopes)

    def holds(self, specializations: Specializations) -> bool:
        """Return whether there still is one path alone, and nothing that the function captures has changed."""
        return (
            specializations.environment is self.environment and len(self.family) == 1 and not specializations.changed()
        )


class FastPaths:
    """The fast paths of a function or a kernel, by the shapes of arguments: arrays of float64, or lists of such.

    >>> shapes([np.zeros(3), [np.zeros(3), np.zeros((3, 2))]], [])
    ((3,), (<class 'list'>, ((3,), (3, 2))))
    """

    def __init__(self) -> None:
        self._known: dict[Any, FastPath] = {}

    def of(self, args: Sequence[Any]) -> tuple[FastPath | None, list[Floats]]:
        """Return the fast path for a call, None if there is none, and the arrays among its arguments."""
        arrays: list[Floats] = []
        return self._known.get(shapes(args, arrays)), arrays

    def add(self, specializations: Specializations, arguments: Arguments, args: Sequence[Any]) -> None:
        """Keep the fast path of a call, if it has one: one path of rows, arrays of float64, and no named argument."""
        key = shapes(args, [])
        environment, family = specializations.known(arguments.key)
        if key is None or len(family) != 1 or arguments.named:
            return
        known = self._known
        if len(known) >= tuning.KEYS or any(one.environment is not environment for one in list(known.values())):
            known.clear()
        known[key] = FastPath(environment, family, arguments.rows or 0)


def shapes(args: Sequence[Any], arrays: list[Floats]) -> Any:
    """Return the shapes of arguments that are arrays of float64, and list these; None if any argument is another."""
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

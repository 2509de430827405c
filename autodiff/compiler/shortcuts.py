"""What calls that differ in numbers only have in common, so that their arguments need not be taken apart every time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .reduction import Floats
from .signature import Arguments
from .specialization import Family
from .table import Table
from .tracing import Path

if TYPE_CHECKING:
    from .compiling import Compiled

DOUBLE = np.dtype(np.float64)


class Shortcut(NamedTuple):
    """A sum over rows of arrays of these shapes, which all take one path."""

    environment: Any
    family: Family
    rows: int
    shapes: list[tuple[int, ...]]
    results: int  # of the function, which come first among the sums

    def sums(
        self, compiled: Compiled, args: tuple[Any, ...], theta: Callable[[Path], Floats], divisor: int
    ) -> Floats | None:
        """Return the sums, divided, for a call like that one, None for another."""
        if compiled.environment is not self.environment or len(args) != len(self.shapes) or len(self.family) != 1:
            return None
        for a, shape in zip(args, self.shapes, strict=True):
            if type(a) is not np.ndarray or a.shape != shape or a.dtype != DOUBLE:
                return None
        if compiled.changed():
            return None
        one = self.family[0]
        sums, taken = one.gradients.sums(theta(one.path), Table.of_arrays(args, self.rows), divisor)
        return sums if taken is None else None


def shortcut(compiled: Compiled, arguments: Arguments, args: Sequence[Any], results: int) -> Shortcut | None:
    """Return the shortcut for calls like this one, None if it is no plain one: one path, arrays of float64."""
    family = compiled.known(arguments.key)
    plain = all(type(a) is np.ndarray and a.dtype == DOUBLE for a in args)
    if len(family) != 1 or arguments.static or not plain:
        return None
    return Shortcut(compiled.environment, family, arguments.rows or 0, [a.shape for a in args], results)

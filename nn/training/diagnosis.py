"""Diagnosis: find the row and the operation that gave a number that is not finite, by a second run on Values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autodiff import Value, detect_nonfinite
from autodiff.arrays import Floats

from ..values import write


def culprit(
    row: Callable[..., Any], parameters: Sequence[Value], theta: Floats, arrays: Sequence[Floats]
) -> tuple[int, str] | None:
    """Return the first row of a batch with an operation whose value or partial is not finite, and that operation.

    None means that every operation is finite, but a product or sum of them overflows. Sets the parameters to theta.

    >>> w = Value(0.0)
    >>> culprit(lambda x: w.log() * x, [w], np.array([0.0]), [np.array([1.0])])
    (0, '`log` of 0.0 has the value -inf')
    """
    write(parameters, theta)
    for r, columns in enumerate(zip(*[a.tolist() for a in arrays], strict=True)):
        try:
            with detect_nonfinite():
                row(*columns)
        except FloatingPointError as error:
            line, _, found = str(error).partition(": ")
            return r, found or line
    return None


def finite(x: Floats) -> bool:
    """Return whether all numbers of an array are finite; NumPy's warnings must be off.

    >>> with np.errstate(all="ignore"):
    ...     finite(np.array([1e200, -1.0])), finite(np.array([np.nan]))
    (True, False)
    """
    square = x.dot(x)  # one fast pass; the square of finite numbers may overflow, hence the second
    return bool(square - square == 0.0 or np.isfinite(x).all())

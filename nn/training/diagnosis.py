"""Where a number that is not finite comes from: the rows of a batch are run again on Values, watched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff import Value, detect_nonfinite

from ..values import write

Floats = NDArray[np.float64]


def culprit(
    row: Callable[..., Any], parameters: Sequence[Value], theta: Floats, arrays: Sequence[Floats]
) -> tuple[int, str] | None:
    """Return the first row of a batch with an operation whose value or slope is not finite, and which that is.

    None means that every operation is finite: their product or sum overflows. Sets the parameters to theta.

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
            place, _, found = str(error).partition(": ")
            return r, found or place
    return None


def finite(x: Floats) -> bool:
    """Tell whether all numbers of an array are finite; to be called where NumPy's warnings are off.

    >>> with np.errstate(all="ignore"):
    ...     finite(np.array([1e200, -1.0])), finite(np.array([np.nan]))
    (True, False)
    """
    square = x.dot(x)  # the fastest look at all of them; it may overflow
    return bool(square - square == 0.0 or np.isfinite(x).all())

"""Shades: the colour of a gradient by sign and half-decades below the largest; patterns for zero, nan and inf."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ..palette import NEGATIVE, POSITIVE, STEPS
from ..picture.summary import special

FILLS = {f"{sign}{i}": fill for sign, row in (("p", POSITIVE), ("m", NEGATIVE)) for i, fill in enumerate(row, 1)}


class Shades:
    """The scale of shades for some gradients; `top` is the largest finite |grad|, 0.0 if there is none.

    >>> shades = Shades([2.0, -0.1, 1e-9, 0.0, None])
    >>> shades.top, [shades.of(x) for x in (2.0, 0.3, -0.1, 1e-9, 0.0, float("nan"), None)]
    (2.0, ['p8', 'p7', 'm6', 'p1', 'zero', 'nan', ''])
    """

    def __init__(self, grads: Iterable[float | None]) -> None:
        found = [x for x in grads if x is not None]
        self.top = max((abs(x) for x in found if math.isfinite(x)), default=0.0)
        self.used = any(x != 0.0 for x in found)

    def of(self, grad: float | None) -> str:
        """Return the shade of a gradient, or its pattern "zero", "nan" or "inf"; "" for None, or if all are zero.

        "p8" is positive and within half a decade of the top, "m1" negative and at least three and a half below it.
        """
        if grad is None or not self.used:
            return ""
        if found := special(grad):
            return found
        below = int(2.0 * (math.log10(self.top) - math.log10(abs(grad))) + 1e-6)
        return f"{'p' if grad > 0.0 else 'm'}{max(1, STEPS - below)}"

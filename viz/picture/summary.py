"""The summary of a fold, values drawn as one box: their number, operations, and the range of their gradients."""

from __future__ import annotations

import math
from collections import Counter

from autodiff.row import PRIMITIVES

from .labels import counted

NAMED = 4  # the most frequent operations, in the title
SPECIAL = ("zero", "nan", "inf")


class FoldSummary:
    """The values of a fold, counted; `name` is their scope, or the name that the `fold` function returned."""

    __slots__ = ("_grads", "_operations", "name", "size")

    def __init__(self, name: str) -> None:
        self.name, self.size = name, 0
        self._grads: list[float] = []
        self._operations: dict[str, int] = {}

    def add(self, op: str, grad: float | None) -> None:
        """Add a value: its operation, "" for a leaf, and its gradient.

        >>> fold = FoldSummary("layers.0")
        >>> fold.add("", 0.0)
        >>> fold.rows(".4g", grad=False)
        (('values', '1'),)
        """
        self.size += 1
        if grad is not None:
            self._grads.append(grad)
        if op:
            self._operations[op] = self._operations.get(op, 0) + 1

    def rows(self, fmt: str, *, grad: bool) -> tuple[tuple[str, str], ...]:
        """Return the rows of the box: the number of values and, with `grad`, the range of |grad| and special values."""
        rows = [("values", f"{self.size:,}")]
        sizes, counts = self._sizes(), self._counts()
        if grad and sizes:
            ends = dict.fromkeys(format(x, fmt) for x in (min(sizes), max(sizes)))
            rows.append(("|grad|", " to ".join(ends)))
        if grad and counts:
            rows.append(("grad" if not sizes else "and", counts))
        return tuple(rows)

    def title(self, *, grad: bool) -> str:
        """Return the summary in words, with numbers in full and the most frequent operations."""
        sizes = self._sizes()
        parts = [f"{self.name}: {counted(self.size, 'value')} folded"]
        if self._operations:
            usual = Counter(self._operations).most_common(NAMED)
            parts.append(" ".join(f"{PRIMITIVES[op].symbol if op in PRIMITIVES else op} ×{n:,}" for op, n in usual))
        if grad and sizes:
            parts.append(f"|grad| from {min(sizes)!r} to {max(sizes)!r}")
        if grad and self._counts():
            parts.append(f"grad {self._counts()}")
        return "; ".join(parts)

    @property
    def grad(self) -> float | None:
        """The gradient that colours the box: nan or inf if there is one, else the one of largest size."""
        if any(map(math.isnan, self._grads)):
            return math.nan
        return max(self._grads, key=abs, default=None)

    def _sizes(self) -> list[float]:
        return [abs(x) for x in self._grads if x != 0.0 and math.isfinite(x)]

    def _counts(self) -> str:
        kinds = Counter(special(x) for x in self._grads if x == 0.0 or not math.isfinite(x))
        return ", ".join(f"{kinds[name]:,} {name}" for name in SPECIAL if kinds[name])


def special(grad: float) -> str:
    """Return which special value a gradient is, "zero", "nan" or "inf"; "" for one that a scale of colours can show.

    >>> special(0.0), special(-2.0)
    ('zero', '')
    """
    if grad == 0.0:
        return "zero"
    return "" if math.isfinite(grad) else "nan" if math.isnan(grad) else "inf"

"""A fold: many values drawn as one box, which tells how many there are and the range of their gradients."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

from autodiff.row import PRIMITIVES

USUAL = 4  # operations that are named


class FoldSummary:
    """The values that one box hides: `name` is their scope, or what they have in common."""

    __slots__ = ("_grads", "_operations", "name", "size")

    def __init__(self, name: str) -> None:
        self.name, self.size = name, 0
        self._grads: list[float] = []
        self._operations: dict[str, int] = {}

    def add(self, op: str, grad: float | None) -> None:
        """Take in a value: the operation that made it, "" for none, and its gradient.

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
        """Return what the box says: how many values, and if `grad` the range of |grad|, and how many have none."""
        rows = [("values", f"{self.size:,}")]
        sizes, words = self._sizes(), self._words()
        if grad and sizes:
            ends = dict.fromkeys(format(x, fmt) for x in (min(sizes), max(sizes)))
            rows.append(("|grad|", " to ".join(ends)))
        if grad and words:
            rows.append(("grad" if not sizes else "and", words))
        return tuple(rows)

    def title(self, *, grad: bool) -> str:
        """Return all of it in words: numbers in full, and the most frequent operations."""
        sizes = self._sizes()
        parts = [f"{self.name}: {self.size:,} value{'s' * (self.size != 1)} folded"]
        if self._operations:
            usual = Counter(self._operations).most_common(USUAL)
            parts.append(" ".join(f"{PRIMITIVES[op].symbol if op in PRIMITIVES else op} ×{n:,}" for op, n in usual))
        if grad and sizes:
            parts.append(f"|grad| from {min(sizes)!r} to {max(sizes)!r}")
        if grad and self._words():
            parts.append(f"grad {self._words()}")
        return "; ".join(parts)

    @property
    def grad(self) -> float | None:
        """The gradient that the box is coloured by: nan or inf if there is one, else the one of largest size."""
        if any(map(math.isnan, self._grads)):
            return math.nan
        return max(self._grads, key=abs, default=None)

    def _sizes(self) -> list[float]:
        return [abs(x) for x in self._grads if x != 0.0 and math.isfinite(x)]

    def _words(self) -> str:
        kinds = Counter(special(x) for x in self._grads if x == 0.0 or not math.isfinite(x))
        return ", ".join(f"{kinds[name]:,} {name}" for name in ("zero", "nan", "inf") if kinds[name])


def special(grad: float) -> str:
    """Return what a gradient is that has no place on a scale of colours: "zero", "nan", "inf"; "" for any other.

    >>> special(0.0), special(-2.0)
    ('zero', '')
    """
    if grad == 0.0:
        return "zero"
    return "" if math.isfinite(grad) else "nan" if math.isnan(grad) else "inf"


def columns(names: Iterable[str]) -> list[list[str]]:
    """Return the folds that stand beside each other, in the order of their numbers: the neurons of a layer.

    >>> columns(["layers.0.neurons.10", "layers.0.neurons.9", "layers.1.neurons.0"])
    [['layers.0.neurons.9', 'layers.0.neurons.10']]
    """
    found: dict[str, list[tuple[int, str]]] = {}
    for name in names:
        stem, _, number = name.rpartition(".")
        if number.isdecimal():
            found.setdefault(stem, []).append((int(number), name))
    return [[name for _, name in sorted(group)] for group in found.values() if len(group) > 1]

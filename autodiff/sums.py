"""Formulas of the rows that take any number of terms: sums, logsumexp, softmax and take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import add
from typing import Any

from .arithmetic import INF, NAN
from .terms import compare, finite, safe


def fold(xs: Iterable[Any]) -> Any:
    """Sum from left to right, from the first term on; 0.0 without terms."""
    return reduce(add, xs) if (xs := list(xs)) else 0.0


def halves(xs: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any]]:
    """Return the first and the second half of xs."""
    return xs[: len(xs) // 2], xs[len(xs) // 2 :]


def peak(m: Any, xs: Sequence[Any]) -> Any:
    """Return the shift of exp: the largest of xs, 0.0 where that is not finite."""
    largest = reduce(lambda x, y: compare(m, x, y, more=x, less=y, tie=x), map(m.detach, xs))
    return m.where(finite(m, largest), largest, 0.0)


def shifted_exp(m: Any, x: Any, shift: Any) -> Any:
    """Return exp(x - shift), corrected by the rounding error of x - shift (Knuth's TwoSum): 240 ulp without that."""
    difference = x - shift
    back = difference - x
    error = (x - (difference - back)) - (shift + back)
    e = m.exp(difference)
    exact = m.where(m.lt(e, INF), finite(m, back), 0.0)
    return e + m.where(exact, e, 0.0) * safe(m, exact, error)


def logsumexp(m: Any, xs: Sequence[Any]) -> Any:
    """Return log Σ exp x. The largest terms are exp(0) = 1 each; counted apart, they let log1p keep the others."""
    shift = peak(m, xs)
    count = fold(m.eq(x, shift) for x in xs)
    others = fold(m.where(m.eq(x, shift), 0.0, shifted_exp(m, x, shift)) for x in xs)
    return shift + m.log1p((count - 1.0) + others)


def softmax(m: Any, xs: Sequence[Any]) -> list[Any]:
    """Return exp x / Σ exp x for each of xs."""
    shift = peak(m, xs)
    exps = [shifted_exp(m, x, shift) for x in xs]
    total = fold(exps)
    return [e / total for e in exps]


def take(m: Any, xs: Sequence[Any]) -> Any:
    """Return the term whose index is the last of xs, counted from 0; nan for an index of none."""
    *terms, index = xs
    return reduce(lambda z, k: m.where(m.eq(index, k * 1.0), terms[k], z), range(len(terms)), NAN)


def take_slopes(m: Any, xs: Sequence[Any], z: Any) -> list[Any]:
    """Return 1 for the term that is taken, 0 for the others, and None for the index."""
    return [*(m.where(m.eq(xs[-1], k * 1.0), 1.0, 0.0) for k in range(len(xs) - 1)), None]

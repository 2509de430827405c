"""Formulas of the rows that take any number of terms: sums, norm, logsumexp, softmax and take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, reduce
from operator import add
from typing import Any

from .arithmetic import INF, NAN
from .polar import part
from .terms import compare, defined, finite, safe


def fold(xs: Iterable[Any]) -> Any:
    """Sum from left to right, from the first term on; 0.0 without terms."""
    return reduce(add, xs) if (xs := list(xs)) else 0.0


def halves(xs: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any]]:
    """Return the first and the second half of xs."""
    return xs[: len(xs) // 2], xs[len(xs) // 2 :]


def largest(m: Any, xs: Iterable[Any]) -> Any:
    """Return the largest of xs, without a derivative; nan where one of them is."""
    return reduce(lambda x, y: compare(m, x, y, more=x, less=y, tie=x), map(m.detach, xs))


def peak(m: Any, xs: Sequence[Any]) -> Any:
    """Return the shift of exp: the largest of xs, 0.0 where that is not finite."""
    top = largest(m, xs)
    return m.where(finite(m, top), top, 0.0)


def norm(m: Any, xs: Sequence[Any]) -> Any:
    """Return √(Σ x²) as the largest |x| times √(Σ ratio²), so that no square overflows or underflows."""
    size, ratios = _ratios(m, xs)
    infinite = reduce(lambda found, x: m.where(m.eq(m.abs(x), INF), 1.0, found), xs, 0.0)
    return m.where(infinite, INF, size * m.sqrt(fold(r * r for r in ratios)))


def _ratios(m: Any, xs: Sequence[Any]) -> tuple[Any, list[Any]]:
    size = largest(m, map(m.abs, xs))
    usual = safe(m, m.where(finite(m, size), m.ne(size, 0.0), 0.0), size)
    return size, [x / usual for x in xs]


def norm_slopes(m: Any, xs: Sequence[Any], z: Any) -> list[Any]:
    """Return x/√(Σ x²) for each of xs: 0.0 at the origin, at infinity the limit, nan for two infinite ones."""
    size, ratios = _ratios(m, xs)
    root = safe(m, m.ne(size, 0.0), m.sqrt(fold(r * r for r in ratios)))
    alone = m.where(m.eq(fold(m.eq(m.abs(x), INF) for x in xs), 1.0), 1.0, NAN)
    slopes = []
    for x, ratio in zip(xs, ratios, strict=True):
        sign = compare(m, x, 0.0, more=alone, less=-alone, tie=NAN)
        slopes.append(m.where(m.eq(size, INF), m.where(m.eq(m.abs(x), INF), sign, 0.0 * x), ratio / root))
    paths = cache(lambda: _norm_paths(m, xs, z))
    return [m.along(slope, lambda i=i: paths()[i]) for i, slope in enumerate(slopes)]


def _norm_paths(m: Any, xs: Sequence[Any], z: Any) -> list[Any]:
    """Return u = x/z for each of xs, but ±√(1 - Σ v²) for the largest, by the others: 1 - u² loses digits beside 1."""
    size = largest(m, map(m.abs, xs))
    shares = [part(m, x, z) for x in xs]
    leads = [m.eq(m.abs(x), size) for x in xs]
    others = fold(m.where(lead, 0.0, u * u) for lead, u in zip(leads, shares, strict=True))
    lone = m.eq(fold(leads), 1.0)
    root = m.sqrt(safe(m, lone, 1.0 - others))
    paths = []
    for x, lead, share in zip(xs, leads, shares, strict=True):
        first = m.where(lone, lead, 0.0)
        paths.append(defined(m, m.where(first, m.where(m.lt(x, 0.0), -root, root), share), x))
    return paths


def shifted_exp(m: Any, x: Any, shift: Any) -> Any:
    """Return exp(x - shift), corrected by the rounding error of x - shift (Knuth's TwoSum): 240 ulp without that."""
    difference = x - shift
    back = difference - x
    error = (x - (difference - back)) - (shift + back)
    e = m.exp(difference)
    exact = m.where(m.lt(e, INF), finite(m, back), 0.0)
    return e + m.where(exact, e, 0.0) * safe(m, exact, error)


def logsumexp(m: Any, xs: Sequence[Any]) -> Any:
    """Return log Σ exp x as the shift plus what the other terms add to it."""
    shift, excess = _logsumexp(m, xs)
    return shift + excess


def _logsumexp(m: Any, xs: Sequence[Any]) -> tuple[Any, Any]:
    """Return the shift and log Σ exp(x - shift): terms of exp(0) = 1, counted apart, let log1p keep the others."""
    shift = peak(m, xs)
    leads = [m.eq(x, shift) for x in xs]
    others = fold(m.where(lead, 0.0, shifted_exp(m, x, shift)) for lead, x in zip(leads, xs, strict=True))
    return shift, m.log1p((fold(leads) - 1.0) + others)


def shares(m: Any, xs: Sequence[Any]) -> list[Any]:
    """Return exp x / Σ exp x for each of xs."""
    return _shares(m, xs)[-1]


def softmax(m: Any, xs: Sequence[Any]) -> list[Any]:
    """Return the shares, with slopes of their own that keep their digits beside 1."""
    exps, total, found = _shares(m, xs)
    paths = cache(lambda: _softmax_paths(m, exps, found, total))
    return [m.along(share, lambda i=i: paths()[i]) for i, share in enumerate(found)]


def surprisal(m: Any, xs: Sequence[Any]) -> Any:
    """Return -log of the share of the term whose index is the last of xs, as a sum of two numbers that are not < 0."""
    shift, excess = _logsumexp(m, xs[:-1])
    return (shift - take(m, xs)) + excess


def surprisal_slopes(m: Any, xs: Sequence[Any], z: Any) -> list[Any]:
    """Return the shares, but minus the sum of the others for the chosen term: share - 1 loses them beside 1."""
    *terms, index = xs
    chosen = [m.eq(index, float(k)) for k in range(len(terms))]
    exps, total, found = _shares(m, terms)
    known = m.where(m.lt(total, INF), total, NAN)
    others = -fold(m.where(own, 0.0, e) for own, e in zip(chosen, exps, strict=True))
    paths = cache(lambda: _softmax_paths(m, exps, found, total))
    slopes = [m.where(own, others, e) / known for own, e in zip(chosen, exps, strict=True)]
    return [*(m.along(d, lambda k=k: paths()[k] - chosen[k]) for k, d in enumerate(slopes)), None]


def _shares(m: Any, xs: Sequence[Any]) -> tuple[list[Any], Any, list[Any]]:
    """Return exp(x - max) for each of xs, their sum, and the quotients by it."""
    shift = peak(m, xs)
    exps = [shifted_exp(m, x, shift) for x in xs]
    total = fold(exps)
    return exps, total, [e / total for e in exps]


def _softmax_paths(m: Any, exps: Sequence[Any], shares: Sequence[Any], total: Any) -> list[Any]:
    """Return the shares, but 1 - the others' for one above ½: its slope share·(1 - share) loses the others beside 1."""
    leads = [m.gt(share, 0.5) for share in shares]
    others = fold(m.where(lead, 0.0, e) for lead, e in zip(leads, exps, strict=True))
    return [m.where(lead, 1.0 - others / total, share) for lead, share in zip(leads, shares, strict=True)]


def take(m: Any, xs: Sequence[Any]) -> Any:
    """Return the term whose index is the last of xs, counted from 0; nan for an index of none."""
    *terms, index = xs
    return reduce(lambda z, k: m.where(m.eq(index, float(k)), terms[k], z), range(len(terms)), NAN)


def take_slopes(m: Any, xs: Sequence[Any], z: Any) -> list[Any]:
    """Return 1 for the term that is taken, 0 for the others, and None for the index."""
    return [*(m.where(m.eq(xs[-1], float(k)), 1.0, 0.0) for k in range(len(xs) - 1)), None]

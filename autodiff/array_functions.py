"""Functions of NumPy that would leave the table: they make plain arrays, read dtypes or run in LAPACK.

Each is stated here by ufuncs and reductions, or refused with the remedy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import ufuncs
from .arithmetic import INF
from .row import functions

LAPACK = "runs in LAPACK, which takes no Values. Write the elimination with `+`, `*`, `/` on the elements"
# fmt: off
DECOMPOSITIONS = ("cholesky", "cond", "det", "eig", "eigh", "eigvals", "eigvalsh", "inv", "lstsq", "matrix_rank",
                  "pinv", "qr", "slogdet", "solve", "svd", "svdvals", "tensorinv", "tensorsolve")
# fmt: on
REFUSED = {
    np.interp: "takes no Values. Write the pieces with `np.where`",
    **{getattr(np.linalg, name): LAPACK for name in DECOMPOSITIONS if hasattr(np.linalg, name)},
}


def refuse(function: Callable[..., Any]) -> None:
    """Raise TypeError for a function of `REFUSED`, with the remedy."""
    if function in REFUSED:
        module = function.__module__.replace("numpy", "np")
        raise TypeError(f"`{module}.{function.__name__}` {REFUSED[function]}")


def clip(x: Any, a_min: Any = None, a_max: Any = None, out: Any = None, **options: Any) -> Any:
    """Return elements limited by the row `clamp`, whose slope at a bound is 1; where bounds cross, the upper one."""
    low, high = options.pop("min", a_min), options.pop("max", a_max)
    ufuncs.check("clip", options)
    clamp = functions["clamp"]
    limited = ufuncs.broadcast(clamp, (x, -INF if low is None else low, INF))
    if high is not None:
        limited = ufuncs.broadcast(clamp, (limited, -INF, high))
    return ufuncs.put(limited, out)


def nan_to_num(x: Any, copy: bool = True, nan: float = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """Return elements, and numbers in place of nan and of the infinities, by which nothing has a slope."""
    if not copy:
        raise TypeError("`np.nan_to_num` of Values takes `copy=True`: an element is not changed")
    largest, where = float(np.finfo(np.float64).max), functions["where"]
    found = ufuncs.broadcast(where, (np.greater(x, largest), largest if posinf is None else posinf, x))
    found = ufuncs.broadcast(where, (np.less(x, -largest), -largest if neginf is None else neginf, found))
    return ufuncs.broadcast(where, (np.equal(x, x), found, nan))


def vdot(x: Any, y: Any) -> Any:
    """Return the sum of products of all elements."""
    return np.dot(np.ravel(x), np.ravel(y))


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:  # noqa: A002 (NumPy's name)
    """Return norms of vectors, and of matrices the Frobenius norm and those by sums of rows or columns."""
    axes = axis if axis is None or isinstance(axis, tuple) else (axis,)
    axes = tuple(range(x.ndim)) if axes is None else axes
    if ord is None or (ord == "fro" and len(axes) == 2) or (ord == 2 and len(axes) == 1):
        return np.sqrt(np.sum(x * x, axis=axes, keepdims=keepdims))
    if len(axes) == 2 and ord in (1, -1, np.inf, -np.inf):
        first, second = axes if abs(ord) == 1 else axes[::-1]
        sums = np.sum(abs(x), axis=first, keepdims=True)
        found = (np.max if ord > 0 else np.min)(sums, axis=second, keepdims=True)
        return found if keepdims else np.squeeze(found, axis=axes)
    if len(axes) != 1 or isinstance(ord, str):
        raise TypeError(f"`np.linalg.norm` of Values has no matrix norm {ord!r}: it {LAPACK}")
    if abs(ord) == np.inf:
        return (np.max if ord > 0 else np.min)(abs(x), axis=axes, keepdims=keepdims)
    if ord == 0:
        return np.sum(x != 0.0, axis=axes, keepdims=keepdims)
    total = np.sum(abs(x) if ord == 1 else abs(x) ** ord, axis=axes, keepdims=keepdims)
    return total if ord == 1 else total ** (1.0 / ord)


def quantile(x: Any, q: Any, axis: Any = None, *, keepdims: bool = False, method: str = "linear") -> Any:
    """Return quantiles by linear interpolation between the two elements beside them."""
    if method != "linear":
        raise TypeError(f"`np.quantile` of Values takes method='linear', got {method!r}")
    if isinstance(axis, tuple):
        raise TypeError(f"`np.quantile` of Values takes one axis or None, got {axis!r}")
    ordered = np.sort(np.ravel(x)) if axis is None else np.moveaxis(np.sort(x, axis=axis), axis, 0)
    places = np.asarray(q, dtype=np.float64) * (len(ordered) - 1)
    if not np.all((places >= 0) & (places <= len(ordered) - 1)):
        raise ValueError("Quantiles must be in the range [0, 1]")
    lower = np.minimum(np.floor(places).astype(int), max(len(ordered) - 2, 0))
    share = (places - lower).reshape(places.shape + (1,) * (ordered.ndim - 1))
    upper = np.minimum(lower + 1, len(ordered) - 1)
    result = ordered[lower] + (ordered[upper] - ordered[lower]) * (share if share.ndim else float(share))
    if keepdims:
        kept = (1,) * x.ndim if axis is None else tuple(1 if a == axis % x.ndim else n for a, n in enumerate(x.shape))
        return np.reshape(result, places.shape + kept)
    return result


def percentile(x: Any, q: Any, axis: Any = None, *, keepdims: bool = False, method: str = "linear") -> Any:
    """Return quantiles at per cents."""
    return quantile(x, np.asarray(q, dtype=np.float64) / 100.0, axis, keepdims=keepdims, method=method)


def cov(m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: int | None = None) -> Any:
    """Return the covariances of variables, each a row or, unless `rowvar`, a column."""
    rows = [np.atleast_2d(x) if rowvar or np.ndim(x) < 2 else np.transpose(x) for x in (m, y) if x is not None]
    x = np.concatenate(rows)
    count = x.shape[1] - ((not bias) if ddof is None else ddof)
    deviations = x - np.mean(x, axis=1, keepdims=True)
    return np.squeeze(deviations @ np.transpose(deviations) / count)


def corrcoef(x: Any, y: Any = None, rowvar: bool = True) -> Any:
    """Return the correlations of variables."""
    c = np.atleast_2d(cov(x, y, rowvar))
    deviations = np.sqrt(np.diag(c))
    return np.squeeze(c / deviations[:, None] / deviations[None, :])


def gradient(x: Any, *spacing: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Return central differences, one-sided at the ends, along each axis, for a uniform spacing."""
    if edge_order != 1 or any(np.ndim(h) for h in spacing):
        raise TypeError("`np.gradient` of Values takes `edge_order=1` and one number as the spacing of an axis")
    axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    steps = [*spacing] * (1 if len(spacing) == len(axes) else len(axes)) or [1.0] * len(axes)
    found = []
    for a, h in zip(axes, steps, strict=True):
        y = np.moveaxis(x, a, 0)
        if len(y) < 2:
            raise ValueError(f"`np.gradient` takes at least 2 elements along axis {a}, got {len(y)}")
        rises = np.concatenate([y[1:2] - y[:1], (y[2:] - y[:-2]) / 2.0, y[-1:] - y[-2:-1]])
        found.append(np.moveaxis(rises / h, 0, a))
    return found[0] if len(found) == 1 else tuple(found)


def select(conditions: Any, choices: Any, default: Any = 0) -> Any:
    """Return elements of the first choice whose condition holds."""
    result = default
    for condition, choice in reversed(list(zip(conditions, choices, strict=True))):
        result = np.where(ufuncs.decided(condition), choice, result)
    return result


STATED: dict[Any, Callable[..., Any]] = {
    np.clip: clip,
    np.nan_to_num: nan_to_num,
    np.vdot: vdot,
    np.linalg.norm: norm,
    np.quantile: quantile,
    np.percentile: percentile,
    np.cov: cov,
    np.corrcoef: corrcoef,
    np.gradient: gradient,
    np.select: select,
}

"""Values by textbook formulas of their own, inside the domain: the sweep's truth where a row is more than a function.

A value column that is good to 53 bits only, or wrong in one branch, would be its own truth if mpmath read it. Slopes
are those of `truth.py`, but for two rows where that is ten times slower than a formula for points inside the domain,
and two whose value column has a rounded factor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mpmath
from mpmath import mpf

from autodiff.row import Primitive

from ..conftest import multiprecision
from . import truth

Formula = Callable[..., Any]


def value(row: Primitive, xs: Sequence[Any]) -> Any:
    """Return the value of `row` at mpf numbers inside its domain."""
    return VALUES[row.name](*xs) if row.name in VALUES else truth.value(row, xs)


def slopes(row: Primitive, xs: Sequence[Any]) -> list[Any]:
    """Return the first partials of `row` at mpf numbers inside its domain, None where it is locally constant."""
    return SLOPES[row.name](*xs) if row.name in SLOPES else truth.slopes(row, xs)


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + mpmath.exp(-x))


def _power(x: Any, y: Any) -> Any:
    return mpmath.exp(y * mpmath.log(x))


def _power_slopes(x: Any, y: Any) -> list[Any]:
    z = _power(x, y)
    return [y * z / x, z * mpmath.log(x)]


def _logsumexp(*xs: Any) -> Any:
    largest, *others = sorted(xs, reverse=True)
    return largest + mpmath.log1p(mpmath.fsum(mpmath.exp(x - largest) for x in others))


def _softmax(*xs: Any) -> list[Any]:
    largest = max(xs)
    shares = [mpmath.exp(x - largest) for x in xs]
    total = mpmath.fsum(shares)
    return [share / total for share in shares]


def _surprisal(*xs: Any) -> Any:
    *terms, index = xs
    own = terms[int(index)]
    return mpmath.log1p(mpmath.fsum(mpmath.exp(x - own) for k, x in enumerate(terms) if k != index))


VALUES: dict[str, Formula] = {
    "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
    "pow": _power,
    "sigmoid": _sigmoid,
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "silu": lambda x: x * _sigmoid(x),
    "gelu": lambda x: x * multiprecision.erfc(-x / mpmath.sqrt(2)) / 2,
    "relu": lambda x: max(x, mpf(0)),
    "leaky_relu": lambda x, y: x if x > 0 else y * x,
    "elu": lambda x, y: x if x > 0 else y * mpmath.expm1(x),
    "maximum": max,
    "minimum": min,
    "clamp": lambda x, y, w: min(max(x, y), w),
    "hypot": lambda x, y: mpmath.sqrt(x * x + y * y),
    "xlogy": lambda x, y: x * mpmath.log(y),
    "logit": lambda x: mpmath.log(x) - mpmath.log1p(-x),
    "degrees": mpmath.degrees,
    "radians": mpmath.radians,
    "log_sigmoid": lambda x: -mpmath.log1p(mpmath.exp(-x)),
    "softsign": lambda x: x / (1 + abs(x)),
    "relu6": lambda x: min(max(x, mpf(0)), mpf(6)),
    "hard_tanh": lambda x: min(max(x, mpf(-1)), mpf(1)),
    "hard_sigmoid": lambda x: min(max(x + 3, mpf(0)), mpf(6)) / 6,
    "hard_swish": lambda x: x * min(max(x + 3, mpf(0)), mpf(6)) / 6,
    "norm": lambda *xs: mpmath.sqrt(mpmath.fsum(x * x for x in xs)),
    "logsumexp": _logsumexp,
    "surprisal": _surprisal,
}
SLOPES: dict[str, Formula] = {
    "pow": _power_slopes,
    "logsumexp": _softmax,
    "degrees": lambda x: [180 / mpmath.pi],  # those of `truth.py` belong to the value column
    "radians": lambda x: [mpmath.pi / 180],
}

"""The truth about every row by mpmath: values read from the table, first partials by textbook formulas of their own.

The formulas are a second statement of every derivative, made apart from the rows, so that a wrong partial cannot hide;
a row without one here gets mpmath's central differences of its value column. Everything is computed at the working
precision of the caller (`mpmath.workprec`), and no formula loses more digits than its conditioning demands.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import mpmath
from mpmath import mpf

from autodiff.row import Primitive

from ..conftest import multiprecision

Formula = Callable[..., Any]
SELU, SELU_BELOW = mpf(1.0507009873554805), mpf(1.7580993408473769)


def _gauss(x: Any) -> Any:
    return mpmath.exp(-x * x / 2) / mpmath.sqrt(2 * mpmath.pi)


def _cdf(x: Any) -> Any:
    return multiprecision.erfc(-x / mpmath.sqrt(2)) / 2


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + mpmath.exp(-x))


def _step(x: Any, y: Any) -> Any:
    return mpf(1) if x > y else mpf(0) if x < y else mpf("0.5")


def _norm(x: Any, y: Any) -> Any:
    return mpmath.sqrt(x * x + y * y)


def _power_slope(x: Any, y: Any) -> Any:
    return y * mpmath.power(x, y - 1)


# fmt: off
SLOPES: dict[str, tuple[Formula | None, ...]] = {
    "add": (lambda x, y: mpf(1), lambda x, y: mpf(1)),
    "sub": (lambda x, y: mpf(1), lambda x, y: mpf(-1)),
    "mul": (lambda x, y: y, lambda x, y: x),
    "div": (lambda x, y: 1 / y, lambda x, y: -x / (y * y)),
    "neg": (lambda x: mpf(-1),),
    "square": (lambda x: 2 * x,),
    "reciprocal": (lambda x: -1 / (x * x),),
    "sqrt": (lambda x: 1 / (2 * mpmath.sqrt(x)),),
    "cbrt": (lambda x: 1 / (3 * mpmath.cbrt(x * x)),),
    "pow": (_power_slope, lambda x, y: mpmath.power(x, y) * mpmath.log(x)),
    "exp": (lambda x: mpmath.exp(x),),
    "exp2": (lambda x: mpmath.power(2, x) * mpmath.log(2),),
    "expm1": (lambda x: mpmath.exp(x),),
    "log": (lambda x: 1 / x,),
    "log2": (lambda x: 1 / (x * mpmath.log(2)),),
    "log10": (lambda x: 1 / (x * mpmath.log(10)),),
    "log1p": (lambda x: 1 / (1 + x),),
    "sin": (lambda x: mpmath.cos(x),),
    "cos": (lambda x: -mpmath.sin(x),),
    "tan": (lambda x: mpmath.sec(x) ** 2,),
    "asin": (lambda x: 1 / mpmath.sqrt((1 - x) * (1 + x)),),
    "acos": (lambda x: -1 / mpmath.sqrt((1 - x) * (1 + x)),),
    "atan": (lambda x: 1 / (1 + x * x),),
    "atan2": (lambda x, y: y / (x * x + y * y), lambda x, y: -x / (x * x + y * y)),
    "sinh": (lambda x: mpmath.cosh(x),),
    "cosh": (lambda x: mpmath.sinh(x),),
    "tanh": (lambda x: mpmath.sech(x) ** 2,),
    "asinh": (lambda x: 1 / mpmath.sqrt(x * x + 1),),
    "acosh": (lambda x: 1 / mpmath.sqrt((x - 1) * (x + 1)),),
    "atanh": (lambda x: 1 / ((1 - x) * (1 + x)),),
    "sigmoid": (lambda x: mpmath.sech(x / 2) ** 2 / 4,),
    "softplus": (_sigmoid,),
    "silu": (lambda x: _sigmoid(x) * (1 + x * _sigmoid(-x)),),
    "gelu": (lambda x: _cdf(x) + x * _gauss(x),),
    "erf": (lambda x: 2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-x * x),),
    "erfc": (lambda x: -2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-x * x),),
    "relu": (lambda x: mpf(x > 0),),
    "leaky_relu": (lambda x, y: mpf(1) if x > 0 else y, lambda x, y: min(x, mpf(0))),
    "elu": (lambda x, y: mpf(1) if x > 0 else y * mpmath.exp(x), lambda x, y: mpmath.expm1(min(x, mpf(0)))),
    "abs": (lambda x: mpmath.sign(x),),
    "sign": (lambda x: mpf(0),),
    "maximum": (lambda x, y: _step(x, y), lambda x, y: _step(y, x)),
    "minimum": (lambda x, y: _step(y, x), lambda x, y: _step(x, y)),
    "clamp": (lambda x, y, w: mpf(y <= x <= w), lambda x, y, w: mpf(x < y), lambda x, y, w: mpf(x > w and x >= y)),
    "hypot": (lambda x, y: x / _norm(x, y), lambda x, y: y / _norm(x, y)),
    "xlogy": (lambda x, y: mpmath.log(y), lambda x, y: x / y),
    "fmod": (lambda x, y: mpf(1), lambda x, y: -mpmath.sign(x / y) * mpmath.floor(abs(x / y))),
    "mod": (lambda x, y: mpf(1), lambda x, y: -mpmath.floor(x / y)),
    "ieee_remainder": (lambda x, y: mpf(1), lambda x, y: -mpmath.nint(x / y)),
    "copysign": (lambda x, y: mpmath.sign(x) * (-1 if y < 0 else 1), None),
    "exp10": (lambda x: mpmath.power(10, x) * mpmath.log(10),),
    "logit": (lambda x: 1 / (x * (1 - x)),),
    "degrees": (lambda x: mpf(math.degrees(1.0)),),
    "radians": (lambda x: mpf(math.radians(1.0)),),
    "log_sigmoid": (lambda x: _sigmoid(-x),),
    "softsign": (lambda x: 1 / (1 + abs(x)) ** 2,),
    "selu": (lambda x: SELU if x > 0 else SELU_BELOW * mpmath.exp(x),),
    "relu6": (lambda x: mpf(0 < x < 6),),
    "hard_tanh": (lambda x: mpf(-1 < x < 1),),
    "hard_sigmoid": (lambda x: mpf(-3 < x < 3) / 6,),
    "hard_swish": (lambda x: (2 * x + 3) / 6 if -3 < x < 3 else mpf(x >= 3),),
    "where": (None, lambda c, x, y: mpf(c != 0), lambda c, x, y: mpf(c == 0)),
}
# fmt: on


def _sum(xs: Sequence[Any]) -> list[Any]:
    return [mpf(1)] * len(xs)


def _dot(xs: Sequence[Any]) -> list[Any]:
    half = len(xs) // 2
    return [*xs[half:], *xs[:half]]


def _norms(xs: Sequence[Any]) -> list[Any]:
    size = mpmath.sqrt(mpmath.fsum(x * x for x in xs))
    return [x / size for x in xs]


def _logsumexp(xs: Sequence[Any]) -> list[Any]:
    return [1 / mpmath.fsum(mpmath.exp(y - x) for y in xs) for x in xs]


def _take(xs: Sequence[Any]) -> list[Any]:
    return [*(mpf(k == xs[-1]) for k in range(len(xs) - 1)), None]


def _surprisal(xs: Sequence[Any]) -> list[Any]:
    *terms, index = xs
    there = [k for k, x in enumerate(terms) if x != -mpmath.inf]
    odds = [mpmath.fsum(mpmath.exp(terms[k] - x) for k in there if k != i) for i, x in enumerate(terms)]
    return [*((-1 / (1 + 1 / o) if o else -o) if i == index else 1 / (1 + o) for i, o in enumerate(odds)), None]


VARIADIC: dict[str, Formula] = {"sum": _sum, "dot": _dot, "norm": _norms, "logsumexp": _logsumexp, "take": _take}
VARIADIC["surprisal"] = _surprisal


def value(row: Primitive, xs: Sequence[Any]) -> Any:
    """Return the value of `row` at mpf numbers xs: its value column, read by mpmath."""
    return row.evaluate(multiprecision, xs)


def slopes(row: Primitive, xs: Sequence[Any]) -> list[Any]:
    """Return the first partials of `row` at xs, None where it is locally constant."""
    if row.variadic and row.name in VARIADIC:
        return list(VARIADIC[row.name](xs))
    if row.name in SLOPES:
        return [formula and formula(*xs) for formula in SLOPES[row.name]]
    constant = [not row.variadic and rule is None for rule in (row.partials if not row.variadic else xs)]
    return [None if none else quotient(row, xs, i) for i, none in enumerate(constant)]


def quotient(row: Primitive, xs: Sequence[Any], i: int) -> Any:
    """Return ∂value/∂xᵢ as a central difference of the value column, at three times the working precision."""
    bits = mpmath.mp.prec
    step = (min(1, abs(xs[i])) or 1) * mpf(2) ** -bits
    with mpmath.workprec(4 * bits):
        above, below = ([x + sign * step if k == i else x for k, x in enumerate(xs)] for sign in (1, -1))
        return (row.evaluate(multiprecision, above) - row.evaluate(multiprecision, below)) / (2 * step)

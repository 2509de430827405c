"""Arithmetics: the elementary functions that rules call as `m.exp` …, each stated once, and two scalar readings.

A rule of the table is a term over `m`. Given `floats` it is plain `math`, which raises where IEEE 754 has a result;
given `ieee` it is the same arithmetic made total. Text, NumPy arrays and Values are further readings, made above.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from keyword import iskeyword
from numbers import Rational, Real
from typing import Any, Literal, NamedTuple

from . import limits, trigonometry
from .limits import divide

INF, NAN = math.inf, math.nan
FLOAT_ERRORS = limits.ERRORS
# What a reading must know beside a function's results: a test gives 1.0 or 0.0, a choice takes one of its two branches
# by its first operand, an identity gives its first operand, but not its derivative.
Kind = Literal["ordinary", "test", "choice", "identity"]


class Function(NamedTuple):
    """An elementary function of `m`: how floats, NumPy, native code and text evaluate it."""

    name: str
    scalar: Callable[..., float]  # of floats; may raise FLOAT_ERRORS
    limit: Callable[..., float]  # the IEEE result where it does
    numpy: str | Callable[..., Any] | None
    libm: str | None
    text: str
    kind: Kind = "ordinary"
    far: float = INF  # beyond it `scalar` is more exact than NumPy, libm and text, and asked by all


class Reading:
    """A namespace of elementary functions: `implement` makes each when it is first asked for."""

    def __init__(self, implement: Callable[[Function], Callable[..., Any]]) -> None:
        self.implement = implement

    def __getattr__(self, name: str) -> Any:
        if name not in FUNCTIONS:
            raise AttributeError(f"no elementary function `{name}` in m; add it with `autodiff.elementary`")
        function = self.implement(FUNCTIONS[name])
        setattr(self, name, function)  # so the next look-up is an ordinary attribute
        return function


class Arithmetic(Reading):
    """A reading over one kind of number, in the registry; `lift` and `lower` convert from and to floats."""

    def __init__(
        self,
        name: str,
        implement: Callable[[Function], Callable[..., Any]],
        *,
        lift: Callable[[float], Any] = float,
        lower: Callable[[Any], float] = float,
    ) -> None:
        super().__init__(implement)
        self.name, self.lift, self.lower = name, lift, lower
        ARITHMETICS[name] = self


ARITHMETICS: dict[str, Arithmetic] = {}
FUNCTIONS: dict[str, Function] = {}
RESERVED = ("name", "implement", "lift", "lower")  # attributes of an arithmetic that are no elementary function


def elementary(
    name: str,
    function: Callable[..., float],
    *,
    limit: Callable[..., float] = limits.undefined,
    numpy: str | Callable[..., Any] | None = None,
    libm: str | None = None,
    text: str | None = None,
) -> None:
    """Add an elementary function to the arithmetics, so that rules may call it as `m.name`.

    On Values, where a rule that calls it is differentiated again, it needs a row of its name (`autodiff.primitive`).
    `function` takes and returns floats and may raise ArithmeticError or ValueError; `limit` then gives the IEEE
    result (nan unless told otherwise). `numpy` is a NumPy function or its name (without it, elements are taken one
    by one), `libm` a C symbol, `text` Python source with one `{}` an argument, which has a `limit` that is given
    written into it; where it raises, exported Python has nan. Raises ValueError for a taken name.

    >>> import math, autodiff
    >>> autodiff.elementary("lgamma", math.lgamma, limit=lambda x: math.inf)
    """
    if not name.isidentifier() or iskeyword(name) or name in FUNCTIONS or name in RESERVED:
        raise ValueError(f"`{name}` is no free identifier; m already has {', '.join(FUNCTIONS)}")
    FUNCTIONS[name] = Function(name, function, limit, numpy, libm, text or "")


def number(x: Any, caller: str) -> float:
    """Return x as a float64. Raises TypeError, naming `caller` and the remedy, for what is no real number."""
    if is_array_scalar(x) and x.dtype.kind in "biuf":
        x = x.item()
    try:
        if isinstance(x, Real) and not is_array_scalar(x):
            return float(x)
    except OverflowError:
        raise OverflowError(f"`{caller}` got a number that is more than a float64 holds; scale it down") from None
    except TypeError:
        if type(x).__name__ not in REMEDIES:
            raise
    shown = repr(x) if len(repr(x)) <= 60 else repr(x)[:57] + "..."
    remedy = REMEDIES.get(type(x).__name__, "Convert it with `float` first")
    raise TypeError(f"`{caller}` takes Values or numbers, got {type(x).__name__} {shown}. {remedy}.")


def is_comparison(name: str) -> bool:
    """Tell whether an operation compares two numbers."""
    return name in FUNCTIONS and FUNCTIONS[name].kind == "test"


def comparable(name: str, x: Any, y: Any) -> tuple[Any, Any]:
    """Return the operands of a comparison with floats in place of rationals that no float equals, such as 2**53 + 1.

    They compare with every float as the rationals do: x < n where x is less than the float above n.
    """
    exact = [isinstance(o, Rational) and _rounds(o) for o in (x, y)]
    if all(exact):
        return float((x > y) - (x < y)), 0.0
    up = (name in ("lt", "ge")) == exact[1]
    found = [_beside(o, up=up) if on else o for o, on in zip((x, y), exact, strict=True)]
    equality = name in ("eq", "ne") and any(exact)
    return tuple(NAN if equality and on else o for o, on in zip(found, exact, strict=True))  # type: ignore[return-value]


def _rounds(n: Rational) -> bool:
    """Return whether a float holds no number that is equal to n."""
    try:
        return float(n) != n
    except OverflowError:
        return True


def _beside(n: Any, *, up: bool) -> float:
    """Return the next float above or below n, which is no float."""
    try:
        nearest = float(n)
    except OverflowError:
        nearest = INF if n > 0 else -INF
    if nearest == n or (nearest > n) == up:
        return nearest
    return math.nextafter(nearest, INF if up else -INF)


def is_array_scalar(x: Any) -> bool:
    """Tell whether x is a NumPy scalar, np.bool_ included, or an array of no dimension."""
    return hasattr(type(x), "__array_interface__") and x.ndim == 0


def is_array(x: Any) -> bool:
    """Tell whether x is a NumPy array, or something that behaves as one, with at least one dimension."""
    return hasattr(type(x), "__array_ufunc__") and getattr(x, "ndim", 0) > 0


REMEDIES = {
    "Value": "It is one already; use `v.data`, or `detach(v)` for its number as a constant",
    "complex": "Use its `real` and `imag` parts",
    "NoneType": "Did a function forget to `return`",
    "list": "Make it a `ValueArray`, or take its elements one by one; a count is an int, and no Value",
    "tuple": "Make it a `ValueArray`, or take its elements one by one; a count is an int, and no Value",
}


_LIMITS: dict[str, Callable[[float], float]] = {
    **dict.fromkeys(("exp", "exp2", "expm1", "cosh"), limits.overflow),
    **dict.fromkeys(("log", "log2", "log10"), limits.pole_of_log),
    "sinh": limits.odd_overflow,
    "log1p": limits.pole_of_log1p,
    "atanh": limits.poles_of_atanh,
}
for _name, _numpy in {
    **{name: name for name in ("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "cbrt")},
    **{name: name for name in ("sinh", "cosh", "tanh")},
    **{f"a{name}": f"arc{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **dict.fromkeys(("erf", "erfc")),
}.items():
    limit = _LIMITS.get(_name, limits.undefined)
    elementary(_name, getattr(math, _name), limit=limit, numpy=_numpy, libm=_name, text=f"math.{_name}({{}})")
for _name in ("sin", "cos", "tan"):
    _scalar, _text = getattr(trigonometry, _name), f"math.{_name}({{}})"
    FUNCTIONS[_name] = Function(_name, _scalar, limits.undefined, _name, _name, _text, far=trigonometry.FAR)
elementary("atan2", math.atan2, numpy="arctan2", libm="atan2", text="math.atan2({}, {})")
elementary(
    "floor",
    lambda x: math.copysign(math.floor(x), x),
    limit=limits.same,
    numpy="floor",
    libm="floor",
    text="math.copysign(math.floor({0}), {0})",
)
elementary(
    "round",  # ties to even
    lambda x: math.copysign(x - math.remainder(x, 1.0), x),
    limit=limits.same,
    numpy="rint",
    libm="rint",
    text="math.copysign({0} - math.remainder({0}, 1.0), {0})",
)
elementary("pow", math.pow, limit=limits.power, numpy="power", libm="pow", text="math.pow({}, {})")
elementary("abs", math.fabs, numpy="absolute", libm="fabs", text="math.fabs({})")
elementary("copysign", math.copysign, numpy="copysign", libm="copysign", text="math.copysign({}, {})")
elementary("fmod", math.fmod, numpy="fmod", libm="fmod", text="math.fmod({}, {})")
elementary("ieee_remainder", math.remainder, libm="remainder", text="math.remainder({}, {})")
for _function in (
    Function("gt", lambda x, y: 1.0 if x > y else 0.0, limits.undefined, "greater", None, "{} > {}", "test"),
    Function("ge", lambda x, y: 1.0 if x >= y else 0.0, limits.undefined, "greater_equal", None, "{} >= {}", "test"),
    Function("lt", lambda x, y: 1.0 if x < y else 0.0, limits.undefined, "less", None, "{} < {}", "test"),
    Function("le", lambda x, y: 1.0 if x <= y else 0.0, limits.undefined, "less_equal", None, "{} <= {}", "test"),
    Function("eq", lambda x, y: 1.0 if x == y else 0.0, limits.undefined, "equal", None, "{} == {}", "test"),
    Function("ne", lambda x, y: 1.0 if x != y else 0.0, limits.undefined, "not_equal", None, "{} != {}", "test"),
    Function("where", lambda c, x, y: x if c else y, limits.undefined, "where", None, "{1} if {0} else {2}", "choice"),
    Function("detach", lambda x: x, limits.undefined, lambda x: x, None, "{}", "identity"),
    # m.along(x, path): x, with the derivatives of path(), a term equal to x that keeps their digits; for Values alone
    Function("along", lambda x, path: x, limits.undefined, lambda x, path: x, None, "{}", "identity"),
):
    FUNCTIONS[_function.name] = _function

floats = Arithmetic("floats", lambda function: function.scalar)


class IEEE(float):
    """A float whose arithmetic never raises."""

    __slots__ = ()

    def __truediv__(self, other: float) -> IEEE:
        return IEEE(divide(self, float(other))) if issubclass(type(other), (float, int)) else NotImplemented

    def __rtruediv__(self, other: float) -> IEEE:
        return IEEE(divide(float(other), self)) if issubclass(type(other), (float, int)) else NotImplemented


def _closed(name: str) -> Callable[..., IEEE]:
    operation = getattr(float, name)

    def operate(*operands: float) -> IEEE:
        result = operation(*operands)
        return result if result is NotImplemented else IEEE(result)

    return operate


for _name in ("add", "radd", "sub", "rsub", "mul", "rmul", "neg"):
    setattr(IEEE, f"__{_name}__", _closed(f"__{_name}__"))


def _total(function: Function) -> Callable[..., IEEE]:
    def evaluate(*operands: float) -> IEEE:
        try:
            return IEEE(function.scalar(*operands))
        except FLOAT_ERRORS:
            return IEEE(function.limit(*operands))

    return evaluate


ieee = Arithmetic("ieee", _total, lift=IEEE)


def of_numbers(name: str, operands: Iterable[float]) -> float:
    """Return the elementary function `name` of plain numbers by IEEE 754."""
    return float(getattr(ieee, name)(*map(IEEE, operands)))

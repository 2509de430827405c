"""Where PyTorch and JAX differ from us, and why: measured with PyTorch 2.13 and JAX 0.10 on x86-64.

`tests/test_oracles.py` checks that every entry still holds at its point, and that nothing differs that is in none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

from autodiff.arithmetic import INF, NAN


class Known(NamedTuple):
    """A disagreement: what they and we give at a point, for each of the rows and columns, and where else they differ.

    The region is a predicate of our result and the operands; an entry for the row "any" has its point at `exp`.
    """

    who: str
    rows: str
    columns: str
    point: tuple[float, ...]
    theirs: float
    ours: float
    region: Callable[..., bool]
    why: str

    def covers(self, who: str, row: str, column: str, result: float, point: tuple[float, ...]) -> bool:
        """Tell whether `column` of `row` at `point`, where we give `result`, is known to differ from `who`."""
        named = self.rows == "any" or (row in self.rows.split() and column in self.columns.split())
        return named and who in self.who.split() and self.region(result, *point)

    def instances(self) -> Iterator[tuple[str, str, str]]:
        """Yield every library, row and column that the entry names."""
        for who in self.who.split():
            for row in ("exp",) if self.rows == "any" else self.rows.split():
                yield from ((who, row, column) for column in self.columns.split())


def subnormal(*numbers: float) -> bool:
    return any(0.0 < abs(x) < 2.0**-1021 for x in numbers)  # results a little above the limit are flushed too


def big(x: float) -> bool:
    """Tell whether 1/x² is below the normal numbers, or x² above the finite ones."""
    return abs(x) > 6.7e153


def small(x: float) -> bool:
    """Tell whether x² is below the normal numbers."""
    return abs(x) < 1.5e-154


def tiny_power(x: float, y: float) -> bool:
    return x > 0.0 and y * math.log(x) < -708.0


BOTH = "torch jax"
AFTER = 1.0 - 2.0**-27  # its square is rounded to 1 - 2⁻²⁶, and 1 - x² is 4e-9 of itself off
FLUSHED = "XLA on CPUs takes subnormal operands and results as 0"

# fmt: off
DISAGREEMENTS: list[Known] = [
    Known("jax", "any", "value ∂0", (-710.0,), 0.0, 4.47628622567513e-309, subnormal, FLUSHED),
    Known("jax", "sqrt", "value", (5e-324,), 0.0, 2.2227587494850775e-162, subnormal, FLUSHED),
    Known("jax", "log", "value", (5e-324,), -INF, -744.4400719213812, subnormal, FLUSHED),
    Known("jax", "eq", "value", (5e-324, 0.0), 1.0, 0.0, subnormal, FLUSHED),
    Known("jax", "div", "∂1", (1e-200, 1e-200), -INF, -1e200, lambda z, x, y: big(y) or small(y),
          "-x·y⁻²: the square leaves the range"),
    Known("jax", "reciprocal", "∂0", (7.5e-155,), -INF, -1.7777777777777776e308, lambda z, x: small(x),
          "-x⁻² is computed as 1/x², the square is subnormal and flushed"),
    Known(BOTH, "sqrt", "∂0", (-0.0,), -INF, INF, lambda z, x: x == 0.0, "0.5/√x keeps the sign of -0.0"),
    Known(BOTH, "pow", "∂0", (-1.0, 1e160), 1e160, -1e160, lambda z, x, y: x == -1.0 and abs(y) >= 2.0**53,
          "y·x^(y - 1): y - 1 is rounded to y, an even number"),
    Known(BOTH, "pow", "∂0", (-1.0, 1e-200), -1e-200, NAN, lambda z, x, y: x < 0.0 and z != z,
          "y·x^(y - 1), also where x^y is nan beside y"),
    Known(BOTH, "pow", "∂0", (0.0, INF), NAN, 0.0, lambda z, x, y: x == 0.0 and y == INF, "inf·0"),
    Known(BOTH, "pow", "∂0", (NAN, 1.0), 1.0, NAN, lambda z, x, y: x != x and y == 1.0, "1·x⁰"),
    Known("jax", "pow", "∂0", (0.0, 0.0), NAN, 0.0, lambda z, x, y: y == 0.0 and not abs(x) > 0.0,
          "0·x⁻¹ at 0 and nan"),
    Known("jax", "pow", "∂1", (0.0, -1.0), NAN, -INF, lambda z, x, y: x == 0.0 and y < 0.0, "x^y·log x is masked"),
    Known("jax", "pow", "∂0", (10.0, -308.0), 0.0, -3.08e-307, lambda z, x, y: tiny_power(x, y), FLUSHED),
    Known("jax", "pow", "∂1", (10.0, -308.0), 0.0, 2.302585092994046e-308, lambda z, x, y: tiny_power(x, y), FLUSHED),
    Known("torch", "pow", "∂0", (5e-324, 5e-324), INF, 1.0, lambda z, x, y: subnormal(x) and abs(y) < 0.05,
          "x^(y - 1) overflows"),
    Known("torch", "pow", "∂0", (223.61839757229222, -133.4825584695116), -1.437608429e-314, -1.437608411e-314,
          lambda z, x, y: tiny_power(x, y - 1.0),
          "y·x^(y - 1): the power is subnormal"),
    Known("torch", "pow", "∂1", (1e300, -1.06), 6.9077466e-316, 6.90775526e-316, lambda z, x, y: tiny_power(x, y),
          "x^y·log x: the power is subnormal"),
    Known("jax", "exp2", "value", (1024.0,), 1.7976931348622732e308, INF, lambda z, x: x == 1024.0,
          "exp(x·log 2), the product rounded"),
    Known("jax", "exp2", "∂0", (1024.0,), 1.2460659279417542e308, INF, lambda z, x: x == 1024.0,
          "exp(x·log 2), the product rounded"),
    Known(BOTH, "expm1", "∂0", (-40.0,), 0.0, 4.248354255291589e-18, lambda z, x: -750.0 < x < -8.0, "z + 1 cancels"),
    Known(BOTH, "log log2 log10", "∂0", (-INF,), 0.0, NAN, lambda z, x: x < 0.0, "1/x, also outside the domain"),
    Known(BOTH, "log log2 log10", "∂0", (-0.0,), -INF, INF, lambda z, x: x == 0.0, "1/x keeps the sign of -0.0"),
    Known("torch", "log2", "∂0", (8.02525755320003e-309,), INF, 1.7976931348623153e308,
          lambda z, x: 8.02e-309 < x < 8.03e-309, "1/(x·log 2): the subnormal product is rounded"),
    Known("torch", "log10", "∂0", (1.7e308,), 0.0, 2.554673422960305e-309, lambda z, x: x > 7.8e307 or x < 2.42e-309,
          "1/(x·log 10): the product overflows, or is subnormal and rounded"),
    Known(BOTH, "log1p", "∂0", (-INF,), 0.0, NAN, lambda z, x: x < -1.0, "1/(1 + x), also outside the domain"),
    Known("torch", "asin", "∂0", (AFTER,), 8192.0, 8192.00001525879, lambda z, x: abs(x) > 0.99, "1 - x² cancels"),
    Known("torch", "acos", "∂0", (AFTER,), -8192.0, -8192.00001525879, lambda z, x: abs(x) > 0.99, "1 - x² cancels"),
    Known("torch", "atan", "∂0", (1e160,), 0.0, 1e-320, lambda z, x: big(x) and z != 0.0, "1/(1 + x²): x² overflows"),
    Known(BOTH, "atan2", "∂0", (1.0, 1e160), 0.0, 1e-160, lambda z, x, y: big(x) or big(y), "x² + y² overflows"),
    Known(BOTH, "atan2", "∂1", (1e160, 1.0), 0.0, -1e-160, lambda z, x, y: big(x) or big(y), "x² + y² overflows"),
    Known("torch", "atan2", "∂0", (1e-200, 1e-200), 0.0, 5e199, lambda z, x, y: small(x) and small(y),
          "x² + y² vanishes; its 1/0 is masked"),
    Known("torch", "atan2", "∂1", (1e-200, 1e-200), 0.0, -5e199, lambda z, x, y: small(x) and small(y),
          "x² + y² vanishes; its 1/0 is masked"),
    Known("torch", "atan2", "∂1", (-2.4244e-320, 1.827479883357054e-05), 7.259312708559e-311, 7.2593127183675e-311,
          lambda z, x, y: subnormal(z) and subnormal(x),
          "ours divides twice, and x/y is subnormal: theirs is the nearer"),
    Known("jax", "atan2", "∂0", (1e-200, 1e-200), INF, 5e199, lambda z, x, y: small(x) and small(y),
          "x² + y² vanishes"),
    Known("jax", "atan2", "∂1", (1e-200, 1e-200), -INF, -5e199, lambda z, x, y: small(x) and small(y),
          "x² + y² vanishes"),
    Known("jax", "atan2", "∂0 ∂1", (0.0, 0.0), NAN, 0.0, lambda z, x, y: x == y == 0.0, "0/0"),
    Known("torch", "sinh cosh", "value", (710.47,), INF, 1.787189326768405e308, lambda z, x: 709.7 < abs(x) < 710.5,
          "exp(x)/2: exp overflows before its half"),
    Known("torch", "sinh cosh", "∂0", (710.47,), INF, 1.787189326768405e308, lambda z, x: 709.7 < abs(x) < 710.5,
          "exp(x)/2: exp overflows before its half"),
    Known(BOTH, "tanh", "∂0", (40.0,), 0.0, 7.219405551381661e-35, lambda z, x: 4.0 < abs(x) < 380.0, "1 - z² cancels"),
    Known(BOTH, "asinh acosh", "∂0", (1e160,), 0.0, 1e-160, lambda z, x: big(x), "x² overflows"),
    Known(BOTH, "acosh", "∂0", (-INF,), 0.0, NAN, lambda z, x: x < 1.0, "1/√(x² - 1), also outside the domain"),
    Known("torch", "acosh", "∂0", (1.0 + 2.0**-27,), 8192.0, 8191.999984741211, lambda z, x: 1.0 < x < 1.1,
          "x² - 1 cancels"),
    Known(BOTH, "atanh", "∂0", (INF,), 0.0, NAN, lambda z, x: abs(x) > 1.0, "1/(1 - x²), also outside the domain"),
    Known("torch", "atanh", "∂0", (AFTER,), 2.0**26, 2.0**26 + 0.25, lambda z, x: abs(x) > 0.99, "1 - x² cancels"),
    Known("torch", "sigmoid", "value", (-710.0,), 0.0, 4.47628622567513e-309, lambda z, x: -760.0 < x < -708.0,
          "1/(1 + exp(-x)): exp overflows"),
    Known(BOTH, "sigmoid", "∂0", (40.0,), 0.0, 4.248354255291589e-18, lambda z, x: 8.0 < x < 750.0, "1 - z cancels"),
    Known("torch", "sigmoid", "∂0", (-710.0,), 0.0, 4.47628622567513e-309, lambda z, x: -760.0 < x < -708.0, "z is 0"),
    Known("torch", "softplus", "value", (21.0,), 21.0, 21.000000000758256, lambda z, x: 20.0 < x < 40.0,
          "x itself from 20 on"),
    Known("torch", "softplus", "∂0", (21.0,), 1.0, 0.9999999992417439, lambda z, x: 20.0 < x < 40.0, "1 from 20 on"),
    Known(BOTH, "silu", "value", (-710.0,), 0.0, -3.1781632202293424e-306, lambda z, x: -760.0 < x < -708.0,
          "exp overflows, or is flushed, before it meets x"),
    Known(BOTH, "silu", "∂0", (-710.0,), 0.0, -3.1736869340036676e-306, lambda z, x: -760.0 < x < -708.0,
          "exp overflows, or is flushed, before it meets x"),
    Known(BOTH, "silu gelu", "value", (-INF,), NAN, 0.0, lambda z, x: x == -INF, "-inf·0"),
    Known(BOTH, "silu gelu", "∂0", (-INF,), NAN, 0.0, lambda z, x: x == -INF, "-inf·0"),
    Known(BOTH, "silu gelu", "∂0", (INF,), NAN, 1.0, lambda z, x: x == INF, "inf·0"),
    Known("torch", "gelu", "value", (-9.0,), 0.0, -1.0157295653584566e-18, lambda z, x: -40.0 < x < -3.0,
          "1 + erf cancels"),
    Known("torch", "gelu", "∂0", (-9.0,), -9.251796214502024e-18, -9.13893737390664e-18, lambda z, x: -40.0 < x < -3.0,
          "1 + erf cancels"),
    Known("torch", "relu", "∂0", (NAN,), 1.0, NAN, lambda z, x: x != x, "1 unless x <= 0"),
    Known("jax", "relu", "∂0", (NAN,), 0.0, NAN, lambda z, x: x != x, "0 unless x > 0"),
    Known(BOTH, "leaky_relu", "∂0", (NAN, 0.5), 0.5, NAN, lambda z, x, y: x != x, "the slope unless x > 0"),
    Known("jax", "leaky_relu", "∂0", (0.0, 0.5), 1.0, 0.5, lambda z, x, y: x == 0.0, "1 where x >= 0"),
    Known("jax", "leaky_relu", "value", (0.0, NAN), 0.0, NAN, lambda z, x, y: x == 0.0 and not abs(y) < INF,
          "x where x >= 0"),
    Known("jax", "leaky_relu", "∂0", (1.0, INF), NAN, 1.0, lambda z, x, y: not abs(y) < INF, "0·y of the other branch"),
    Known("jax", "leaky_relu", "∂1", (INF, 1.0), NAN, 0.0, lambda z, x, y: x == INF, "0·x of the other branch"),
    Known("torch", "elu", "∂1", (-INF, 1.0), 0.0, -1.0, lambda z, x, y: not x > 0.0, "its α is a plain number"),
    Known("torch", "elu", "value", (0.0, NAN), 0.0, NAN, lambda z, x, y: x == 0.0 and not abs(y) < INF,
          "x where x >= 0"),
    Known("torch", "elu", "∂0", (NAN, 1.0), 1.0, NAN, lambda z, x, y: x != x, "1 unless x <= 0"),
    Known("jax", "elu", "∂0", (-40.0, 1.0), 0.0, 4.248354255291589e-18, lambda z, x, y: x < -8.0,
          "α·(expm1(x) + 1) cancels"),
    Known("torch", "abs sign", "∂0", (NAN,), 0.0, NAN, lambda z, x: x != x, "sign(nan) is 0, and so is its slope"),
    Known("torch", "sign", "value", (NAN,), 0.0, NAN, lambda z, x: x != x, "(x > 0) - (x < 0)"),
    Known("jax", "abs", "∂0", (0.0,), 1.0, 0.0, lambda z, x: x == 0.0, "1 where x >= 0"),
    Known("jax", "abs", "∂0", (NAN,), -1.0, NAN, lambda z, x: x != x, "-1 unless x >= 0"),
    Known("jax", "sign", "∂0", (NAN,), 0.0, NAN, lambda z, x: x != x, "0 everywhere"),
    Known("torch", "maximum minimum", "∂0 ∂1", (NAN, 1.0), 1.0, NAN, lambda z, x, y: x != x or y != y, "both unmasked"),
    Known("jax", "maximum minimum", "∂0 ∂1", (NAN, 1.0), 0.0, NAN, lambda z, x, y: x != x or y != y, "both masked"),
    Known(BOTH, "clamp", "value", (0.0, 1.0, -1.0), -1.0, 1.0, lambda z, x, y, w: y > w,
          "min(max(x, y), w): the upper bound wins"),
    Known(BOTH, "clamp", "∂0 ∂1 ∂2", (NAN, -1.0, 1.0), 0.0, NAN, lambda z, x, y, w: z != z, "comparisons with nan"),
    Known(BOTH, "clamp", "∂1", (-1.0, 1.0, 0.0), 0.0, 1.0, lambda z, x, y, w: y >= w, "the upper bound wins"),
    Known(BOTH, "clamp", "∂2", (-1.0, 1.0, 0.0), 1.0, 0.0, lambda z, x, y, w: y >= w, "the upper bound wins"),
    Known("jax", "clamp", "∂0", (1.0, -1.0, 1.0), 0.5, 1.0, lambda z, x, y, w: x in (y, w), "ties of min and max: ½"),
    Known("jax", "clamp", "∂1", (-1.0, -1.0, 1.0), 0.5, 0.0, lambda z, x, y, w: x in (y, w), "ties of min and max: ½"),
    Known("jax", "clamp", "∂2", (1.0, -1.0, 1.0), 0.5, 0.0, lambda z, x, y, w: x in (y, w), "ties of min and max: ½"),
    Known("torch", "hypot", "∂0 ∂1", (0.0, 0.0), NAN, 0.0, lambda z, x, y: x == y == 0.0, "0/0"),
    Known("torch", "hypot", "∂0 ∂1", (5e-324, 5e-324), 1.0, 0.7071067811865475,
          lambda z, x, y: subnormal(math.hypot(x, y)), "x/z: the root is subnormal"),
    Known("torch", "hypot", "∂0 ∂1", (1.7e308, 1.7e308), 0.0, 0.7071067811865475,
          lambda z, x, y: max(abs(x), abs(y)) > 1.2e308, "x/z: the root overflows"),
    Known("jax", "hypot", "∂0 ∂1", (0.0, 0.0), 0.5, 0.0, lambda z, x, y: x == y == 0.0, "a tie of max(|x|, |y|)"),
    Known("jax", "hypot", "∂0 ∂1", (1e-200, 1e-200), -INF, 0.7071067811865476,
          lambda z, x, y: small(x) and small(y), "the slope of a scaled root, by the square of the scale"),
    Known("jax", "hypot", "∂0 ∂1", (-1e160, -1e160), -1.0606601717798212, -0.7071067811865475,
          lambda z, x, y: big(x) or big(y), "the slope of a scaled root, by the square of the scale"),
    Known(BOTH, "norm", "value", (1e160, -5e-324, -1.0, -0.0), INF, 1e160, lambda z, *xs: any(map(big, xs)),
          "the sum of the squares overflows"),
    Known(BOTH, "norm", "∂", (1e160, -5e-324, -1.0, -0.0), 0.0, 1.0, lambda z, *xs: any(map(big, xs)),
          "x/z: the sum of the squares overflows"),
    Known(BOTH, "norm", "value", (1e-200, 1e-200, -0.0, 1e-200), 0.0, 1.7320508075688772e-200,
          lambda z, *xs: all(map(small, xs)), "the squares underflow"),
    Known("torch", "norm", "∂", (1e-200, 1e-200, -0.0, 1e-200), 0.0, 0.5773502691896258,
          lambda z, *xs: all(map(small, xs)), "the squares underflow, and the slope at 0 is 0"),
    Known("jax", "norm", "∂", (1e-200, 1e-200, -0.0, 1e-200), INF, 0.5773502691896258,
          lambda z, *xs: all(map(small, xs)), "x/z: the squares underflow"),
    Known(BOTH, "norm", "value", (NAN, 0.0, -1.0000000000000002, -INF), NAN, INF,
          lambda z, *xs: INF in map(abs, xs) and any(x != x for x in xs), "inf whatever the others are, as hypot"),
    Known(BOTH, "norm", "∂", (-INF, -0.9999999999999999, 710.0, 9.0), NAN, -1.0, lambda z, *xs: INF in map(abs, xs),
          "inf/inf, not the limit"),
    Known(BOTH, "xlogy", "value", (0.0, NAN), NAN, 0.0, lambda z, x, y: x == 0.0 and y != y, "nan, also times 0"),
    Known(BOTH, "xlogy", "∂0", (0.0, NAN), NAN, 0.0, lambda z, x, y: x == 0.0 and y != y, "nan, also at x = 0"),
    Known("jax", "xlogy", "∂0", (0.0, 0.0), -INF, 0.0, lambda z, x, y: x == 0.0 and y <= 0.0, "log y, also at x = 0"),
    Known(BOTH, "xlogy", "∂1", (0.0, 0.0), NAN, 0.0, lambda z, x, y: x == 0.0 and not abs(y) > 0.0,
          "x/y is 0/0"),
    Known(BOTH, "xlogy", "∂1", (1.0, -INF), 0.0, NAN, lambda z, x, y: y < 0.0, "x/y, also outside the domain"),
    Known(BOTH, "xlogy", "∂1", (1.0, -0.0), -INF, INF, lambda z, x, y: y == 0.0, "x/y keeps the sign of -0.0"),
    Known("jax", "xlogy", "∂1", (1e308, 1.7e308), 0.0, 0.5882352941176471, lambda z, x, y: y > 4e307,
          "x·(1/y): 1/y is flushed"),
    Known("torch", "fmod mod", "value", (1.0, 5e-324), NAN, 0.0, lambda z, x, y: y != 0.0 and abs(x / y) == INF,
          "x - y·(x/y rounded): the quotient overflows"),
    Known(BOTH, "fmod mod", "∂1", (1.0, 0.0), -INF, NAN, lambda z, x, y: z != z,
          "minus the quotient, also where there is no remainder"),
    Known(BOTH, "copysign", "value ∂0", (1.0, NAN), 1.0, NAN, lambda z, x, y: y != y, "the sign bit of nan"),
    Known("torch", "copysign", "∂0", (INF, 1.0), NAN, 1.0, lambda z, x, y: abs(x) == INF, "z/x is inf/inf"),
    Known("jax", "copysign", "∂0", (0.0, 1.0), 1.0, 0.0, lambda z, x, y: x == 0.0, "1 where x >= 0"),
    Known("jax", "copysign", "∂0", (NAN, 1.0), -1.0, NAN, lambda z, x, y: x != x, "-1 unless x >= 0"),
    Known(BOTH, "logit", "∂0", (-0.0,), -INF, INF, lambda z, x: x == 0.0, "1/x keeps the sign of -0.0"),
    Known("jax", "logit", "∂0", (-1.0,), -0.5, NAN, lambda z, x: not 0.0 <= x <= 1.0,
          "1/(x(1 - x)), also outside the domain"),
    Known(BOTH, "softsign", "value", (INF,), NAN, 1.0, lambda z, x: abs(x) == INF, "inf/inf"),
    Known(BOTH, "softsign", "∂0", (INF,), NAN, 0.0, lambda z, x: abs(x) > 1e3, "1/(1 + |x|) - |x|/(1 + |x|)² cancels"),
    Known("jax", "selu", "∂0", (-40.0,), 0.0, 7.469028815914292e-18, lambda z, x: x < -8.0,
          "λα·(expm1(x) + 1) cancels"),
    Known("torch", "relu6 hard_tanh", "∂0", (NAN,), 0.0, NAN, lambda z, x: x != x,
          "0 unless x is inside; 1 in the last few of an array"),
    Known("torch", "hard_sigmoid", "∂0", (NAN,), 0.0, NAN, lambda z, x: x != x, "0 unless x is inside"),
    Known("torch", "hard_swish", "value", (1.7976931348623157e308,), INF, 1.7976931348623157e308,
          lambda z, x: x > 2.9e307, "x·6/6: the product overflows"),
    Known(BOTH, "hard_swish", "value", (-INF,), NAN, 0.0, lambda z, x: x == -INF, "-inf·0"),
    Known("jax", "relu6 hard_sigmoid", "∂0", (NAN,), 0.0, NAN, lambda z, x: x != x, "0 unless x is inside"),
    Known("jax", "hard_tanh", "∂0", (1.0,), 1.0, 0.0, lambda z, x: abs(x) == 1.0, "1 unless |x| > 1"),
    Known("jax", "hard_tanh", "∂0", (NAN,), 1.0, NAN, lambda z, x: x != x, "1 unless |x| > 1"),
    Known("jax", "dot", "value", (AFTER, AFTER, AFTER, -AFTER), -(2.0**-54), 0.0,
          lambda z, w, x, u, v: w * u * x * v < 0.0, "a product is not rounded before it is added"),
    Known(BOTH, "logsumexp", "value", (-40.0, 0.0, -INF, -INF), 0.0, 4.248354255291589e-18,
          lambda z, *xs: abs(z) < 1e-3, "log(1 + e), not log1p(e)"),
    Known("torch", "logsumexp", "∂", (1e160,) * 4, 1.0, 0.25, lambda z, *xs: 0.0 < z < 1.0 and max(map(abs, xs)) > 1e3,
          "exp(x - z): z has lost what it is above the largest"),
    Known("torch", "logsumexp", "∂", (710.0, INF, 0.0, 0.0), 0.0, NAN, lambda z, *xs: INF in xs and z != z,
          "ours is inf/inf, as exp(710) overflows; for x < 709 it is 0"),
    Known(BOTH, "surprisal", "value", (40.0, 0.0, -9.0, 0.0), 0.0, 4.248878543857925e-18,
          lambda z, *xs: 0.0 < z < 1e-3, "log(1 + e), not log1p(e)"),
    Known(BOTH, "surprisal", "∂", (40.0, 0.0, -9.0, 0.0), 0.0, -4.248878543857925e-18, lambda z, *xs: -1e-3 < z < 0.0,
          "softmax - 1, not minus the sum of the other shares"),
    Known(BOTH, "surprisal", "value", (INF, 9.0, -1.0, 1.0), NAN, INF, lambda z, *xs: z == INF and INF in xs,
          "inf - inf in the share of the infinite term"),
]
# fmt: on

"""Conventions: the `edges` of rows that take more than a line, each with its reason.

An entry is arguments → (value, partial, …), and the first that matches holds. Arguments are numbers, closed intervals,
or `...` for any number and nan; `...` in a result stands for the limit. Throughout: a nan operand gives nan
in all that depends on it; at a boundary stands the one-sided limit, ±inf allowed; at a kink the symmetric value.
"""

from __future__ import annotations

import math

from .arithmetic import INF, NAN
from .row import REAL, Edges, Interval, Outcome, Place

ZERO, BELOW_ZERO = Interval(0.0, 0.0), Interval(high=-5e-324)  # either zero
ABOVE_ZERO = Interval(5e-324)
BELOW_ONE, ABOVE_ONE = Interval(5e-324, math.nextafter(1.0, 0.0)), Interval(math.nextafter(1.0, 2.0))
BELOW_MINUS_ONE = Interval(high=math.nextafter(-1.0, -2.0))
ABOVE_MINUS_ONE = Interval(math.nextafter(-1.0, 0.0), -5e-324)
BELOW_MINUS_1000, BELOW_709 = Interval(high=-1000.0), Interval(high=709.0)  # exp vanishes; exp does not overflow


def unknown(arity: int) -> dict[Place, tuple[float, ...]]:
    """Return the edges of a row that is nan, with every partial, where any one of its arguments is nan."""
    places = [tuple(NAN if i == k else ... for i in range(arity)) for k in range(arity)]
    return dict.fromkeys(places, (NAN,) * (1 + arity))


# At 0/0 the numerator's partial is 1/y as everywhere, so a zero keeps its sign there.
DIV: Edges = {(1.0, 0.0): (INF, INF, -INF), (-1.0, 0.0): (-INF, INF, INF), (ZERO, ZERO): (NAN, ..., NAN)}

# A zero of either sign has its own infinity: IEEE 754 division.
RECIPROCAL: Edges = [((0.0,), (INF, -INF)), ((-0.0,), (-INF, -INF))]

# √-0 is -0 by IEEE 754; its slope is the limit from the right all the same.
SQRT: Edges = [((0.0,), (0.0, INF)), ((-0.0,), (-0.0, INF)), ((-1.0,), (NAN, NAN)), ((INF,), (INF, 0.0))]

# The tangent of ∛x at 0 is vertical.
CBRT: Edges = [((0.0,), (0.0, INF)), ((-0.0,), (-0.0, INF)), ((INF,), (INF, 0.0)), ((-8.0,), (-2.0, 1.0 / 12.0))]

# Both zeros are the end of the domain, where log falls to -inf. Left of it 1/x is a number, but no slope of anything.
LOG: Edges = [((0.0,), (-INF, INF)), ((-0.0,), (-INF, INF)), ((-1.0,), (NAN, NAN))]

# The value is IEEE 754's pow. An exponent of 0 gives the constant 1, so ∂z/∂x is 0 for every x. A negative base has
# powers for integers y only: no slope in y. What is infinite or 0 in one argument has the limit in the other.
POW: Edges = [
    ((ZERO, ZERO), (1.0, 0.0, 0.0)),
    ((ZERO, 1.0), (0.0, 1.0, 0.0)),
    ((ZERO, ABOVE_ONE), (0.0, 0.0, 0.0)),
    ((0.0, BELOW_ONE), (0.0, INF, 0.0)),
    ((0.0, BELOW_ZERO), (INF, -INF, -INF)),
    # at -0 the parity of y - 1, as it rounds, decides the sign of the slope
    ((-0.0, Interval(5e-324, 2.0**-54)), (0.0, -INF, 0.0)),
    ((-0.0, BELOW_ONE), (0.0, INF, 0.0)),
    ((-0.0, Interval(-(2.0**-54), -5e-324)), (INF, INF, -INF)),
    *(((-0.0, y), (-INF, -INF, INF)) for y in (-1.0, -9.0)),
    *(((-0.0, y), (INF, INF, -INF)) for y in (-40.0, -710.0)),
    ((-0.0, BELOW_ZERO), (INF, -INF, -INF)),
    # a negative base
    ((BELOW_MINUS_ONE, 1e160), (INF, INF, NAN)),
    ((ABOVE_MINUS_ONE, -1e160), (INF, -INF, NAN)),
    ((BELOW_ZERO, ZERO), (1.0, 0.0, NAN)),
    ((-8.0, 1.0 / 3.0), (NAN, NAN, NAN)),
    # IEEE 754: nan^0 and 1^nan are 1
    ((NAN, ZERO), (1.0, 0.0, NAN)),
    ((NAN, ...), (NAN, NAN, NAN)),
    ((1.0, NAN), (1.0, NAN, 0.0)),
    ((..., NAN), (NAN, NAN, NAN)),
    # an infinite exponent or base
    ((BELOW_ONE, INF), (0.0, 0.0, 0.0)),
    ((BELOW_ONE, -INF), (INF, -INF, -INF)),
    *(((x, y), (1.0, x * y, log_x)) for x, log_x in ((1.0, 0.0), (-1.0, NAN)) for y in (INF, -INF)),
    *(((BELOW_MINUS_ONE, y), (z, NAN, NAN)) for y, z in ((INF, INF), (-INF, 0.0))),
    *(((BELOW_ZERO, y), (z, NAN, NAN)) for y, z in ((INF, 0.0), (-INF, INF))),
    ((ABOVE_ONE, INF), (INF, INF, INF)),
    ((INF, BELOW_ZERO), (0.0, 0.0, 0.0)),
    ((ABOVE_ONE, -INF), (0.0, 0.0, 0.0)),
    ((-INF, 0.5), (NAN, NAN, NAN)),
    ((-INF, BELOW_ONE), (INF, 0.0, NAN)),
    ((-INF, Interval(ABOVE_ONE.low, 1.5)), (INF, INF, NAN)),
    ((-INF, Interval(-1.5, -5e-324)), (0.0, 0.0, NAN)),
]

# The angle is C's atan2, with its four zeros and ±π along the cut. At the origin, where every direction has another
# slope, and at infinity, where the angle no longer moves, the slopes are 0.
ATAN2: Edges = [
    ((0.0, 0.0), (0.0, 0.0, 0.0)),
    ((-0.0, 0.0), (-0.0, 0.0, 0.0)),
    ((0.0, -0.0), (math.pi, 0.0, 0.0)),
    ((-0.0, -0.0), (-math.pi, 0.0, 0.0)),
    ((0.0, -1.0), (math.pi, -1.0, 0.0)),
    ((-0.0, BELOW_ZERO), (-math.pi, ..., 0.0)),
    *unknown(2).items(),
    *(((x, y), (math.atan2(x, y), 0.0, 0.0)) for x in (INF, -INF) for y in (INF, -INF)),
]

# 0 counts as negative, so the slope there is y, as left of it. There an infinite y meets 0: nan, as IEEE 754 has it.
LEAKY_RELU: dict[Place, Outcome] = {
    (0.0, 0.25): (0.0, 0.25, 0.0),
    (0.0, INF): (NAN, INF, 0.0),
    (0.0, -INF): (NAN, -INF, 0.0),
    (0.0, NAN): (NAN, NAN, 0.0),
    (NAN, REAL): (NAN, NAN, NAN),
}

# As leaky_relu at 0; far left, where e^x is 0, the value is -y and the slope y·e^x is inf·0.
ELU: Edges = {
    **LEAKY_RELU,
    (-INF, NAN): (NAN, NAN, -1.0),
    (BELOW_MINUS_1000, INF): (-INF, NAN, -1.0),
    (BELOW_MINUS_1000, -INF): (INF, NAN, -1.0),
}

# A tie is shared, so that maximum(x, x) has the derivative 1. It is shared at infinity too.
EXTREME: Edges = {(1.0, 1.0): (1.0, 0.5, 0.5), **unknown(2)}

# A bound belongs to the inside: an optimizer that stands on it can still leave it.
CLAMP: Edges = {
    (1.0, -1.0, 1.0): (1.0, 1.0, 0.0, 0.0),
    (-1.0, -1.0, 1.0): (-1.0, 1.0, 0.0, 0.0),
    **unknown(3),
}

# The slopes at the origin depend on the direction: 0, the mean of all. Nothing overflows on the way to a length.
HYPOT: Edges = {(ZERO, ZERO): (0.0, 0.0, 0.0), (3e300, 4e300): (5e300, 0.6, 0.8)}

# As hypot at the origin; an infinite term outweighs the finite ones, and two of them have no common direction.
NORM: Edges = {(ZERO, ZERO): (0.0, 0.0, 0.0), (3e300, 4e300): (5e300, 0.6, 0.8)}

# 0·log 0 is 0, as entropy wants it: x = 0 switches the term off where log y is no number. Where it is one, x·log y is
# smooth at x = 0 and has its slope log y.
XLOGY: Edges = {
    (ZERO, Interval(high=0.0)): (0.0, 0.0, 0.0),
    (ZERO, INF): (0.0, INF, 0.0),
    (ZERO, Interval(5e-324)): (0.0, ..., 0.0),
    (ZERO, NAN): (0.0, 0.0, 0.0),
    (2.0, 0.0): (-INF, -INF, INF),
    (INF, 1.0): (NAN, 0.0, INF),
    (-INF, 1.0): (NAN, 0.0, -INF),
    (NAN, 1.0): (NAN, 0.0, NAN),
}

# The rest jumps back to 0 at every multiple of y: its slopes there are those of the side on which the rest is 0. A
# quotient of 0 or inf leaves no rest. Python raises for y = 0, IEEE 754 has nan.
REMAINDER: dict[Place, Outcome] = dict.fromkeys(
    [(..., NAN), (NAN, ...), (..., ZERO), (INF, ...), (-INF, ...)], (NAN, 1.0, NAN)
)

# As fmod; the rest of a number that an infinite y of the other sign divides is y, the quotient rounded down being -1.
MOD: Edges = {
    **REMAINDER,
    (BELOW_ZERO, INF): (INF, 1.0, 1.0),
    (ABOVE_ZERO, -INF): (-INF, 1.0, 1.0),
}

# Division by 0 is that of IEEE 754, as NumPy has it; Python raises. An infinite x has no integer quotient.
FLOORDIV: Edges = [
    ((ZERO, ZERO), (NAN, None, None)),
    ((ABOVE_ZERO, 0.0), (INF, None, None)),
    ((BELOW_ZERO, 0.0), (-INF, None, None)),
    ((ABOVE_ZERO, -0.0), (-INF, None, None)),
    ((BELOW_ZERO, -0.0), (INF, None, None)),
    ((INF, ...), (NAN, None, None)),
    ((-INF, ...), (NAN, None, None)),
    ((BELOW_ZERO, INF), (-1.0, None, None)),
    ((ABOVE_ZERO, -INF), (-1.0, None, None)),
]

# The sign of y is that of its bit, -0 being negative; that of nan means nothing. At x = 0 |x| has its kink.
COPYSIGN: Edges = [
    ((ABOVE_ZERO, -0.0), (..., -1.0, None)),
    ((BELOW_ZERO, -0.0), (..., 1.0, None)),
    ((..., NAN), (NAN, NAN, None)),
    ((NAN, ...), (NAN, NAN, None)),
]

# At its kink selu has the slope of the left side, as elu; the ramps have 0, the slope of least size, as relu.
SELU: Edges = [((0.0,), (0.0, 1.7580993408473769)), ((-0.0,), (0.0, 1.7580993408473769))]
RELU6: Edges = [((0.0,), (0.0, 0.0)), ((-0.0,), (0.0, 0.0)), ((6.0,), (6.0, 0.0))]
HARD_TANH: Edges = {(-1.0,): (-1.0, 0.0), (1.0,): (1.0, 0.0)}
HARD_SIGMOID: Edges = {(-3.0,): (0.0, 0.0), (3.0,): (1.0, 0.0)}
HARD_SWISH: Edges = {(-3.0,): (0.0, 0.0), (3.0,): (3.0, 1.0), (-INF,): (0.0, 0.0), (INF,): (INF, 1.0)}

# The condition is data like any other: 0 is false, all else is true, nan too.
WHERE: Edges = {(0.0, 2.0, 3.0): (3.0, None, 0.0, 1.0), (NAN, 2.0, 3.0): (2.0, None, 1.0, 0.0)}

# Without a finite largest term there are no shares: the slope by an infinite term is inf/inf, that by a finite term
# is 0 unless its own exp overflows.
LOGSUMEXP: Edges = [
    ((-INF, -INF), (-INF, NAN, NAN)),
    ((INF, NAN), (NAN, NAN, NAN)),
    ((NAN, INF), (NAN, NAN, NAN)),
    ((INF, BELOW_709), (INF, NAN, 0.0)),
    ((INF, REAL), (INF, NAN, NAN)),
    ((BELOW_709, INF), (INF, 0.0, NAN)),
    ((REAL, INF), (INF, NAN, NAN)),
]

# An infinite term, as one that is nan, leaves no shares of any; the index, of which term, counts from 0.
SURPRISAL: Edges = [
    *((tuple(NAN if i == k else ... for i in range(4)), (NAN, NAN, NAN, NAN, None)) for k in range(3)),
    *(((*tuple(INF if i == k else ... for i in range(3)), float(k)), (NAN, NAN, NAN, NAN, None)) for k in range(3)),
    *((tuple(INF if i == k else ... for i in range(4)), (..., NAN, NAN, NAN, None)) for k in range(3)),
    ((-INF, -INF, -INF, 0.0), (NAN, NAN, NAN, NAN, None)),
]

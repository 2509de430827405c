"""THE TABLE: every operation once, with its value and one partial derivative for each argument.

A rule is a pure term over an arithmetic m, the primals x, y and the result z. `domain` says where an argument may be
sampled; `edges` what is adopted where the function is not smooth: arguments → (value, partial, …), None for no edge.
"""

from __future__ import annotations

import math
from functools import reduce
from operator import add, mul

from . import sums, terms
from .arithmetic import INF, NAN
from .row import NONZERO, POSITIVE, REAL, Interval, register

UNIT = Interval(-1.0, 1.0)
# where conventions hold, ends included: at either zero, below 0, between 0 and 1, above 1
ZERO, BELOW_ZERO = Interval(0.0, 0.0), Interval(high=-5e-324)
BELOW_MINUS_ONE, ABOVE_MINUS_ONE = (
    Interval(high=math.nextafter(-1.0, -2.0)),
    Interval(math.nextafter(-1.0, 0.0), -5e-324),
)
BELOW_ONE, ABOVE_ONE = Interval(5e-324, math.nextafter(1.0, 0.0)), Interval(math.nextafter(1.0, 2.0))
LN_2, LOG2_E, LOG10_E = math.log(2.0), 1.4426950408889634, 0.4342944819032518

# fmt: off
register("add", lambda m, x, y: x + y, lambda m, x, y, z: 1.0, lambda m, x, y, z: 1.0,
         dunder="add", symbol="+", ufuncs=("add",))
register("sub", lambda m, x, y: x - y, lambda m, x, y, z: 1.0, lambda m, x, y, z: -1.0,
         dunder="sub", symbol="-", ufuncs=("subtract",))
register("mul", lambda m, x, y: x * y, lambda m, x, y, z: y, lambda m, x, y, z: x,
         dunder="mul", symbol="*", ufuncs=("multiply",))
register("div", lambda m, x, y: x / y, lambda m, x, y, z: 1.0 / y, lambda m, x, y, z: -z / y,
         domain=(REAL, NONZERO), dunder="truediv", symbol="/", ufuncs=("divide", "true_divide"),
         edges={(1.0, 0.0): (INF, INF, -INF), (-1.0, 0.0): (-INF, INF, INF), (ZERO, ZERO): (NAN, ..., NAN)})
register("neg", lambda m, x: -x, lambda m, x, z: -1.0, dunder="neg", ufuncs=("negative",),
         edges={(NAN,): (NAN, -1.0)})
register("square", lambda m, x: x * x, lambda m, x, z: 2.0 * x, symbol="**2", ufuncs=("square",))
register("reciprocal", lambda m, x: 1.0 / x, lambda m, x, z: -z / x, domain=(NONZERO,), symbol="**-1",
         ufuncs=("reciprocal",), edges=[((0.0,), (INF, -INF)), ((-0.0,), (-INF, -INF))])
register("sqrt", lambda m, x: m.sqrt(x), lambda m, x, z: 0.5 / (z + 0.0), domain=(POSITIVE,), ufuncs=("sqrt",),
         edges=[((0.0,), (0.0, INF)), ((-0.0,), (-0.0, INF)), ((-1.0,), (NAN, NAN)), ((INF,), (INF, 0.0))])
register("cbrt", terms.cube_root, lambda m, x, z: 1.0 / (3.0 * (z * z)), domain=(NONZERO,), ufuncs=("cbrt",),
         edges=[((0.0,), (0.0, INF)), ((-0.0,), (-0.0, INF)), ((INF,), (INF, 0.0)), ((-8.0,), (-2.0, 1.0 / 12.0))])
register("pow", terms.power, terms.power_slope, terms.power_exponent_slope, domain=(POSITIVE, REAL), dunder="pow",
         symbol="**", ufuncs=("power", "float_power"), constants={2.0: "square", -1.0: "reciprocal", 0.5: "sqrt"},
         edges=[((ZERO, ZERO), (1.0, 0.0, 0.0)), ((ZERO, 1.0), (0.0, 1.0, 0.0)), ((ZERO, ABOVE_ONE), (0.0, 0.0, 0.0)),
                ((0.0, BELOW_ONE), (0.0, INF, 0.0)), ((0.0, BELOW_ZERO), (INF, -INF, -INF)),
                # left of 0 the parity of y - 1, as it rounds, tells the sign of the slope
                ((-0.0, Interval(5e-324, 2.0**-54)), (0.0, -INF, 0.0)), ((-0.0, BELOW_ONE), (0.0, INF, 0.0)),
                ((-0.0, Interval(-(2.0**-54), -5e-324)), (INF, INF, -INF)),
                *(((-0.0, y), (-INF, -INF, INF)) for y in (-1.0, -9.0)),
                *(((-0.0, y), (INF, INF, -INF)) for y in (-40.0, -710.0)), ((-0.0, BELOW_ZERO), (INF, -INF, -INF)),
                ((BELOW_MINUS_ONE, 1e160), (INF, INF, NAN)), ((ABOVE_MINUS_ONE, -1e160), (INF, -INF, NAN)),
                ((BELOW_ZERO, ZERO), (1.0, 0.0, NAN)), ((-8.0, 1.0 / 3.0), (NAN, NAN, NAN)),
                ((NAN, ZERO), (1.0, 0.0, NAN)), ((NAN, ...), (NAN, NAN, NAN)),
                ((1.0, NAN), (1.0, NAN, 0.0)), ((..., NAN), (NAN, NAN, NAN)),
                ((BELOW_ONE, INF), (0.0, 0.0, 0.0)), ((BELOW_ONE, -INF), (INF, -INF, -INF)),
                *(((x, y), (1.0, x * y, log_x)) for x, log_x in ((1.0, 0.0), (-1.0, NAN)) for y in (INF, -INF)),
                *(((x, y), (z, NAN, NAN)) for x, y, z in ((BELOW_MINUS_ONE, INF, INF), (BELOW_MINUS_ONE, -INF, 0.0),
                                                          (BELOW_ZERO, INF, 0.0), (BELOW_ZERO, -INF, INF))),
                ((ABOVE_ONE, INF), (INF, INF, INF)), ((INF, BELOW_ZERO), (0.0, 0.0, 0.0)),
                ((ABOVE_ONE, -INF), (0.0, 0.0, 0.0)), ((-INF, 0.5), (NAN, NAN, NAN)),
                ((-INF, BELOW_ONE), (INF, 0.0, NAN)), ((-INF, Interval(ABOVE_ONE.low, 1.5)), (INF, INF, NAN)),
                ((-INF, Interval(-1.5, -5e-324)), (0.0, 0.0, NAN))])
register("exp", lambda m, x: m.exp(x), lambda m, x, z: z, ufuncs=("exp",),
         edges={(1000.0,): (INF, INF), (-INF,): (0.0, 0.0)})
register("exp2", lambda m, x: m.exp2(x), lambda m, x, z: LN_2 * z, ufuncs=("exp2",),
         edges={(2000.0,): (INF, INF), (-INF,): (0.0, 0.0)})
register("expm1", lambda m, x: m.expm1(x), lambda m, x, z: m.exp(x), ufuncs=("expm1",),
         edges={(1000.0,): (INF, INF), (-INF,): (-1.0, 0.0)})
register("log", lambda m, x: m.log(x), lambda m, x, z: 1.0 / (terms.inside(m, x, 0.0) + 0.0), domain=(POSITIVE,),
         ufuncs=("log",), edges=[((0.0,), (-INF, INF)), ((-0.0,), (-INF, INF)), ((-1.0,), (NAN, NAN))])
register("log2", lambda m, x: m.log2(x), lambda m, x, z: LOG2_E / (terms.inside(m, x, 0.0) + 0.0), domain=(POSITIVE,),
         ufuncs=("log2",), edges=[((0.0,), (-INF, INF)), ((-0.0,), (-INF, INF)), ((-1.0,), (NAN, NAN))])
register("log10", lambda m, x: m.log10(x), lambda m, x, z: LOG10_E / (terms.inside(m, x, 0.0) + 0.0),
         domain=(POSITIVE,), ufuncs=("log10",),
         edges=[((0.0,), (-INF, INF)), ((-0.0,), (-INF, INF)), ((-1.0,), (NAN, NAN))])
register("log1p", lambda m, x: m.log1p(x), lambda m, x, z: 1.0 / (1.0 + terms.inside(m, x, -1.0)),
         domain=(Interval(-1.0),), ufuncs=("log1p",), edges={(-1.0,): (-INF, INF), (-2.0,): (NAN, NAN)})
register("sin", lambda m, x: m.sin(x), lambda m, x, z: m.cos(x), ufuncs=("sin",), edges={(INF,): (NAN, NAN)})
register("cos", lambda m, x: m.cos(x), lambda m, x, z: -m.sin(x), ufuncs=("cos",), edges={(INF,): (NAN, NAN)})
register("tan", lambda m, x: m.tan(x), lambda m, x, z: 1.0 + z * z, ufuncs=("tan",), edges={(INF,): (NAN, NAN)})
register("asin", lambda m, x: m.asin(x), lambda m, x, z: 1.0 / m.sqrt((1.0 - x) * (1.0 + x)), domain=(UNIT,),
         ufuncs=("arcsin",), edges={(1.0,): (math.pi / 2.0, INF), (-1.0,): (-math.pi / 2.0, INF), (2.0,): (NAN, NAN)})
register("acos", lambda m, x: m.acos(x), lambda m, x, z: -1.0 / m.sqrt((1.0 - x) * (1.0 + x)), domain=(UNIT,),
         ufuncs=("arccos",), edges={(1.0,): (0.0, -INF), (-1.0,): (math.pi, -INF), (2.0,): (NAN, NAN)})
register("atan", lambda m, x: m.atan(x), lambda m, x, z: terms.atan_slope(m, x), ufuncs=("arctan",),
         edges={(INF,): (math.pi / 2.0, 0.0), (-INF,): (-math.pi / 2.0, 0.0)})
register("atan2", lambda m, x, y: m.atan2(x, y),
         lambda m, x, y, z: terms.turn(m, x, y, y),
         lambda m, x, y, z: -terms.turn(m, x, y, x),
         ufuncs=("arctan2",),
         edges=[((0.0, 0.0), (0.0, 0.0, 0.0)), ((-0.0, 0.0), (-0.0, 0.0, 0.0)), ((0.0, -0.0), (math.pi, 0.0, 0.0)),
                ((-0.0, -0.0), (-math.pi, 0.0, 0.0)), ((0.0, -1.0), (math.pi, -1.0, 0.0)),
                ((-0.0, BELOW_ZERO), (-math.pi, ..., 0.0)), ((NAN, ...), (NAN,) * 3), ((..., NAN), (NAN,) * 3),
                *(((x, y), (math.atan2(x, y), 0.0, 0.0)) for x in (INF, -INF) for y in (INF, -INF))])
register("sinh", lambda m, x: m.sinh(x), lambda m, x, z: m.cosh(x), ufuncs=("sinh",),
         edges={(-1000.0,): (-INF, INF)})
register("cosh", lambda m, x: m.cosh(x), lambda m, x, z: m.sinh(x), ufuncs=("cosh",),
         edges={(-1000.0,): (INF, -INF)})
register("tanh", lambda m, x: m.tanh(x), lambda m, x, z: 4.0 * terms.bell(m, 2.0 * x), ufuncs=("tanh",),
         edges={(INF,): (1.0, 0.0), (-INF,): (-1.0, 0.0), (0.0,): (0.0, 1.0)})
register("asinh", lambda m, x: m.asinh(x), lambda m, x, z: 1.0 / terms.hypot(m, 1.0, x), ufuncs=("arcsinh",),
         edges={(INF,): (INF, 0.0), (1e300,): (math.asinh(1e300), 1e-300)})
register("acosh", lambda m, x: m.acosh(x), lambda m, x, z: 1.0 / (m.sqrt(x - 1.0) * m.sqrt(x + 1.0)),
         domain=(Interval(1.0),), ufuncs=("arccosh",), edges={(1.0,): (0.0, INF), (0.5,): (NAN, NAN)})
register("atanh", lambda m, x: m.atanh(x),
         lambda m, x, z: 1.0 / ((1.0 - m.where(m.le(m.abs(x), 1.0), x, NAN)) * (1.0 + x)), domain=(UNIT,),
         ufuncs=("arctanh",), edges={(1.0,): (INF, INF), (-1.0,): (-INF, INF), (2.0,): (NAN, NAN)})
register("sigmoid", terms.sigmoid, lambda m, x, z: terms.bell(m, x),
         edges={(INF,): (1.0, 0.0), (-INF,): (0.0, 0.0), (0.0,): (0.5, 0.25)})
register("softplus", lambda m, x: m.where(m.gt(x, 0.0), x, 0.0) + m.log1p(m.exp(terms.minus_abs(m, x))),
         lambda m, x, z: terms.sigmoid(m, x), edges={(INF,): (INF, 1.0), (-INF,): (0.0, 0.0)})
register("silu", terms.silu, lambda m, x, z: terms.silu_slope(m, x), roots=(-1.2785,),
         edges={(INF,): (INF, 1.0), (-INF,): (0.0, 0.0), (0.0,): (0.0, 0.5)})
register("gelu", terms.gelu, lambda m, x, z: terms.gelu_slope(m, x), roots=(-0.7518,),
         edges={(INF,): (INF, 1.0), (-INF,): (0.0, 0.0), (0.0,): (0.0, 0.5)})
register("erf", lambda m, x: m.erf(x), lambda m, x, z: terms.TWO_OVER_ROOT_PI * terms.gauss(m, x),
         edges={(INF,): (1.0, 0.0), (-INF,): (-1.0, 0.0)})
register("erfc", lambda m, x: m.erfc(x), lambda m, x, z: -terms.TWO_OVER_ROOT_PI * terms.gauss(m, x),
         edges={(INF,): (0.0, 0.0), (-INF,): (2.0, 0.0)})
# at the kinks of relu, abs, maximum and minimum: the symmetric value, but 0 for relu, as everyone has it
register("relu", lambda m, x: terms.compare(m, x, 0.0, more=x, less=0.0, tie=0.0),
         lambda m, x, z: terms.compare(m, x, 0.0, more=1.0, less=0.0, tie=0.0), domain=(NONZERO,), symbol="ReLU",
         edges=[((0.0,), (0.0, 0.0)), ((-0.0,), (0.0, 0.0))])
register("leaky_relu", lambda m, x, y: m.where(m.gt(x, 0.0), x, y * x),
         lambda m, x, y, z: terms.compare(m, x, 0.0, more=1.0, less=y, tie=y),
         lambda m, x, y, z: m.where(m.gt(x, 0.0), 0.0, x), domain=(NONZERO, REAL), defaults=(0.01,),
         edges={(0.0, 0.25): (0.0, 0.25, 0.0), (0.0, INF): (NAN, INF, 0.0), (0.0, -INF): (NAN, -INF, 0.0),
                (0.0, NAN): (NAN, NAN, 0.0), (NAN, REAL): (NAN, NAN, NAN)})
register("elu", lambda m, x, y: m.where(m.gt(x, 0.0), x, y * m.expm1(m.where(m.gt(x, 0.0), 0.0, x))),
         lambda m, x, y, z: m.where(m.gt(x, 0.0), 1.0, terms.scaled_exp(m, m.where(m.gt(x, 0.0), 0.0, x), y)),
         lambda m, x, y, z: m.where(m.gt(x, 0.0), 0.0, m.expm1(m.where(m.gt(x, 0.0), 0.0, x))),
         domain=(NONZERO, REAL), defaults=(1.0,),
         edges={(0.0, 0.25): (0.0, 0.25, 0.0), (0.0, INF): (NAN, INF, 0.0), (0.0, -INF): (NAN, -INF, 0.0),
                (0.0, NAN): (NAN, NAN, 0.0), (NAN, REAL): (NAN, NAN, NAN), (-INF, NAN): (NAN, NAN, -1.0),
                (Interval(high=-1000.0), INF): (-INF, NAN, -1.0), (Interval(high=-1000.0), -INF): (INF, NAN, -1.0)})
register("abs", lambda m, x: m.abs(x), lambda m, x, z: terms.compare(m, x, 0.0, more=1.0, less=-1.0, tie=0.0),
         domain=(NONZERO,), dunder="abs", ufuncs=("absolute", "fabs"), edges={(0.0,): (0.0, 0.0)})
register("sign", lambda m, x: terms.compare(m, x, 0.0, more=1.0, less=-1.0, tie=0.0),
         lambda m, x, z: m.where(m.eq(x, x), 0.0, NAN), domain=(NONZERO,), ufuncs=("sign",),
         edges={(0.0,): (0.0, 0.0)})
register("maximum", lambda m, x, y: terms.compare(m, x, y, more=x, less=y, tie=x),
         lambda m, x, y, z: terms.compare(m, x, y, more=1.0, less=0.0, tie=0.5),
         lambda m, x, y, z: terms.compare(m, x, y, more=0.0, less=1.0, tie=0.5), ufuncs=("maximum",),
         edges={(1.0, 1.0): (1.0, 0.5, 0.5), (NAN, ...): (NAN, NAN, NAN), (..., NAN): (NAN, NAN, NAN)})
register("minimum", lambda m, x, y: terms.compare(m, x, y, more=y, less=x, tie=x),
         lambda m, x, y, z: terms.compare(m, x, y, more=0.0, less=1.0, tie=0.5),
         lambda m, x, y, z: terms.compare(m, x, y, more=1.0, less=0.0, tie=0.5), ufuncs=("minimum",),
         edges={(1.0, 1.0): (1.0, 0.5, 0.5), (NAN, ...): (NAN, NAN, NAN), (..., NAN): (NAN, NAN, NAN)})
register("clamp",
         lambda m, x, y, w: terms.known(m, y, terms.known(m, w, m.where(m.lt(x, y), y, m.where(m.gt(x, w), w, x)))),
         lambda m, x, y, w, z: terms.known(m, z, m.where(m.lt(x, y), 0.0, m.where(m.gt(x, w), 0.0, 1.0))),
         lambda m, x, y, w, z: terms.known(m, z, m.lt(x, y)),
         lambda m, x, y, w, z: terms.known(m, z, m.where(m.lt(x, y), 0.0, m.gt(x, w))),  # y wins where bounds cross
         domain=(REAL, Interval(-2.0, -1.0), Interval(1.0, 2.0)),
         edges={(1.0, -1.0, 1.0): (1.0, 1.0, 0.0, 0.0), (-1.0, -1.0, 1.0): (-1.0, 1.0, 0.0, 0.0),
                **dict.fromkeys(((NAN, ..., ...), (..., NAN, ...), (..., ..., NAN)), (NAN,) * 4)})
register("hypot", lambda m, x, y: terms.hypot(m, x, y), lambda m, x, y, z: terms.share(m, x, y, x),
         lambda m, x, y, z: terms.share(m, x, y, y), ufuncs=("hypot",),
         edges={(ZERO, ZERO): (0.0, 0.0, 0.0), (3e300, 4e300): (5e300, 0.6, 0.8)})
register("xlogy", lambda m, x, y: m.where(m.eq(x, 0.0), 0.0, x * m.log(terms.safe(m, m.ne(x, 0.0), y))),
         lambda m, x, y, z: m.where(m.eq(x, 0.0), 0.0, m.log(terms.safe(m, m.ne(x, 0.0), y))),
         lambda m, x, y, z: m.where(m.eq(x, 0.0), 0.0, x / terms.safe(m, m.ne(x, 0.0), terms.inside(m, y, 0.0) + 0.0)),
         domain=(NONZERO, POSITIVE),
         edges={(ZERO, REAL): (0.0, 0.0, 0.0), (ZERO, NAN): (0.0, 0.0, 0.0), (2.0, 0.0): (-INF, -INF, INF),
                (INF, 1.0): (NAN, 0.0, INF), (-INF, 1.0): (NAN, 0.0, -INF), (NAN, 1.0): (NAN, 0.0, NAN)})
register("floor", lambda m, x: m.floor(x), None, ufuncs=("floor",), dunder="floor")
register("round", lambda m, x: m.round(x), None, ufuncs=("rint",), dunder="round")
register("where", lambda m, c, x, y: m.where(c, x, y), None, lambda m, c, x, y, z: m.where(c, 1.0, 0.0),
         lambda m, c, x, y, z: m.where(c, 0.0, 1.0), domain=(Interval(-1.0, 2.0, integers=True), REAL, REAL),
         edges={(0.0, 2.0, 3.0): (3.0, None, 0.0, 1.0), (NAN, 2.0, 3.0): (2.0, None, 1.0, 0.0)})
register("gt", lambda m, x, y: m.gt(x, y), None, None, dunder="gt", symbol=">", ufuncs=("greater",))
register("ge", lambda m, x, y: m.ge(x, y), None, None, dunder="ge", symbol=">=", ufuncs=("greater_equal",))
register("lt", lambda m, x, y: m.lt(x, y), None, None, dunder="lt", symbol="<", ufuncs=("less",))
register("le", lambda m, x, y: m.le(x, y), None, None, dunder="le", symbol="<=", ufuncs=("less_equal",))
register("eq", lambda m, x, y: m.eq(x, y), None, None, dunder="eq", symbol="==", ufuncs=("equal",))
register("ne", lambda m, x, y: m.ne(x, y), None, None, dunder="ne", symbol="!=", ufuncs=("not_equal",))
register("detach", lambda m, x: m.detach(x), None)
register("sum", lambda m, xs: sums.fold(xs), lambda m, xs, z: [1.0] * len(xs), variadic=True, domain=(REAL,) * 3)
register("dot", lambda m, xs: sums.fold(map(mul, *sums.halves(xs))),
         lambda m, xs, z: add(*reversed(sums.halves(xs))), variadic=True, domain=(REAL,) * 6)
register("logsumexp", sums.logsumexp, lambda m, xs, z: sums.softmax(m, xs), variadic=True, domain=(REAL,) * 2,
         edges=[((-INF, -INF), (-INF, NAN, NAN)), ((INF, NAN), (NAN, NAN, NAN)), ((NAN, INF), (NAN, NAN, NAN)),
                ((INF, Interval(high=709.0)), (INF, NAN, 0.0)), ((INF, REAL), (INF, NAN, NAN)),
                ((Interval(high=709.0), INF), (INF, 0.0, NAN)), ((REAL, INF), (INF, NAN, NAN))])
register("take", lambda m, xs: reduce(lambda z, k: m.where(m.eq(xs[-1], k * 1.0), xs[k], z), range(len(xs) - 1), NAN),
         lambda m, xs, z: [*(m.where(m.eq(xs[-1], k * 1.0), 1.0, 0.0) for k in range(len(xs) - 1)), None],
         variadic=True, domain=(REAL, REAL, REAL, Interval(-1.0, 3.0, integers=True)))
# fmt: on

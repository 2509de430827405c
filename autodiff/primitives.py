"""The table of operations: each a row, with its value and a partial derivative for each argument.

A row is its name and value, then a partial a line; `textbook`, the forms of value and partials that are shown;
`domain`, an interval in which each argument is sampled; `edges`, the conventions where the function is not smooth; its
names in Python and NumPy.
A rule is a pure term over an arithmetic m, the primals x, y and the result z; a partial of None is no edge.
"""

from __future__ import annotations

import math
from operator import add, mul

from . import conventions, polar, powers, quotients, sums, terms
from .arithmetic import INF, NAN
from .row import NONZERO, POSITIVE, REAL, Interval, register

UNIT = Interval(-1.0, 1.0)
LN_2, LN_10, LOG2_E, LOG10_E = math.log(2.0), math.log(10.0), 1.4426950408889634, 0.4342944819032518
SELU, SELU_BELOW = 1.0507009873554805, 1.7580993408473769  # λ and λα of Klambauer et al. (2017), eq. 2
DEGREE, RADIAN = 180.0 / math.pi, math.pi / 180.0

# fmt: off
register("add",        lambda m, x, y: x + y,
                       lambda m, x, y, z: 1.0,
                       lambda m, x, y, z: 1.0,
         textbook=("x + y", "1", "1"), dunder="add", symbol="+", ufuncs=("add",))
register("sub",        lambda m, x, y: x - y,
                       lambda m, x, y, z: 1.0,
                       lambda m, x, y, z: -1.0,
         textbook=("x - y", "1", "-1"), dunder="sub", symbol="-", ufuncs=("subtract",))
register("mul",        lambda m, x, y: x * y,
                       lambda m, x, y, z: y,
                       lambda m, x, y, z: x,
         textbook=("x y", "y", "x"), dunder="mul", symbol="*", ufuncs=("multiply",))
register("div",        lambda m, x, y: x / y,
                       lambda m, x, y, z: 1.0 / y,
                       lambda m, x, y, z: -z / y,
         textbook=("x/y", "1/y", "-x/y²"), domain=(REAL, NONZERO), edges=conventions.DIV,
         dunder="truediv", symbol="/", ufuncs=("divide", "true_divide"))
register("neg",        lambda m, x: -x,
                       lambda m, x, z: -1.0,
         textbook=("-x", "-1"), edges={(NAN,): (NAN, -1.0)}, dunder="neg", ufuncs=("negative",))
register("square",     lambda m, x: x * x,
                       lambda m, x, z: 2.0 * x,
         textbook=("x²", "2x"), symbol="**2", ufuncs=("square",))
register("reciprocal", lambda m, x: 1.0 / x,
                       lambda m, x, z: -z / x,
         textbook=("1/x", "-1/x²"), domain=(NONZERO,), edges=conventions.RECIPROCAL,
         symbol="**-1", ufuncs=("reciprocal",))
register("sqrt",       lambda m, x: m.sqrt(x),
                       lambda m, x, z: 0.5 / (z + 0.0),
         textbook=("√x", "1/(2√x)"), domain=(POSITIVE,), edges=conventions.SQRT, ufuncs=("sqrt",))
register("cbrt",       terms.cube_root,
                       terms.cube_root_slope,
         textbook=("∛x", "1/(3z²)"), domain=(NONZERO,), edges=conventions.CBRT, ufuncs=("cbrt",))
register("pow",        powers.power,
                       powers.power_slope,
                       powers.power_exponent_slope,
         textbook=("x^y", "y x^(y - 1)", "x^y ln x"), domain=(POSITIVE, REAL), edges=conventions.POW,
         dunder="pow", symbol="**", ufuncs=("power", "float_power"),
         constants={2.0: "square", -1.0: "reciprocal", 0.5: "sqrt"})
register("exp",        lambda m, x: m.exp(x),
                       lambda m, x, z: z,
         textbook=("e^x", "e^x"), edges={(1000.0,): (INF, INF), (-INF,): (0.0, 0.0)}, ufuncs=("exp",))
register("exp2",       lambda m, x: m.exp2(x),
                       lambda m, x, z: LN_2 * z,
         textbook=("2^x", "2^x ln 2"), edges={(2000.0,): (INF, INF), (-INF,): (0.0, 0.0)}, ufuncs=("exp2",))
register("expm1",      lambda m, x: m.expm1(x),
                       lambda m, x, z: m.exp(x),
         textbook=("e^x - 1", "e^x"), edges={(1000.0,): (INF, INF), (-INF,): (-1.0, 0.0)}, ufuncs=("expm1",))
register("log",        lambda m, x: m.log(x),
                       lambda m, x, z: terms.inverse(m, x),
         textbook=("ln x", "1/x"), domain=(POSITIVE,), edges=conventions.LOG, ufuncs=("log",))
register("log2",       lambda m, x: m.log2(x),
                       lambda m, x, z: terms.inverse(m, x, LOG2_E),
         textbook=("log₂ x", "1/(x ln 2)"), domain=(POSITIVE,), edges=conventions.LOG, ufuncs=("log2",))
register("log10",      lambda m, x: m.log10(x),
                       lambda m, x, z: terms.inverse(m, x, LOG10_E),
         textbook=("log₁₀ x", "1/(x ln 10)"), domain=(POSITIVE,), edges=conventions.LOG, ufuncs=("log10",))
register("exp10",      lambda m, x: m.pow(10.0, x),
                       lambda m, x, z: LN_10 * z,
         textbook=("10^x", "10^x ln 10"), edges={(400.0,): (INF, INF), (-INF,): (0.0, 0.0)})
register("logit",      terms.logit,
                       lambda m, x, z: terms.stepwise_inverse(
                           m, (terms.inside(m, x, 0.0) + 0.0) * terms.inside(m, 1.0 - x, 0.0)),
         textbook=("ln(x/(1 - x))", "1/(x(1 - x))"), domain=(Interval(0.0, 1.0),),
         edges=[((0.0,), (-INF, INF)), ((-0.0,), (-INF, INF)), ((1.0,), (INF, INF)), ((2.0,), (NAN, NAN))])
register("degrees",    lambda m, x: DEGREE * x,
                       lambda m, x, z: DEGREE,
         textbook=(f"{DEGREE}x", f"{DEGREE}"), edges={(NAN,): (NAN, DEGREE)}, ufuncs=("degrees", "rad2deg"))
register("radians",    lambda m, x: RADIAN * x,
                       lambda m, x, z: RADIAN,
         textbook=(f"{RADIAN}x", f"{RADIAN}"), edges={(NAN,): (NAN, RADIAN)}, ufuncs=("radians", "deg2rad"))
register("log1p",      lambda m, x: m.log1p(x),
                       lambda m, x, z: terms.stepwise_inverse(m, 1.0 + terms.inside(m, x, -1.0)),
         textbook=("ln(1 + x)", "1/(1 + x)"), domain=(Interval(-1.0),),
         edges={(-1.0,): (-INF, INF), (-2.0,): (NAN, NAN)}, ufuncs=("log1p",))
register("sin",        lambda m, x: m.sin(x),
                       lambda m, x, z: m.cos(x),
         textbook=("sin x", "cos x"), edges={(INF,): (NAN, NAN)}, ufuncs=("sin",))
register("cos",        lambda m, x: m.cos(x),
                       lambda m, x, z: -m.sin(x),
         textbook=("cos x", "-sin x"), edges={(INF,): (NAN, NAN)}, ufuncs=("cos",))
register("tan",        lambda m, x: m.tan(x),
                       lambda m, x, z: 1.0 + z * z,
         textbook=("tan x", "1 + z²"), edges={(INF,): (NAN, NAN)}, ufuncs=("tan",))
register("asin",       lambda m, x: m.asin(x),
                       lambda m, x, z: 1.0 / m.sqrt(terms.beside_1(m, x)),
         textbook=("arcsin x", "1/√(1 - x²)"), domain=(UNIT,), ufuncs=("arcsin",),
         edges={(1.0,): (math.pi / 2.0, INF), (-1.0,): (-math.pi / 2.0, INF), (2.0,): (NAN, NAN)})
register("acos",       lambda m, x: m.acos(x),
                       lambda m, x, z: -1.0 / m.sqrt(terms.beside_1(m, x)),
         textbook=("arccos x", "-1/√(1 - x²)"), domain=(UNIT,), ufuncs=("arccos",),
         edges={(1.0,): (0.0, -INF), (-1.0,): (math.pi, -INF), (2.0,): (NAN, NAN)})
register("atan",       lambda m, x: m.atan(x),
                       lambda m, x, z: terms.atan_slope(m, x),
         textbook=("arctan x", "1/(1 + x²)"), ufuncs=("arctan",),
         edges={(INF,): (math.pi / 2.0, 0.0), (-INF,): (-math.pi / 2.0, 0.0)})
register("atan2",      lambda m, x, y: m.atan2(x, y),
                       lambda m, x, y, z: polar.turn(m, x, y, y, x),
                       lambda m, x, y, z: -polar.turn(m, x, y, x, y),
         textbook=("arctan2(x, y)", "y/(x² + y²)", "-x/(x² + y²)"), edges=conventions.ATAN2, ufuncs=("arctan2",))
register("sinh",       lambda m, x: m.sinh(x),
                       lambda m, x, z: m.cosh(x),
         textbook=("sinh x", "cosh x"), edges={(-1000.0,): (-INF, INF)}, ufuncs=("sinh",))
register("cosh",       lambda m, x: m.cosh(x),
                       lambda m, x, z: m.sinh(x),
         textbook=("cosh x", "sinh x"), edges={(-1000.0,): (INF, -INF)}, ufuncs=("cosh",))
register("tanh",       lambda m, x: m.tanh(x),
                       lambda m, x, z: m.along(4.0 * terms.bell(m, 2.0 * x), lambda: 1.0 - z * z),
         textbook=("tanh x", "1 - z²"), ufuncs=("tanh",),
         edges={(INF,): (1.0, 0.0), (-INF,): (-1.0, 0.0), (0.0,): (0.0, 1.0)})
register("asinh",      lambda m, x: m.asinh(x),
                       lambda m, x, z: terms.stepwise_inverse(m, polar.hypot(m, 1.0, x)),
         textbook=("arsinh x", "1/√(1 + x²)"), ufuncs=("arcsinh",),
         edges={(INF,): (INF, 0.0), (1e300,): (math.asinh(1e300), 1e-300)})
register("acosh",      lambda m, x: m.acosh(x),
                       lambda m, x, z: terms.stepwise_inverse(m, m.sqrt(x - 1.0) * m.sqrt(x + 1.0)),
         textbook=("arcosh x", "1/√(x² - 1)"), domain=(Interval(1.0),), ufuncs=("arccosh",),
         edges={(1.0,): (0.0, INF), (0.5,): (NAN, NAN)})
register("atanh",      lambda m, x: m.atanh(x),
                       lambda m, x, z: 1.0 / terms.beside_1(m, m.where(m.le(m.abs(x), 1.0), x, NAN)),
         textbook=("artanh x", "1/(1 - x²)"), domain=(UNIT,), ufuncs=("arctanh",),
         edges={(1.0,): (INF, INF), (-1.0,): (-INF, INF), (2.0,): (NAN, NAN)})
register("sigmoid",    terms.sigmoid,
                       lambda m, x, z: terms.sigmoid_slope(m, x),
         textbook=("1/(1 + e^(-x))", "z(1 - z)"),
         edges={(INF,): (1.0, 0.0), (-INF,): (0.0, 0.0), (0.0,): (0.5, 0.25)})
register("softplus",   lambda m, x: m.where(m.gt(x, 0.0), x, 0.0) + m.log1p(m.exp(terms.minus_abs(m, x))),
                       lambda m, x, z: terms.softplus_slope(m, x),
         textbook=("ln(1 + e^x)", "σ(x)"), edges={(INF,): (INF, 1.0), (-INF,): (0.0, 0.0)})
register("silu",       terms.silu,
                       lambda m, x, z: terms.silu_slope(m, x),
         textbook=("x σ(x)", "σ(x)(1 + x σ(-x))"), roots=(-1.2785,),
         edges={(INF,): (INF, 1.0), (-INF,): (0.0, 0.0), (0.0,): (0.0, 0.5)})
register("gelu",       terms.gelu,
                       lambda m, x, z: terms.gelu_slope(m, x),
         textbook=("x Φ(x)", "Φ(x) + x φ(x)"), roots=(-0.7518,),
         edges={(INF,): (INF, 1.0), (-INF,): (0.0, 0.0), (0.0,): (0.0, 0.5)})
register("log_sigmoid", lambda m, x: m.where(m.lt(x, 0.0), x, 0.0) - m.log1p(m.exp(terms.minus_abs(m, x))),
                       lambda m, x, z: terms.softplus_slope(m, -x),
         textbook=("-ln(1 + e^(-x))", "σ(-x)"), edges={(INF,): (0.0, 0.0), (-INF,): (-INF, 1.0)})
register("softsign",   lambda m, x: terms.limits(m, x, x / (1.0 + m.abs(x)), below=-1.0, above=1.0),
                       lambda m, x, z: terms.squared_inverse(m, 1.0 + m.abs(x)),
         textbook=("x/(1 + |x|)", "1/(1 + |x|)²"), edges={(INF,): (1.0, 0.0), (-INF,): (-1.0, 0.0)})
register("erf",        lambda m, x: m.erf(x),
                       lambda m, x, z: terms.TWO_OVER_ROOT_PI * terms.gauss(m, x),
         textbook=("erf(x)", "2e^(-x²)/√π"), edges={(INF,): (1.0, 0.0), (-INF,): (-1.0, 0.0)})
register("erfc",       lambda m, x: m.erfc(x),
                       lambda m, x, z: -terms.TWO_OVER_ROOT_PI * terms.gauss(m, x),
         textbook=("1 - erf(x)", "-2e^(-x²)/√π"), edges={(INF,): (0.0, 0.0), (-INF,): (2.0, 0.0)})
register("relu",       lambda m, x: terms.compare(m, x, 0.0, more=x, less=0.0, tie=0.0),
                       lambda m, x, z: terms.compare(m, x, 0.0, more=1.0, less=0.0, tie=0.0),
         textbook=("max(x, 0)", "1 if x > 0 else 0"), domain=(NONZERO,), symbol="ReLU",
         edges=[((0.0,), (0.0, 0.0)), ((-0.0,), (0.0, 0.0))])  # 0 at the kink, not the mean, as in other libraries
register("leaky_relu", lambda m, x, y: m.where(m.gt(x, 0.0), x, y * x),
                       lambda m, x, y, z: terms.compare(m, x, 0.0, more=1.0, less=y, tie=y),
                       lambda m, x, y, z: m.where(m.gt(x, 0.0), 0.0, x),
         textbook=("x if x > 0 else y x", "1 if x > 0 else y", "0 if x > 0 else x"),
         domain=(NONZERO, REAL), edges=conventions.LEAKY_RELU, defaults=(0.01,))
register("elu",        lambda m, x, y: m.where(m.gt(x, 0.0), x, y * m.expm1(terms.negative(m, x))),
                       lambda m, x, y, z: m.where(m.gt(x, 0.0), 1.0, terms.scaled_exp(m, terms.negative(m, x), y)),
                       lambda m, x, y, z: m.where(m.gt(x, 0.0), 0.0, m.expm1(terms.negative(m, x))),
         textbook=("x if x > 0 else y(e^x - 1)", "1 if x > 0 else y e^x", "0 if x > 0 else e^x - 1"),
         domain=(NONZERO, REAL), edges=conventions.ELU, defaults=(1.0,))
register("selu",       lambda m, x: m.where(m.gt(x, 0.0), SELU * x, SELU_BELOW * m.expm1(terms.negative(m, x))),
                       lambda m, x, z: m.where(
                           m.gt(x, 0.0), SELU, terms.scaled_exp(m, terms.negative(m, x), SELU_BELOW)),
         textbook=(f"{SELU}x if x > 0 else {SELU_BELOW}(e^x - 1)", f"{SELU} if x > 0 else {SELU_BELOW}e^x"),
         domain=(NONZERO,), edges=conventions.SELU)
register("relu6",      lambda m, x: terms.ramp(m, x, 0.0, 6.0, 0.0, x, 6.0),
                       lambda m, x, z: terms.ramp(m, x, 0.0, 6.0, 0.0, 1.0, 0.0),
         textbook=("min(max(x, 0), 6)", "0 if x ≤ 0 else 1 if x < 6 else 0"),
         domain=(Interval(holes=(0.0, 6.0)),), edges=conventions.RELU6)
register("hard_tanh",  lambda m, x: terms.ramp(m, x, -1.0, 1.0, -1.0, x, 1.0),
                       lambda m, x, z: terms.ramp(m, x, -1.0, 1.0, 0.0, 1.0, 0.0),
         textbook=("min(max(x, -1), 1)", "1 if |x| < 1 else 0"),
         domain=(Interval(holes=(-1.0, 1.0)),), edges=conventions.HARD_TANH)
register("hard_sigmoid", lambda m, x: terms.ramp(m, x, -3.0, 3.0, 0.0, (x + 3.0) / 6.0, 1.0),
                       lambda m, x, z: terms.ramp(m, x, -3.0, 3.0, 0.0, 1.0 / 6.0, 0.0),
         textbook=("min(max(x + 3, 0), 6)/6", "z/(x + 3) if |x| < 3 else 0"),
         domain=(Interval(holes=(-3.0, 3.0)),), edges=conventions.HARD_SIGMOID)
register("hard_swish", lambda m, x: terms.ramp(m, x, -3.0, 3.0, 0.0, x * ((x + 3.0) / 6.0), x),
                       lambda m, x, z: terms.ramp(m, x, -3.0, 3.0, 0.0, (2.0 * x + 3.0) / 6.0, 1.0),
         textbook=("0 if x < -3 else x if x > 3 else x(x + 3)/6", "0 if x ≤ -3 else 1 if x ≥ 3 else (2x + 3)/6"),
         domain=(Interval(holes=(-3.0, 3.0)),), edges=conventions.HARD_SWISH)
register("abs",        lambda m, x: m.abs(x),
                       lambda m, x, z: terms.compare(m, x, 0.0, more=1.0, less=-1.0, tie=0.0),
         textbook=("|x|", "sign(x)"), domain=(NONZERO,), edges={(0.0,): (0.0, 0.0)},
         dunder="abs", ufuncs=("absolute", "fabs"))
register("sign",       lambda m, x: terms.compare(m, x, 0.0, more=1.0, less=-1.0, tie=0.0),
                       lambda m, x, z: m.where(m.eq(x, x), 0.0, NAN),
         textbook=("1 if x > 0 else -1 if x < 0 else 0", "0"), domain=(NONZERO,), edges={(0.0,): (0.0, 0.0)},
         ufuncs=("sign",))
register("maximum",    lambda m, x, y: terms.compare(m, x, y, more=x, less=y, tie=x),
                       lambda m, x, y, z: terms.compare(m, x, y, more=1.0, less=0.0, tie=0.5),
                       lambda m, x, y, z: terms.compare(m, x, y, more=0.0, less=1.0, tie=0.5),
         textbook=("max(x, y)", "1 if x > y else 0 if x < y else 1/2", "0 if x > y else 1 if x < y else 1/2"),
         edges=conventions.EXTREME, ufuncs=("maximum",))
register("minimum",    lambda m, x, y: terms.compare(m, x, y, more=y, less=x, tie=x),
                       lambda m, x, y, z: terms.compare(m, x, y, more=0.0, less=1.0, tie=0.5),
                       lambda m, x, y, z: terms.compare(m, x, y, more=1.0, less=0.0, tie=0.5),
         textbook=("min(x, y)", "0 if x > y else 1 if x < y else 1/2", "1 if x > y else 0 if x < y else 1/2"),
         edges=conventions.EXTREME, ufuncs=("minimum",))
register("clamp",      terms.clamp,
                       lambda m, x, low, high, z: terms.known(m, z, terms.sides(m, x, low, high, 0.0, 1.0, 0.0)),
                       lambda m, x, low, high, z: terms.known(m, z, m.lt(x, low)),
                       lambda m, x, low, high, z: terms.known(m, z, m.where(m.lt(x, low), 0.0, m.gt(x, high))),
         textbook=("min(max(x, low), high)",
                   "1 if low ≤ x ≤ high else 0", "1 if x < low else 0", "1 if x > high else 0"),
         domain=(REAL, Interval(-2.0, -1.0), Interval(1.0, 2.0)), edges=conventions.CLAMP)
register("hypot",      polar.hypot,
                       lambda m, x, y, z: polar.share(m, x, y, x, y),
                       lambda m, x, y, z: polar.share(m, x, y, y, x),
         textbook=("√(x² + y²)", "x/z", "y/z"), edges=conventions.HYPOT, ufuncs=("hypot",))
register("xlogy",      terms.xlogy,
                       terms.xlogy_logarithm,
                       terms.xlogy_slope,
         textbook=("x ln y", "ln y", "x/y"), domain=(REAL, POSITIVE), edges=conventions.XLOGY)
register("floor",      lambda m, x: m.floor(x),
                       None,
         textbook=("⌊x⌋", None), dunder="floor", ufuncs=("floor",))
register("round",      lambda m, x: m.round(x),
                       None,
         textbook=("round(x)", None), dunder="round", ufuncs=("rint",))
register("ceil",       lambda m, x: -m.floor(-x),
                       None,
         textbook=("-⌊-x⌋", None), dunder="ceil", ufuncs=("ceil",))
register("trunc",      lambda m, x: m.where(m.lt(x, 0.0), -m.floor(-x), m.floor(x)),
                       None,
         textbook=("sign(x) ⌊|x|⌋", None), dunder="trunc", ufuncs=("trunc",))
register("fmod",       lambda m, x, y: m.fmod(x, y),
                       lambda m, x, y, z: 1.0,
                       quotients.slope,
         textbook=("x - sign(x/y) ⌊|x/y|⌋ y", "1", "-sign(x/y) ⌊|x/y|⌋"),
         edges=conventions.REMAINDER, ufuncs=("fmod",))
register("mod",        quotients.mod,
                       lambda m, x, y, z: 1.0,
                       quotients.mod_slope,
         textbook=("x - ⌊x/y⌋ y", "1", "-⌊x/y⌋"), edges=conventions.MOD,
         dunder="mod", symbol="%", ufuncs=("remainder", "mod"))
register("ieee_remainder", lambda m, x, y: m.ieee_remainder(x, y),
                       lambda m, x, y, z: 1.0,
                       quotients.slope,
         textbook=("x - round(x/y) y", "1", "-round(x/y)"), edges=conventions.REMAINDER)
register("floordiv",   quotients.floordiv,
                       None, None,
         textbook=("⌊x/y⌋", None, None), edges=conventions.FLOORDIV,
         dunder="floordiv", symbol="//", ufuncs=("floor_divide",))
register("copysign",   lambda m, x, y: terms.known(m, y, m.copysign(x, y)),
                       lambda m, x, y, z: terms.known(
                           m, z, terms.compare(m, x, 0.0, more=1.0, less=-1.0, tie=0.0) * m.copysign(1.0, y)),
                       None,
         textbook=("|x| sign(y)", "sign(x) sign(y)", None), edges=conventions.COPYSIGN,
         ufuncs=("copysign",))
register("isnan",      lambda m, x: m.ne(x, x),
                       None,
         textbook=("1 if x ≠ x else 0", None), edges={(NAN,): (1.0, None)}, ufuncs=("isnan",))
register("isinf",      lambda m, x: m.eq(m.abs(x), INF),
                       None,
         textbook=("1 if |x| = ∞ else 0", None), edges={(NAN,): (0.0, None)}, ufuncs=("isinf",))
register("isfinite",   lambda m, x: m.lt(m.abs(x), INF),
                       None,
         textbook=("1 if |x| < ∞ else 0", None), edges={(NAN,): (0.0, None)}, ufuncs=("isfinite",))
register("where",      lambda m, c, x, y: m.where(c, x, y),
                       None,
                       lambda m, c, x, y, z: m.where(c, 1.0, 0.0),
                       lambda m, c, x, y, z: m.where(c, 0.0, 1.0),
         textbook=("x if c ≠ 0 else y", None, "1 if c ≠ 0 else 0", "0 if c ≠ 0 else 1"),
         domain=(Interval(-1.0, 2.0, integers=True), REAL, REAL), edges=conventions.WHERE)
register("gt",         lambda m, x, y: m.gt(x, y), None, None,
         textbook=("1 if x > y else 0", None, None), dunder="gt", symbol=">", ufuncs=("greater",))
register("ge",         lambda m, x, y: m.ge(x, y), None, None,
         textbook=("1 if x ≥ y else 0", None, None), dunder="ge", symbol=">=", ufuncs=("greater_equal",))
register("lt",         lambda m, x, y: m.lt(x, y), None, None,
         textbook=("1 if x < y else 0", None, None), dunder="lt", symbol="<", ufuncs=("less",))
register("le",         lambda m, x, y: m.le(x, y), None, None,
         textbook=("1 if x ≤ y else 0", None, None), dunder="le", symbol="<=", ufuncs=("less_equal",))
register("eq",         lambda m, x, y: m.eq(x, y), None, None,
         textbook=("1 if x = y else 0", None, None), dunder="eq", symbol="==", ufuncs=("equal",))
register("ne",         lambda m, x, y: m.ne(x, y), None, None,
         textbook=("1 if x ≠ y else 0", None, None), dunder="ne", symbol="!=", ufuncs=("not_equal",))
register("detach",     lambda m, x: m.detach(x), None,
         textbook=("x", None))
register("sum",        lambda m, xs: sums.fold(xs),
                       lambda m, xs, z: [1.0] * len(xs),
         textbook=("Σ xᵢ", "1"), domain=(REAL,) * 3, variadic=True)
register("dot",        lambda m, xs: sums.fold(map(mul, *sums.halves(xs))),
                       lambda m, xs, z: add(*reversed(sums.halves(xs))),
         textbook=("Σ xᵢ yᵢ", "yᵢ", "xᵢ"), domain=(REAL,) * 6, variadic=True)
register("norm",       sums.norm,
                       sums.norm_slopes,
         textbook=("√(Σ xᵢ²)", "xᵢ/z"), domain=(REAL,) * 2, edges=conventions.NORM, variadic=True)
register("logsumexp",  sums.logsumexp,
                       lambda m, xs, z: sums.softmax(m, xs),
         textbook=("ln Σ e^xᵢ", "e^(xᵢ - z)"), domain=(REAL,) * 2, edges=conventions.LOGSUMEXP, variadic=True)
register("surprisal",  sums.surprisal,
                       sums.surprisal_slopes,
         textbook=("ln Σ e^xᵢ - xₖ", "e^(xᵢ - xₖ - z) - (1 if i = k else 0)", None), variadic=True,
         edges=conventions.SURPRISAL, domain=(REAL, REAL, REAL, Interval(-1.0, 3.0, integers=True)))
register("take",       sums.take,
                       sums.take_slopes,
         textbook=("xₖ", "1 if i = k else 0", None), variadic=True,
         domain=(REAL, REAL, REAL, Interval(-1.0, 3.0, integers=True)))
# fmt: on

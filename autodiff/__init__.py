"""Scalar automatic differentiation: a Value remembers the operation that made it, and backward differentiates it.

Beside the names below, every row of the table is here as a function: `autodiff.tanh`, `autodiff.maximum` …

The files, from the bottom up. `trigonometry` reduces large angles, `limits` stand in for errors of `math`; `arithmetic`
is the contract of an arithmetic, with floats; `contexts` are switches, `interrupts` tear neither them nor native work,
`watch` counts the active ones; `text` and `arrays` are further arithmetics. A `row` is an operation, `terms` are the
longer formulas, `powers`, `polar` and `quotients` those of pow, of hypot and of division with remainder, `conventions`
what holds at edges, `sums` the order of sums, `primitives` is the table, and `custom` takes rows of users. A `textbook`
form says what a row is, by `typesetting` in text and LaTeX. A `node` of a `graph` is copied by `copying`; `eager`
writes class `value` from the table, `apply` calls rows, `value_array` is the array, whose `ufuncs` and
`array_functions` go by rows and `logic`, `proxies` pass for floats, `bulk` reads many Values at once, `variadic` are
functions of lists. `linearization` with its `sweeps`, `sparse` matrices, `trees` of arguments, their `branches` and
`transforms` give derivatives, `repetition` takes steps of a state, `checking` compares derivatives with differences,
the `compiler` makes them fast. `expressions` and `commands` serve the command line, `files` are written whole, a
`cache` keeps compiled objects, `locks` outlive a fork, `observed` lists count their changes, `build` says how this one
was built, `memory` what is left for a graph, and `moved` finds what earlier pickles name.
"""

from typing import TYPE_CHECKING, Any

from . import moved as moved
from . import value
from .arithmetic import elementary
from .branches import register_container
from .build import compiled
from .checking import GradientError, check_grads
from .contexts import TraceError, detect_nonfinite, no_grad, scope
from .custom import primitive
from .repetition import repeat
from .row import PRIMITIVES, Interval
from .transforms import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from .value import *  # noqa: F403
from .value import Value
from .variadic import dot, log_softmax, logsumexp, norm, softmax, sum, surprisal, take

if TYPE_CHECKING:
    from .compiler import compile as compile

__all__ = [
    "PRIMITIVES",
    "GradientError",
    "Interval",
    "TraceError",
    "Value",
    "ValueArray",  # noqa: F405
    "check_grads",
    "compile",
    "compiled",
    "detect_nonfinite",
    "dot",
    "elementary",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "log_softmax",
    "logsumexp",
    "no_grad",
    "norm",
    "primitive",
    "register_container",
    "repeat",
    "scope",
    "softmax",
    "sum",
    "surprisal",
    "take",
    "value_and_grad",
    "vjp",
]
__all__ += value.__all__[1:]


def __getattr__(name: str) -> Any:
    if name == "ValueArray":  # on request, so that importing autodiff does not import NumPy
        from .value_array import ValueArray

        return ValueArray
    if name == "compile":
        from .compiler import compile

        return compile
    raise AttributeError(f"module `autodiff` has no attribute `{name}`")

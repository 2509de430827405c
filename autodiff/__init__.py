"""Scalar automatic differentiation: a Value remembers the operation that made it, and backward differentiates it.

Beside the names below, every row of the table is here as a function: `autodiff.tanh`, `autodiff.maximum` …
"""

from typing import TYPE_CHECKING, Any

from . import moved as moved
from . import value
from .arithmetic import elementary
from .build import compiled
from .checking import GradientError, check_grads
from .contexts import TraceError, detect_nonfinite, no_grad, scope
from .custom import primitive
from .row import PRIMITIVES, Interval
from .transforms import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from .value import *  # noqa: F403
from .value import Value
from .variadic import dot, log_softmax, logsumexp, norm, softmax, sum, take

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
    "scope",
    "softmax",
    "sum",
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

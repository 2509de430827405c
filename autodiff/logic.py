"""Truth values: what comparisons give, and their and, or, not, any and all; they are 1.0 or 0.0 and have no slope.

Each is a comparison again, so that it is a truth value to the next, to an index and to `float`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .contexts import no_grad_switch
from .row import functions

PREDICATES = frozenset(
    {"gt", "ge", "lt", "le", "eq", "ne", "isnan", "isfinite", "isinf"}
)  # rows that give truth values


def is_truth(x: Any) -> bool:
    """Return whether x is a truth value: a bool, 1.0 or 0.0, or a Value that a comparison gave."""
    if not hasattr(x, "backward"):
        return bool(x == 0.0 or x == 1.0)
    return x.op in PREDICATES or (not x.op and no_grad_switch.get().on and x._data in (0.0, 1.0))


def truth(x: Any) -> Any:
    """Return 1.0 where x is true, as `bool` has it, and 0.0 where it is not."""
    return x if is_truth(x) else functions["ne"](x, 0.0)


def conjunction(x: Any, y: Any) -> Any:
    """Return whether both x and y are true."""
    return functions["ne"](functions["mul"](truth(x), truth(y)), 0.0)


def disjunction(x: Any, y: Any) -> Any:
    """Return whether x or y is true, or both."""
    return functions["ne"](functions["add"](truth(x), truth(y)), 0.0)


def exclusive(x: Any, y: Any) -> Any:
    """Return whether one of x and y is true, but not both."""
    return functions["ne"](truth(x), truth(y))


def negation(x: Any) -> Any:
    """Return whether x is not true."""
    return functions["eq"](x, 0.0)


def is_whole(x: Any) -> Any:
    """Return whether x is a whole number, which inf and nan are not."""
    return functions["eq"](functions["sub"](x, functions["floor"](x)), 0.0)


def any_true(xs: Sequence[Any]) -> Any:
    """Return whether one of xs is true, as one comparison of one sum."""
    return functions["gt"](functions["sum"]([truth(x) for x in xs]), 0.0)


def all_true(xs: Sequence[Any]) -> Any:
    """Return whether all xs are true, as one comparison of one sum."""
    return functions["eq"](functions["sum"]([truth(x) for x in xs]), float(len(xs)))


def known(x: Any, y: Any) -> tuple[Any, Any]:
    """Return x and y, the other in place of one that is nan: it then has the whole slope of a symmetric function."""
    return functions["where"](functions["eq"](x, x), x, y), functions["where"](functions["eq"](y, y), y, x)


def of_truths(symbol: str, operation: Callable[..., Any]) -> Callable[..., Any]:
    """Return `operation` for truth values alone, as Python's operator `symbol` is. It raises TypeError for others."""

    def operate(*operands: Any) -> Any:
        for x in operands:
            if not is_truth(x):
                raise TypeError(
                    f"`{symbol}` takes comparisons, such as (x > 1) {symbol} (x < 3), got {x!r:.60}. An int whose bits "
                    "are meant is no data: name it in `compile(f, static=…)`"
                )
        return operation(*operands)

    return operate


both = of_truths("&", conjunction)
either = of_truths("|", disjunction)
one = of_truths("^", exclusive)
opposite = of_truths("~", negation)

"""Operations: the meaning of an instruction, the value of a row, a partial of one, or an elementary function of m.

An operation is named by the row it evaluates, `tanh`; by row and argument for a partial, `tanh'0`; and as `m.pow`
where an elementary function is not what the row of its name computes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any, NamedTuple

from ...arithmetic import FUNCTIONS, Function, Kind, Reading
from ...row import PRIMITIVES, Primitive
from ...text import Term, term, text

OPERATORS = {"add": "{} + {}", "sub": "{} - {}", "mul": "{} * {}", "div": "{} / {}", "neg": "-{}"}


class Slope(NamedTuple):
    """A partial of a row: a number, one of (x, …, z), or an operation on some of them."""

    constant: float | None
    operation: str
    operands: tuple[int, ...]


@cache
def rule(name: str) -> Callable[..., Any]:
    """Return the function (m, operands…) that an operation of fixed arity evaluates."""
    if name in PRIMITIVES:
        return PRIMITIVES[name].value
    if name.startswith("m."):
        return lambda m, *operands: getattr(m, name[2:])(*operands)
    row, _, index = name.partition("'")
    found = PRIMITIVES[row].partials[int(index)]
    if found is None:
        raise KeyError(name)
    used = slope(row, int(index)).operands
    count = PRIMITIVES[row].arity + 1

    def evaluate(m: Any, *operands: Any) -> Any:
        given = dict(zip(used, operands, strict=True))
        return found(m, *(given.get(k) for k in range(count)))

    return evaluate


@cache
def slope(name: str, index: int) -> Slope:
    """Return the partial of a row by its argument `index`, as a number, an operand or an operation."""
    row = PRIMITIVES[name]
    rule = row.partials[index]
    assert rule is not None
    names = (*(f"x{i}" for i in range(row.arity)), "z")
    seen: set[str] = set()
    result = rule(Reading(partial(_watching, seen)), *(_Watched(n, seen) for n in names))
    if isinstance(result, (int, float)):
        return Slope(float(result), "", ())
    if type(result) is _Watched and result.name in names:
        return Slope(None, "", (names.index(result.name),))
    return Slope(None, f"{name}'{index}", tuple(i for i, n in enumerate(names) if n in seen))


@cache
def function_operation(name: str) -> str:
    """Return the operation that computes the elementary function m.`name`: its row, if that computes nothing else."""
    row = PRIMITIVES.get(name)
    if row is None or row.variadic or name not in FUNCTIONS:
        return f"m.{name}"
    xs = [Term(f"x{i}") for i in range(row.arity)]
    same = str(term(row.evaluate(text, xs))) == str(term(getattr(text, name)(*xs)))
    return name if same else f"m.{name}"


def kind(operation: str) -> Kind:
    """Return the kind of the elementary function that an operation computes, ordinary if it computes anything else."""
    name = operation.removeprefix("m.")
    return FUNCTIONS[name].kind if name in FUNCTIONS and function_operation(name) == operation else "ordinary"


def evaluate(name: str, m: Any, operands: Sequence[Any]) -> Any:
    """Return the result of an operation on `operands` under the arithmetic m."""
    return rule(name)(m, *operands)


def variadic(name: str) -> Primitive | None:
    """Return the row of an operation of any number of operands, None if it has a fixed number."""
    row = PRIMITIVES.get(name)
    return row if row is not None and row.variadic else None


class _Watched:
    """An operand that notes its use in a rule; a result of such operands has no name."""

    __slots__ = ("name", "seen")

    def __init__(self, name: str, seen: set[str]) -> None:
        self.name, self.seen = name, seen

    def _use(self, *others: Any) -> _Watched:
        self.seen.update(o.name for o in (self, *others) if isinstance(o, _Watched))
        return _Watched("", self.seen)

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __neg__ = _use


def _watching(seen: set[str], function: Function) -> Callable[..., Any]:
    if function.kind == "identity":
        return lambda x, *_: x
    return lambda *operands: _Watched("", seen)._use(*operands)

"""Primitive: a row of the table, with its value, a partial derivative for each argument, its domain and its names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from keyword import iskeyword
from types import EllipsisType
from typing import Any

from .arithmetic import INF

Rule = Callable[..., Any]
Numbers = tuple[float, ...]


@dataclass(frozen=True)
class Interval:
    """Where to sample an argument: an open interval without the points in `holes`, or the integers in it."""

    low: float = -INF
    high: float = INF
    holes: Numbers = ()
    integers: bool = False


REAL, POSITIVE, NONZERO = Interval(), Interval(0.0), Interval(holes=(0.0,))
# An edge: arguments → value and partials. An argument is a number, an interval with its ends, or `...` for any number
# and nan; a result of `...` follows from the limit.
Place = tuple[float | Interval | EllipsisType, ...]
Outcome = tuple[float | EllipsisType | None, ...]
Edge = tuple[Place, Outcome]
Textbook = tuple[str | None, ...]
Edges = Mapping[Place, Outcome] | Sequence[Edge]  # pairs, the first that matches, where 0.0 and -0.0 differ


@dataclass(frozen=True)
class Primitive:
    """A row of the table; `partials` holds a rule for each argument, None where the row is locally constant.

    A variadic row has value(m, xs) and one rule for all its partials, partials[0](m, xs, z) → a list; its `domain`
    is that of one sample of xs.
    """

    name: str
    value: Rule
    partials: tuple[Rule | None, ...]
    domain: tuple[Interval, ...]
    edges: tuple[Edge, ...] = ()
    variadic: bool = False
    dunder: str = ""  # the stem of Python's special method
    symbol: str = ""  # how micrograd's `_op` and pictures show it
    ufuncs: tuple[str, ...] = ()  # NumPy's names
    constants: Mapping[float, str] = field(default_factory=dict)  # the rows for these plain numbers as second argument
    defaults: Numbers = ()  # of the last arguments
    roots: Numbers = ()  # of the partial, beside which no relative accuracy can be had
    textbook: Textbook = ()  # value and partials as a reader knows them, in the notation of `autodiff.textbook`

    @property
    def arity(self) -> int:
        """The number of arguments of a row that is not variadic."""
        return len(self.partials)

    @property
    def arguments(self) -> tuple[str, ...]:
        """The names of the arguments: x, y; of more, those of the value rule."""
        if self.arity <= 2:
            return ("x", "y")[: self.arity]
        code = getattr(self.value, "__code__", None)
        names: tuple[str, ...] = code.co_varnames[1 : code.co_argcount] if code else ()
        fits = len(names) == self.arity and not {"z", "call"} & {*names}  # the result, and what the functions call
        return names if fits else tuple(f"x{i}" for i in range(self.arity))

    def evaluate(self, m: Any, primals: Sequence[Any]) -> Any:
        """Return the value of the row at `primals` under the arithmetic `m`."""
        return self.value(m, primals) if self.variadic else self.value(m, *primals)

    def linearize(self, m: Any, primals: Sequence[Any], z: Any, active: Sequence[bool] | None = None) -> list[Any]:
        """Return the partials at `primals`: None for an argument that has none or, if `active` is given, is not."""
        if self.variadic:
            rule = self.partials[0]
            partials: list[Any] = rule(m, primals, z) if rule else [None] * len(primals)
            return partials if active is None else [d if on else None for d, on in zip(partials, active, strict=True)]
        on_all = active or (True,) * self.arity
        rules = zip(self.partials, on_all, strict=True)
        return [rule(m, *primals, z) if rule and on else None for rule, on in rules]


PRIMITIVES: dict[str, Primitive] = {}
UFUNCS: dict[str, Primitive] = {}
functions: dict[str, Callable[..., Any]] = {}  # row → its public function, filled above


def register(
    name: str,
    value: Rule,
    *partials: Rule | None,
    domain: Sequence[Interval] | None = None,
    edges: Edges = (),
    variadic: bool = False,
    dunder: str = "",
    symbol: str = "",
    ufuncs: tuple[str, ...] = (),
    constants: Mapping[float, str] | None = None,
    defaults: Numbers = (),
    roots: Numbers = (),
    textbook: Textbook = (),
) -> Primitive:
    """Add a row to the table. Raises ValueError for a name that is taken or is no identifier, or no partials."""
    if not name.isidentifier() or iskeyword(name) or name in PRIMITIVES:
        raise ValueError(f"`{name}` is no free identifier; the table already has {', '.join(PRIMITIVES)}")
    if not partials:
        raise ValueError(f"`{name}` needs a partial for each argument: a rule, or None where it is locally constant")
    domains = tuple(domain) if domain is not None else (REAL,) * len(partials)
    if len(domains) != len(partials) and not variadic:
        raise ValueError(f"`{name}` has {len(partials)} partials but {len(domains)} domains")
    pairs: tuple[Edge, ...] = tuple(edges.items() if isinstance(edges, Mapping) else edges)
    for point, outcome in pairs:
        if not variadic and (len(point), len(outcome)) != (len(partials), 1 + len(partials)):
            raise ValueError(
                f"`{name}`: an edge is arguments → (value, {len(partials)} partials), got {point}: {outcome}"
            )
    if textbook and len(textbook) != 1 + len(partials) and not variadic:
        raise ValueError(f"`{name}`: `textbook` has the value and {len(partials)} partials, got {len(textbook)} forms")
    shown = symbol or name
    # fmt: off
    row = Primitive(
        name, value, partials, domains, pairs, variadic, dunder, shown, ufuncs, constants or {}, defaults, roots,
        textbook,
    )
    # fmt: on
    PRIMITIVES[name] = row
    UFUNCS.update(dict.fromkeys(ufuncs, row))
    return row

"""Signature: the arguments of a call divided into data and structure, by which programs are kept."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Hashable, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple

import numpy as np

from ...arithmetic import is_array
from ...node import Node
from ...trees import is_number
from ..captures.kinds import ATOMS, is_plain

STRUCTURE = (bool, str, bytes, type(None))
LIBRARIES = "torch", "jax", "dask"  # whose arrays need not tell that they are of the array API


class Arguments(NamedTuple):
    """The arguments of a call: the key of their structure, their data from left to right, and themselves.

    Data are floats and Values; for many rows also arrays, whose first axis is the rows.
    """

    key: Any
    data: list[Any]
    positional: list[Any]
    named: dict[str, Any]
    static: dict[Any, Any]
    rows: int | None

    def row(self, r: int) -> tuple[list[Any], dict[str, Any]]:
        """Return positional and named arguments of row r."""
        if self.rows is None:
            return self.positional, self.named
        return _at(self.positional, r), _at(self.named, r)

    def filled(self) -> Arguments:
        """Return these arguments. Raises ValueError if they have no row."""
        if not self.rows:
            raise ValueError("the arrays have no row: a mean over none has no value, and a sum nothing to learn from")
        return self

    def complete(self, f: Callable[..., Any]) -> Callable[..., Any]:
        """Return f with the static arguments put back in their places."""
        if not self.static:
            return f

        def whole(*args: Any, **options: Any) -> Any:
            given = [self.static.get(i, x) for i, x in enumerate(args)]
            return f(*given, **{name: self.static.get(name, x) for name, x in options.items()})

        return functools.update_wrapper(whole, f)


class Signature:
    """How the arguments of `f` are read, those named in `static` as structure."""

    def __init__(self, f: Callable[..., Any], static: Sequence[str]) -> None:
        if isinstance(static, str) or not all(isinstance(name, str) for name in static):
            raise TypeError(f"`static` is a tuple of names of arguments, got {static!r}")
        self.static = frozenset(static)
        self.takes_nothing = _takes_nothing(f)
        self.names: list[str] = []
        if self.static:
            parameters = inspect.signature(f).parameters
            unknown = [name for name in static if name not in parameters]
            if unknown:
                raise ValueError(f"`static` names {unknown}, but the arguments are {list(parameters)}")
            self.names = list(parameters)

    def read(self, args: Sequence[Any], options: dict[str, Any], *, rows: bool) -> Arguments:
        """Divide arguments into data and structure. Raises TypeError for what is neither."""
        data: list[Any] = []
        fixed: dict[Any, Any] = {}
        positional, named = list(args), options
        if self.static:
            for i, (name, x) in enumerate(zip(self.names, args)):  # noqa: B905 (defaults may be left out)
                if name in self.static:
                    fixed[i], positional[i] = x, None
            fixed.update({name: x for name, x in options.items() if name in self.static})
            named = {name: None if name in self.static else x for name, x in options.items()}
        counts: dict[int, Any] = {}
        found = _Reading(data, counts if rows else None)
        key = (tuple(map(found.key, positional)), found.key(named) if named else (), _hashable(fixed))
        if not rows:
            return Arguments(key, data, positional, named, fixed, None)
        if not counts:
            raise TypeError(
                "no argument has rows: give NumPy arrays whose first axis is the examples, np.array(xs). "
                "For one example call the function itself"
            )
        if len(counts) > 1:
            raise ValueError(f"the arrays differ in their number of rows: {sorted(counts)}")
        return Arguments(key, data, positional, named, fixed, next(iter(counts)))


def _takes_nothing(f: Callable[..., Any]) -> bool:
    """Return whether f is known to have no parameters."""
    try:
        return not inspect.signature(f).parameters
    except (TypeError, ValueError):  # some functions of C do not say
        return False


class _Reading:
    """Collects the data of arguments in a list and, unless `counts` is None, the row counts of arrays in its keys."""

    def __init__(self, data: list[Any], counts: dict[int, Any] | None) -> None:
        self.data, self.counts = data, counts

    def key(self, x: Any) -> Any:
        kind = type(x)
        if kind is float:
            self.data.append(x)
            return "x"
        if kind is np.ndarray and x.ndim:
            return self._array(x)
        if kind is list or kind is tuple:
            return kind.__name__, tuple(map(self.key, x))
        if isinstance(x, Node):
            self.data.append(x)
            return "v"
        if isinstance(x, STRUCTURE):
            return (kind, x) if kind in STRUCTURE else _exact(x)
        if is_number(x):
            self.data.append(float(x))
            return "x"
        if is_array(x):
            return self._array(x)
        if library(x):
            return self._foreign(x)
        if isinstance(x, dict):
            return kind, tuple((_name(name), self.key(branch)) for name, branch in x.items())
        if isinstance(x, list | tuple):
            return kind, tuple(map(self.key, x))
        raise TypeError(
            f"a compiled function takes numbers, Values, arrays, and lists, tuples and dicts of them, got "
            f"{kind.__name__} {x!r:.60}. Name the argument in `static`, or let the function capture it"
        )

    def _foreign(self, x: Any) -> Any:
        if self.counts is None or not x.ndim:
            raise TypeError(f"arrays of {library(x)} are rows for `map`; for one example give numbers, x.tolist()")
        self.counts[int(x.shape[0])] = None
        self.data.append(x)
        return ("array", tuple(x.shape[1:]), ()) if x.ndim > 1 else "x"

    def _array(self, x: Any) -> Any:
        if x.dtype == bool:
            if self.counts is not None:
                raise TypeError("an array of bools is structure and has no rows: pass it as numbers, .astype(float)")
            return "bools", x.shape, x.tobytes()
        if self.counts is None:
            self.data += [e if isinstance(e, Node) else float(e) for e in x.ravel().tolist()]
            return "array", x.shape, tuple("v" if isinstance(e, Node) else "x" for e in x.ravel()) * (x.dtype == object)
        if x.dtype.kind not in "iuf":
            raise TypeError(f"rows are arrays of real numbers, got one of dtype {x.dtype}")
        self.counts[len(x)] = None
        self.data.append(x)
        return ("array", x.shape[1:], ()) if x.ndim > 1 else "x"


def library(x: Any) -> str:
    """Return the name of the library whose array x is, empty for numbers and NumPy's."""
    if isinstance(x, np.ndarray | np.generic) or not hasattr(x, "shape"):
        return ""
    top = type(x).__module__.partition(".")[0]
    top = {"jaxlib": "jax"}.get(top, top)
    return top if top in LIBRARIES or hasattr(x, "__array_namespace__") else ""


def _at(tree: Any, r: int) -> Any:
    """Return the row r of a tree of arrays; what is no array is the same for all rows."""
    if library(tree):
        return _at(np.asarray(tree[r : r + 1, ...]), 0)
    if is_array(tree):
        if not len(tree):
            return np.zeros(tree.shape[1:]) if tree.ndim > 1 else 0.0
        return tree[r] if tree.ndim > 1 else float(tree[r])
    if isinstance(tree, dict):
        return type(tree)({name: _at(branch, r) for name, branch in tree.items()})
    if isinstance(tree, list | tuple):
        parts = [_at(branch, r) for branch in tree]
        return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)
    return tree


def _name(key: Any) -> Any:
    return key if type(key) is str else _exact(key)


class _Identity:
    """A key that is equal for the same object alone: classes of users may call different objects equal."""

    def __init__(self, item: Any) -> None:
        self.item = item

    def __hash__(self) -> int:
        return id(self.item)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identity) and self.item is other.item


def _exact(x: Any) -> Any:
    """Return a key that is different for 1, 1.0 and True, for 0.0 and -0.0, and for what may differ elsewhere."""
    kind = type(x)
    if isinstance(x, (tuple, frozenset)) and is_plain(kind):
        return kind, (tuple if isinstance(x, tuple) else frozenset)(map(_exact, x))
    if kind in (bool, int, float, complex) or isinstance(x, np.generic):
        return kind, repr(x)
    if kind in ATOMS:
        return kind, repr(x), x
    own: Any = kind.__eq__
    if own is object.__eq__ or kind.__module__ in ("builtins", "numpy"):
        return kind, x
    hash(x)  # raises TypeError for what is refused
    if is_dataclass(x):
        held = [getattr(x, field.name) for field in fields(x)]
        return kind, tuple(_exact(one) if isinstance(one, Hashable) else _Identity(one) for one in held)
    return kind, _Identity(x)


def _hashable(static: dict[Any, Any]) -> Any:
    try:
        key = tuple((place, _exact(x)) for place, x in static.items())
        hash(key)
    except TypeError:
        raise TypeError(f"static arguments must be hashable, got {list(static.values())!r:.80}") from None
    return key

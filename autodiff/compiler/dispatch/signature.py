"""Signature: the arguments of a call divided into data and structure, by which programs are kept."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...arithmetic import is_array
from ...branches import closed, exact, is_container, opened, rest_key
from ...node import Node
from ...trees import check_array, is_number

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
            return self._array(x)  # the usual array, before tests that take longer
        if kind is list or kind is tuple:
            return kind.__name__, tuple(map(self.key, x))
        if kind is dict:
            return kind, tuple([(k if type(k) is str else exact(k), self.key(branch)) for k, branch in x.items()])
        if isinstance(x, Node):
            self.data.append(x)
            return "v"
        if isinstance(x, STRUCTURE):
            return kind.__name__, x if kind in STRUCTURE else exact(x)
        if is_container(x):
            parts = opened(x)
            keys = tuple(name if type(name) is str else exact(name) for name in parts.keys)
            return kind, keys, tuple(map(self.key, parts.branches)), rest_key(parts.rest)
        if is_number(x):
            self.data.append(float(x))
            return "x"
        if library(x):
            return self._foreign(x)
        if is_array(x):
            return self._array(x)
        if isinstance(x, np.bool_):
            return "np.bool", bool(x)
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
        if self.counts is not None and _is_frame(x):
            x = np.asarray(x)
        check_array(x)
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


def _is_frame(x: Any) -> bool:
    """Return whether x is a Series or a frame of pandas: its rows are taken by position, whatever its index."""
    return type(x).__module__.partition(".")[0] == "pandas"


def _at(tree: Any, r: int) -> Any:
    """Return the row r of a tree of arrays; what is no array is the same for all rows."""
    if is_container(tree):
        parts = opened(tree)
        return closed(tree, parts, [_at(branch, r) for branch in parts.branches])
    if library(tree):
        return _at(np.asarray(tree[r : r + 1, ...]), 0)
    if is_array(tree):
        if not len(tree):
            return np.zeros(tree.shape[1:]) if tree.ndim > 1 else 0.0
        row = tree.iloc[r] if _is_frame(tree) else tree[r]
        return np.asarray(row) if tree.ndim > 1 else float(row)
    return tree


def _hashable(static: dict[Any, Any]) -> Any:
    try:
        return tuple((name, exact(x)) for name, x in static.items())
    except TypeError:
        raise TypeError(f"static arguments must be hashable, got {list(static.values())!r:.80}") from None

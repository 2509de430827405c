"""ValueArray: a NumPy array of Values whose ufuncs are rows of the table.

On a plain array of objects NumPy itself decides ties and nan in `maximum`, and compares by truth; so ufuncs of a
ValueArray look their row up in the table and apply it to each element, and one that is no row is refused.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np

from . import arrays as arrays  # registers the array arithmetic
from .arithmetic import is_array
from .row import UFUNCS, functions


class ValueArray(np.ndarray):
    """An array of Values and numbers that follows the table: `np.exp(x)`, `np.maximum(x, 0)`, `x @ A @ x`.

    Made from any nested sequence of Values and numbers; slices, broadcasting, `@` and `np.sum` keep the type. On a
    plain array of objects, `np.array([v], dtype=object)`, NumPy decides by itself: `maximum` and `max` give one element
    whole, at a tie or beside a nan whichever comes to hand; `sort` compares by data; `sum` and `dot` are chains of
    additions; `sign` gives ints without a graph.

    >>> import numpy as np
    >>> from autodiff import Value, ValueArray
    >>> x = ValueArray([Value(1.0), Value(-2.0)])
    >>> y = np.sum(np.maximum(x, 0.0) * 3.0)
    >>> y.backward()
    >>> [v.grad for v in x]
    [3.0, 0.0]
    """

    def __new__(cls, elements: Any) -> ValueArray:
        """Return an array of `elements`, without copying them."""
        return np.array(elements, dtype=object).view(cls)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        """Apply the row of `ufunc`."""
        return apply_ufunc(ufunc, method, inputs, kwargs)

    def clip(self, low: Any = None, high: Any = None, **options: Any) -> Any:  # type: ignore[override]
        """Clip the elements by the rows `maximum` and `minimum`; NumPy would branch on comparisons."""
        _check_options(np.clip, options)
        bounded = self if low is None else np.maximum(self, low)
        return bounded if high is None else np.minimum(bounded, high)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """Apply a NumPy function as for any array, and return a ValueArray where it joins or selects elements."""
        if func is np.nan_to_num:
            raise TypeError("`np.nan_to_num` leaves an array of Values as it is. Write `np.where(x == x, x, 0.0)`")
        if func is np.vdot:
            return np.dot(*(np.ravel(x) for x in args))
        result = super().__array_function__(func, types, args, kwargs)
        return result.view(ValueArray) if type(result) is np.ndarray and result.dtype == object else result


def elementwise(function: Callable[..., Any], operands: Sequence[Any]) -> Any:
    """Return `function` of each element of the broadcast operands: a ValueArray, or floats if no Value is in it."""
    plain = [np.asarray(operand, dtype=object) for operand in operands]
    with np.errstate(all="ignore"):
        result = np.asarray(np.frompyfunc(function, len(plain), 1)(*plain), dtype=object)
    if all(type(element) is float for element in result.flat) and not _has_values(operands):
        return result.astype(np.float64)
    return result.view(ValueArray)


def _has_values(operands: Sequence[Any]) -> bool:
    return any((is_array(o) and o.dtype == object) or (not is_array(o) and hasattr(o, "backward")) for o in operands)


def apply_ufunc(ufunc: np.ufunc, method: str, inputs: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """Apply a NumPy ufunc to Values by its row. Raises TypeError for a ufunc, method or option that has none."""
    inputs = [x[()] if isinstance(x, np.ndarray) and not x.ndim else x for x in inputs]
    (out,) = kwargs.pop("out", None) or (None,)
    own = {key: kwargs.pop(key) for key in ("axis", "keepdims", "initial") if method == "reduce" and key in kwargs}
    _check_options(ufunc, kwargs)
    if method == "reduce" and ufunc.__name__ in UFUNCS:
        result = _reduce(UFUNCS[ufunc.__name__].name, inputs[0], **own)
    elif method == "__call__" and ufunc is np.matmul:
        result = _matmul(*inputs)
    elif method == "__call__" and ufunc in (np.positive, np.conjugate):
        result = +inputs[0] if not is_array(inputs[0]) else inputs[0].copy()
    elif method == "__call__" and ufunc.__name__ in UFUNCS:
        result = functions[UFUNCS[ufunc.__name__].name](*inputs)
    else:
        raise TypeError(
            f"`np.{ufunc.__name__}{'' if method == '__call__' else '.' + method}` is no operation of the table, which "
            f"has {', '.join(sorted(UFUNCS))}. Write it with these, or add a row with `autodiff.primitive`"
        )
    if out is None:
        return result
    out[...] = result
    return out


def _check_options(ufunc: Any, options: dict[str, Any]) -> None:
    """Raise TypeError for an option of a ufunc that is not at its default."""
    for name, option in options.items():
        if not (option is None or option is True or option is object or name in ("casting", "order", "subok")):
            raise TypeError(f"`np.{ufunc.__name__}` of Values takes no `{name}`, got {option!r:.60}")


def _reduce(name: str, x: Any, axis: Any = 0, keepdims: bool = False, initial: Any = None) -> Any:
    """Fold the row `name` over some axes of x from left to right; a sum is one node of the row `sum`."""
    x = np.asarray(x, dtype=object)
    axes = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    for a in axes:
        if not -x.ndim <= a < x.ndim:
            raise np.exceptions.AxisError(a, x.ndim)
    axes = tuple(a % x.ndim for a in axes)
    kept = [a for a in range(x.ndim) if a not in axes]
    rows = x.transpose([*kept, *axes]).reshape([*(x.shape[a] for a in kept), math.prod(x.shape[a] for a in axes)])
    result = np.empty(rows.shape[:-1], dtype=object)
    given = [] if initial is None or initial is np._NoValue else [initial]
    for index in np.ndindex(result.shape):
        result[index] = _folded(name, [*given, *rows[index]])
    if keepdims:
        result = result.reshape([1 if a in axes else n for a, n in enumerate(x.shape)])
    return result.view(ValueArray) if result.ndim else result[()]


def _folded(name: str, terms: list[Any]) -> Any:
    if name == "add":
        return functions["sum"](terms)
    if not terms:
        raise ValueError(f"`{name}` of no elements has no value; give `initial`")
    return reduce(functions[name], terms)


def _matmul(a: Any, b: Any) -> Any:
    a, b = np.asarray(a, dtype=object), np.asarray(b, dtype=object)
    if a.ndim not in (1, 2) or b.ndim not in (1, 2) or a.shape[-1] != b.shape[0]:
        raise ValueError(f"`@` takes vectors and matrices of matching sizes, got shapes {a.shape} and {b.shape}")
    rows, columns = np.atleast_2d(a), b.reshape(len(b), -1).T
    result = np.empty((len(rows), len(columns)), dtype=object)
    for i, j in np.ndindex(result.shape):
        result[i, j] = functions["dot"](rows[i], columns[j])
    result = result.reshape(a.shape[:-1] + b.shape[1:])
    return result.view(ValueArray) if result.ndim else result[()]

"""ValueArray: a NumPy array of Values whose ufuncs are rows of the table.

On a plain array of objects NumPy itself decides ties and nan in `maximum`, and compares by truth; so ufuncs of a
ValueArray look their row up in the table and apply it to each element, and one that is no row is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import array_functions, ufuncs
from . import arrays as arrays  # registers the array arithmetic
from .arithmetic import is_array


class ValueArray(np.ndarray):
    """An array of Values and numbers that follows the table: `np.exp(x)`, `np.maximum(x, 0)`, `x @ A @ x`.

    Made from any nested sequence of Values and numbers; slices, broadcasting, `@` and `np.sum` keep the type. A
    comparison is a mask: it selects by `x[x > 0]`, and masks combine by `&`, `|`, `^`, `~`.

    On a plain array of objects, `np.array([v], dtype=object)`, NumPy decides by itself: `maximum` and `max` give one
    element whole, at a tie or beside a nan whichever comes to hand; `sort` compares by data; `sum` and `dot` are chains
    of additions; `sign` gives ints without a graph.

    >>> import numpy as np
    >>> from autodiff import Value, ValueArray
    >>> x = ValueArray([Value(1.0), Value(-2.0)])
    >>> y = np.sum(np.maximum(x, 0.0) * 3.0)
    >>> y.backward()
    >>> [v.grad for v in x]
    [3.0, 0.0]
    >>> x[(x > -3) & (x < 0)]
    ValueArray([Value(data=-2.0, grad=0.0)], dtype=object)
    """

    def __new__(cls, elements: Any) -> ValueArray:
        """Return an array of `elements`, without copying them."""
        return np.array(elements, dtype=object).view(cls)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        """Apply the row of `ufunc`."""
        return apply_ufunc(ufunc, method, inputs, kwargs)

    def __getitem__(self, index: Any) -> Any:
        """Return elements; a comparison, or one among other indices, is a mask."""
        return super().__getitem__(_index(index))

    def __setitem__(self, index: Any, elements: Any) -> None:
        """Replace elements; a comparison, or one among other indices, is a mask."""
        super().__setitem__(_index(index), elements)

    def astype(self, dtype: Any, *args: Any, **options: Any) -> Any:
        """Return a copy for float64, which Values compute in, and for object. Raises TypeError for any other dtype."""
        if np.dtype(dtype) not in (np.dtype(np.float64), np.dtype(object)):
            raise TypeError(f"Values compute in float64: `astype({dtype!r})` would round them, or lose the gradient")
        return super().astype(object, *args, **options)

    def clip(self, low: Any = None, high: Any = None, out: Any = None, **options: Any) -> Any:  # type: ignore[override]
        """Clip the elements by the row `clamp`, whose slope at a bound is 1; a bound of None is none."""
        return wrapped(array_functions.clip(self, low, high, out, **options))

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """Apply a NumPy function as for any array, and return a ValueArray where it joins or selects elements."""
        array_functions.refuse(func)
        if func in array_functions.STATED:
            return wrapped(array_functions.STATED[func](*args, **kwargs))
        return wrapped(super().__array_function__(func, types, args, kwargs))


def wrapped(result: Any) -> Any:
    """Return the result of a NumPy function: arrays of objects as ValueArrays, those of no dimension as elements."""
    if type(result) in (list, tuple):
        return type(result)(map(wrapped, result))
    if not isinstance(result, np.ndarray) or result.dtype != object:
        return result
    if not result.ndim:
        return result[()]
    return result.view(ValueArray) if type(result) is np.ndarray else result


def elementwise(function: Callable[..., Any], operands: Sequence[Any]) -> Any:
    """Return `function` of each element of the broadcast operands: a ValueArray, or floats if no Value is in it."""
    result = ufuncs.broadcast(function, operands)
    if all(type(element) is float for element in result.flat) and not _has_values(operands):
        return result.astype(np.float64)
    return result.view(ValueArray)


def _has_values(operands: Sequence[Any]) -> bool:
    return any((is_array(o) and o.dtype == object) or (not is_array(o) and hasattr(o, "backward")) for o in operands)


def apply_ufunc(ufunc: np.ufunc, method: str, inputs: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """Apply a NumPy ufunc to Values by its row. Raises TypeError for a ufunc, method or option that has none."""
    return wrapped(ufuncs.evaluate(ufunc, method, inputs, kwargs))


def _index(index: Any) -> Any:
    """Return an index of NumPy: masks and Values that are truth values decided."""
    if isinstance(index, tuple):
        return tuple(map(_index, index))
    return ufuncs.decided(index) if isinstance(index, ValueArray) else index

"""Ufuncs of NumPy on Values: each is the row of its name or a term of rows, and so are its reductions and its `at`.

What comes and goes here are arrays of objects; `value_array` makes ValueArrays of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np

from . import logic
from .arithmetic import is_array
from .row import PRIMITIVES, UFUNCS, functions

Operation = Callable[..., Any]
LN_2 = math.log(2.0)
# Terms of rows under the names of NumPy and SciPy; a row of the name or with it among its `ufuncs` comes first.
TERMS: dict[str, Operation] = {
    "positive": lambda x: +x,
    "conjugate": lambda x: x,
    "clip": lambda x, low, high: functions["clamp"](x, low, high),
    "expit": lambda x: functions["sigmoid"](x),
    "log_expit": lambda x: functions["log_sigmoid"](x),
    "logaddexp": lambda x, y: functions["logsumexp"]([x, y]),
    "logaddexp2": lambda x, y: functions["logsumexp"]([x * LN_2, y * LN_2]) / LN_2,
    "fmax": lambda x, y: functions["maximum"](*logic.known(x, y)),
    "fmin": lambda x, y: functions["minimum"](*logic.known(x, y)),
    "heaviside": lambda x, y: functions["where"](functions["eq"](x, 0.0), y, (functions["sign"](x) + 1.0) / 2.0),
    "logical_and": logic.conjunction,
    "logical_or": logic.disjunction,
    "logical_xor": logic.exclusive,
    "logical_not": logic.negation,
    "bitwise_and": logic.both,
    "bitwise_or": logic.either,
    "bitwise_xor": logic.one,
    "invert": logic.opposite,
}
# Reductions of many terms at once; others go from left to right.
REDUCTIONS: dict[str, Operation] = {
    "add": lambda terms: functions["sum"](terms),
    "logaddexp": lambda terms: functions["logsumexp"](terms),
    "logical_or": logic.any_true,
    "logical_and": logic.all_true,
}
PRODUCTS = ("matmul", "vecdot", "matvec", "vecmat")
REMEDIES = {
    "divmod": "Use `x // y` and `x % y`",
    "modf": "Use `np.floor` or `np.rint`, and the difference",
    "reduceat": "Reduce slices one by one",
}


def evaluate(ufunc: np.ufunc, method: str, inputs: Sequence[Any], options: dict[str, Any]) -> Any:
    """Return the result of a ufunc or of its method. Raises TypeError for what has no row, and for other options."""
    (out,) = options.pop("out", None) or (None,)
    operation = operation_of(ufunc)
    if operation is None and not (method == "__call__" and ufunc.__name__ in PRODUCTS):
        raise _refusal(ufunc, method)
    if method == "at":
        return _at(operation, *inputs)
    inputs = [opened(x) for x in inputs]
    where = options.pop("where", True)
    truths = _is_of(np.bool_, options) and method != "accumulate"
    if method in ("reduce", "accumulate"):
        own = {key: options.pop(key) for key in ("axis", "keepdims", "initial") if key in options}
        check(ufunc.__name__, options)
        result = _reduced(ufunc, method, operation, inputs[0], where, **own)
    else:
        check(ufunc.__name__, options)
        if where is not True:
            return _where(ufunc, operation, inputs, decided(where), out)
        result = _called(ufunc, method, operation, inputs)
    if truths and ufunc.__name__ not in ("logical_or", "logical_and"):
        result = np.asarray(decided(result), dtype=bool)
    return put(result, out)


def operation_of(ufunc: np.ufunc) -> Any:
    """Return the operation on numbers and Values that a ufunc applies to elements, None if there is none."""
    name = ufunc.__name__
    if name in UFUNCS:
        return functions[UFUNCS[name].name]
    if name in PRIMITIVES and not PRIMITIVES[name].variadic and PRIMITIVES[name].arity == ufunc.nin:
        return functions[name]
    if name in TERMS:
        return TERMS[name]
    return ufunc if ufunc.types == ["O" * ufunc.nin + "->" + "O" * ufunc.nout] else None  # of `np.frompyfunc`


def opened(x: Any) -> Any:
    """Return an operand: an array of no dimension as its element, a list as an array."""
    if isinstance(x, list | tuple):
        x = np.asarray(x, dtype=object)
    return x[()] if isinstance(x, np.ndarray) and not x.ndim else x


def broadcast(operation: Operation, operands: Sequence[Any]) -> Any:
    """Return `operation` of each element of the broadcast operands, as an array of objects."""
    plain = [np.asarray(operand, dtype=object) for operand in operands]
    with np.errstate(all="ignore"):
        return np.asarray(np.frompyfunc(operation, len(plain), 1)(*plain), dtype=object)


def put(result: Any, out: Any) -> Any:
    """Return `result` or, if `out` is an array, that with the result in it."""
    if out is None or out is ...:
        return result
    out[...] = result
    return out


def decided(x: Any) -> Any:
    """Return a mask as an array of bools: in a function that is being compiled, each is a branch that was taken."""
    return np.asarray(x).astype(bool) if hasattr(x, "dtype") and x.dtype.hasobject else x


def _called(ufunc: np.ufunc, method: str, operation: Any, inputs: Sequence[Any]) -> Any:
    if ufunc.__name__ in PRODUCTS:
        return _product(ufunc.__name__, *inputs)
    if isinstance(operation, np.ufunc):
        return operation(*(np.asarray(x, dtype=object) for x in inputs))
    if method == "outer":
        x, y = (np.asarray(x, dtype=object) for x in inputs)
        inputs = [x.reshape(x.shape + (1,) * y.ndim), y]
    elif method != "__call__":
        raise _refusal(ufunc, method)
    return broadcast(operation, inputs) if any(map(is_array, inputs)) else operation(*inputs)


def _refusal(ufunc: np.ufunc, method: str) -> TypeError:
    name = ufunc.__name__
    remedy = REMEDIES.get(method) or REMEDIES.get(name) or "Write it with rows such as exp or tanh"
    return TypeError(
        f"`np.{name}{'' if method == '__call__' else '.' + method}` is no operation of the table "
        f"`autodiff.PRIMITIVES`. {remedy}, or add a row with "
        "`autodiff.primitive`"
    )


def check(name: str, options: dict[str, Any]) -> None:
    """Raise TypeError for an option of a ufunc that is not at its default."""
    for key, option in options.items():
        plain = option is None or option is True or key in ("casting", "order", "subok")
        if not plain and not (key == "dtype" and np.dtype(option) in (object, np.float64, np.bool_, np.intp)):
            raise TypeError(f"`np.{name}` of Values takes no `{key}`, got {option!r:.60}")


def _is_of(kind: Any, options: dict[str, Any]) -> bool:
    return options.get("dtype") is not None and np.dtype(options["dtype"]) == kind


def _where(ufunc: np.ufunc, operation: Any, inputs: Sequence[Any], mask: Any, out: Any) -> Any:
    """Put results into `out` where `mask` is true, as NumPy does; the others are not computed."""
    if out is None or out is ... or operation is None:
        raise TypeError(f"`np.{ufunc.__name__}` of Values takes no `where` without `out`. Use `np.where` on the result")
    *operands, mask = np.broadcast_arrays(*(np.asarray(x, dtype=object) for x in inputs), np.asarray(mask, dtype=bool))
    out[mask] = broadcast(operation, [x[mask] for x in operands])
    return out


def _at(operation: Operation, x: Any, index: Any, *others: Any) -> None:
    """Apply the operation to elements of x in place, one after the other: an index that comes twice counts twice."""
    places = np.arange(x.size).reshape(x.shape)[decided(index)]
    operands = np.broadcast_arrays(places, *(np.asarray(y, dtype=object) for y in others))
    for place, *rest in zip(*(o.ravel().tolist() for o in operands), strict=True):
        x.flat[place] = operation(x.flat[place], *rest)


def _reduced(
    ufunc: np.ufunc,
    method: str,
    operation: Operation,
    x: Any,
    where: Any,
    axis: Any = 0,
    keepdims: bool = False,
    initial: Any = None,
) -> Any:
    """Fold an operation of two over some axes of x from left to right; a sum is one node of the row `sum`."""
    x = np.asarray(x, dtype=object)
    if ufunc.nin != 2:
        raise ValueError(f"`np.{ufunc.__name__}` has no `{method}`: it takes {ufunc.nin} argument")
    if method == "accumulate":
        return np.moveaxis(_accumulated(operation, np.moveaxis(x, axis, 0)), 0, axis)
    axes = _axes(axis, x.ndim)
    kept = [a for a in range(x.ndim) if a not in axes]
    order, shape = [*kept, *axes], [*(x.shape[a] for a in kept), math.prod(x.shape[a] for a in axes)]
    rows = x.transpose(order).reshape(shape)
    masks = None
    if where is not True:
        masks = np.broadcast_to(np.asarray(decided(where), dtype=bool), x.shape).transpose(order).reshape(shape)
    result = np.empty(rows.shape[:-1], dtype=object)
    given = [] if initial is None or initial is np._NoValue else [initial]
    for index in np.ndindex(result.shape):
        terms = rows[index] if masks is None else rows[index][masks[index]]
        result[index] = _folded(ufunc, operation, [*given, *terms])
    if keepdims and x.ndim:
        return result.reshape([1 if a in axes else n for a, n in enumerate(x.shape)])
    return result if result.ndim else result[()]


def _axes(axis: Any, ndim: int) -> tuple[int, ...]:
    axes = tuple(range(ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    if not ndim and set(axes) <= {0, -1}:
        return ()
    for a in axes:
        if not -ndim <= a < ndim:
            raise np.exceptions.AxisError(a, ndim)
    return tuple(a % ndim for a in axes)


def _folded(ufunc: np.ufunc, operation: Operation, terms: list[Any]) -> Any:
    if ufunc.__name__ in REDUCTIONS:
        return REDUCTIONS[ufunc.__name__](terms)
    if terms:
        return reduce(operation, terms)
    if ufunc.identity is None:
        raise ValueError(f"`{ufunc.__name__}` of no elements has no value; give `initial`")
    return float(ufunc.identity)


def _accumulated(operation: Operation, x: Any) -> Any:
    result = np.array(x, dtype=object)
    for i in range(1, len(result)):
        result[i] = broadcast(operation, [result[i - 1], x[i]])[()]
    return result


def _product(name: str, a: Any, b: Any) -> Any:
    """Return a product of matrices and vectors, a `dot` an element; what stands before the last axes is broadcast."""
    a, b = np.asarray(a, dtype=object), np.asarray(b, dtype=object)
    row = name in ("vecdot", "vecmat") or (name == "matmul" and a.ndim == 1)
    column = name in ("vecdot", "matvec") or (name == "matmul" and b.ndim == 1)
    x = a[..., None, :] if row and a.ndim else a
    y = b[..., :, None] if column and b.ndim else b
    if x.ndim < 2 or y.ndim < 2 or x.shape[-1] != y.shape[-2]:
        raise ValueError(f"`@` takes vectors and matrices of matching sizes, got shapes {a.shape} and {b.shape}")
    stack = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
    x, y = np.broadcast_to(x, stack + x.shape[-2:]), np.broadcast_to(y, stack + y.shape[-2:])
    result = np.empty((*stack, x.shape[-2], y.shape[-1]), dtype=object)
    for *s, i, j in np.ndindex(result.shape):
        result[(*s, i, j)] = functions["dot"](x[(*s, i)], y[(*s, slice(None), j)])
    result = result[..., 0, :] if row else result
    result = result[..., 0] if column else result
    return result if result.ndim else result[()]

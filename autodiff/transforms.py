"""Transforms, from a function to its derivative: grad, value_and_grad, jacobian, hessian, jvp, vjp, hvp; they nest.

Arguments and results are numbers, Values, NumPy arrays, or lists, tuples and dicts of them. An array reaches the
function as a ValueArray, and its derivative comes back as an array. A result is plain (float, array) if it depends on
no Value from outside the call; otherwise it is a Value, and `backward` goes through it. `.grad` is never touched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from operator import index
from types import MethodType
from typing import Any

from . import trees
from .copying import Reduced, function_reduced
from .linearization import Linearization
from .sparse import check_flat, csr_array, matrix
from .sweeps import Sweeps

Function = Callable[..., Any]


def value_and_grad(f: Function, argnums: int | Sequence[int] = 0, *, has_aux: bool = False) -> Function:
    """Return a function that gives f's value and its gradient by the arguments `argnums`.

    The gradient has the structure of the argument; a tuple of argnums gives a tuple of gradients. Keyword arguments
    are passed on. With `has_aux` f returns a pair, the number and what else it found, and the value is that pair.
    Raises TypeError if f's result is not one number, IndexError for an argnum that has no argument.

    >>> value_and_grad(lambda x, y: x * y * y)(2.0, 3.0)
    (18.0, 9.0)
    >>> value_and_grad(lambda x: (x * x, {"half": x / 2.0}), has_aux=True)(3.0)
    ((9.0, {'half': 1.5}), 6.0)
    """
    derivative = _value_and_grad(f, argnums, "value_and_grad", has_aux=has_aux)
    return Derivative(value_and_grad, f, argnums, derivative, has_aux=has_aux)


def grad(f: Function, argnums: int | Sequence[int] = 0, *, has_aux: bool = False) -> Function:
    """Return the gradient of f by the arguments `argnums`, as `value_and_grad` without the value.

    With `has_aux` f returns a pair, the number and what else it found, and so does its gradient.

    >>> grad(lambda p: p["x"] ** 3)({"x": 2.0})
    {'x': 12.0}
    >>> grad(grad(lambda x: x ** 3))(2.0)
    12.0
    """
    both = _value_and_grad(f, argnums, "grad", has_aux=has_aux)

    def derivative(*args: Any, **options: Any) -> Any:
        value, gradient = both(*args, **options)
        return (gradient, value[1]) if has_aux else gradient

    return Derivative(grad, f, argnums, derivative, has_aux=has_aux)


def jacobian(f: Function, argnums: int | Sequence[int] = 0, *, sparse: bool = False) -> Function:
    """Return the derivative of each number of f's result by each number of the arguments `argnums`.

    It has the structure of the result, with that of the argument in each leaf; for arrays, an array of the shape of
    the result followed by the shape of the argument. With fewer numbers by which to differentiate than results it is
    found in sweeps forward, one for each of the former; otherwise in sweeps backward, one for each result. A sweep
    walks only what it reaches.

    With `sparse=True` it is a `csr_array` of SciPy with the derivatives of results by numbers that they depend on;
    where those depend on Values from outside, `autodiff.sparse.SparseValues`. Its bits are the same, unless the other
    direction takes less than a quarter of the products and is swept instead. Argument and result are then flat: lists
    of numbers, or arrays of one dimension. Raises TypeError for others, or for a tuple of argnums; ImportError without
    SciPy.

    >>> jacobian(lambda x: [x[0] * x[1], x[0] + x[1]])([2.0, 3.0])
    [[3.0, 2.0], [1.0, 1.0]]
    >>> found = jacobian(lambda x: [x[i] * x[i + 1] for i in range(4)], sparse=True)([1.0, 2.0, 3.0, 4.0, 5.0])
    >>> found.shape, found.nnz, float(found[3, 4])
    ((4, 5), 8, 4.0)
    """
    _check_function(f, argnums, "jacobian")
    if sparse:
        return Derivative(jacobian, f, argnums, _sparse("jacobian", f, argnums), sparse=True)

    def derivative(*args: Any, **options: Any) -> Any:
        run = Linearization(f, args, _indices(argnums, args), options)
        found, by_argument, start = run.jacobian(), [], 0
        for primal in run.primals:
            stop = start + len(trees.leaves(primal))
            rows = [row[start:stop] for row in found] if run.inputs else []
            by_argument.append(_by_output(run.output, primal, rows, stop - start))
            start = stop
        return _bare(by_argument, argnums)

    return Derivative(jacobian, f, argnums, derivative)


def _by_output(output: Any, primal: Any, rows: list[list[Any]], width: int) -> Any:
    """Return the tree `output` with the derivative by `primal`, a row of `width` numbers, in place of each number."""

    def of_array(y: Any, rows: list[list[Any]]) -> Any:
        def stacked(x: Any, columns: Sequence[Any]) -> Any:
            return trees.array((*y.shape, *x.shape), [column[j] for j in range(y.size) for column in columns])

        columns = [[row[i] for row in rows] for i in range(width)]
        return trees.rebuild(primal, columns, number=lambda d: trees.array(y.shape, d), array=stacked, other=None)

    rows = rows or [[]] * len(trees.leaves(output))
    if type(primal) is list and all(map(trees.is_number, primal)):
        return trees.rebuild(output, rows, number=list, array=of_array, other=None)
    return trees.rebuild(output, rows, number=lambda row: _like(primal, row, other=None), array=of_array, other=None)


def hessian(f: Function, argnums: int | Sequence[int] = 0, *, sparse: bool = False) -> Function:
    """Return the second derivatives of f by the arguments `argnums`; a tuple of argnums gives a tuple of tuples.

    With `sparse=True` it is a `csr_array` of SciPy with the entries that do not vanish for all points; arguments and
    errors are as for `jacobian`. Time and memory follow the paths of the graph, not the square of the arguments. Both
    entries of a pair are found once, with the bits that one of them has without `sparse`.

    >>> hessian(lambda x: x[0] ** 2 * x[1])([3.0, 2.0])
    [[4.0, 6.0], [6.0, 0.0]]
    >>> found = hessian(lambda x: sum((b - a * a) ** 2 for a, b in zip(x, x[1:])), sparse=True)([1.0] * 1000)
    >>> found.shape, found.nnz, float(found[0, 1])
    ((1000, 1000), 2998, -4.0)
    """
    both = _value_and_grad(f, argnums, "hessian")

    def gradient(*args: Any, **options: Any) -> Any:
        return both(*args, **options)[1]

    if sparse:
        return Derivative(hessian, f, argnums, _sparse("hessian", gradient, argnums), sparse=True)
    second = jacobian(gradient, argnums)
    if not isinstance(argnums, list | tuple):
        return Derivative(hessian, f, argnums, second)
    rows = lambda *args, **options: tuple(zip(*second(*args, **options), strict=True))  # noqa: E731
    return Derivative(hessian, f, argnums, rows)


def _sparse(caller: str, f: Function, argnums: int | Sequence[int]) -> Function:
    """Return the function that gives f's Jacobian as a sparse matrix, a symmetric one if f is a gradient."""
    if isinstance(argnums, list | tuple):
        raise TypeError(f"`{caller}` with `sparse=True` differentiates by one argument, got argnums {argnums!r}")
    csr_array(f"`{caller}` with `sparse=True`")

    def derivative(*args: Any, **options: Any) -> Any:
        indices = _indices(argnums, args)
        check_flat(caller, "the argument", args[indices[0]])
        run = Linearization(f, args, indices, options)
        check_flat(caller, "the result", run.output)
        return matrix(run.rows(Sweeps.symmetric if caller == "hessian" else Sweeps.by_products), len(run.inputs))

    return derivative


def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """Return f's value at `primals` and its derivative along `tangents`, found in one sweep forward.

    `tangents` has the structure of `primals`, a sequence with one entry for each argument of f.

    >>> jvp(lambda x, y: x * y, [2.0, 3.0], [1.0, 0.0])
    (6.0, 3.0)
    """
    _check_sequence("jvp", primals)
    directions = _leaves_like("jvp", "tangents", _listed(tangents), list(primals))
    run = Linearization(f, primals, range(len(primals)), {})
    n = len(run.outputs)
    settled = run.settle([*run.outputs, *run.push(directions)])
    return _like(run.output, settled[:n]), _like(run.output, settled[n:], other=None)


def vjp(f: Function, *primals: Any) -> tuple[Any, Function]:
    """Return f's value at `primals` and the pullback: cotangent → Σ cotangent · ∂f, one entry for each primal.

    The cotangent has the structure of the value. The pullback may be called many times.

    >>> value, pullback = vjp(lambda x, y: [x * y, x + y], 2.0, 3.0)
    >>> value, pullback([1.0, 10.0])
    ([6.0, 5.0], (13.0, 12.0))
    """
    run = Linearization(f, primals, range(len(primals)), {})
    value = _like(run.output, run.settle(run.outputs))
    return value, Pullback(run, value)


def hvp(f: Function, primals: Sequence[Any], vector: Sequence[Any]) -> Any:
    """Return the Hessian of f at `primals` times `vector`, without forming the Hessian.

    `primals` is a sequence with one entry for each argument of f; `vector` and the result have its structure.

    >>> hvp(lambda x, y: x * x * y, [3.0, 2.0], [1.0, 0.0])
    [4.0, 6.0]
    """
    _check_sequence("hvp", primals)
    _leaves_like("hvp", "vector", _listed(vector), list(primals))
    both = _value_and_grad(f, tuple(range(len(primals))), "hvp")
    product = jvp(lambda *args: both(*args)[1], primals, vector)[1]
    return product if isinstance(primals, tuple) else list(product)


class Pullback:
    """The function that `vjp` returns: cotangent → Σ cotangent · ∂f, at the point of one run."""

    def __init__(self, run: Linearization, value: Any) -> None:
        self._run, self._value, self._point = run, value, run.forward_point()

    def __call__(self, cotangent: Any) -> tuple[Any, ...]:
        """Return the derivative by each primal, weighted with the cotangent."""
        run, weights = self._run, _leaves_like("pullback", "cotangent", cotangent, self._value)
        run.return_to(self._point)
        flat = run.settle(run.pull(run.outputs, weights))
        return tuple(_like(run.primals, flat, other=None))

    def __copy__(self) -> Pullback:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Pullback:
        return self  # as a function is

    def __reduce__(self) -> Reduced:
        raise TypeError("a pullback cannot be pickled: it holds the graph of one run. Call `vjp` where it is read")


class Derivative:
    """The function that a transform returns for f, which is its `__wrapped__`; in a class it is a method."""

    def __init__(
        self, transform: Function, f: Any, argnums: int | Sequence[int], derivative: Function, **options: bool
    ) -> None:
        self.__wrapped__, self._argnums, self._derivative = f, argnums, derivative
        self._transform = partial(transform, **options) if any(options.values()) else transform
        self.__name__ = self.__qualname__ = f"{transform.__name__}({getattr(f, '__name__', type(f).__name__)})"
        self.__doc__ = getattr(f, "__doc__", None)
        self.__module__ = getattr(f, "__module__", __name__)

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Return the derivative at these arguments."""
        return self._derivative(*args, **options)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __repr__(self) -> str:
        return f"<function {self.__name__}>"

    def __reduce__(self) -> Reduced:
        return function_reduced(self, (self._transform, (self.__wrapped__, self._argnums)))


def _value_and_grad(f: Function, argnums: int | Sequence[int], caller: str, *, has_aux: bool = False) -> Function:
    _check_function(f, argnums, caller)

    def derivative(*args: Any, **options: Any) -> Any:
        run = Linearization(f, args, _indices(argnums, args), options, has_aux=has_aux)
        if not trees.is_number(run.output):
            raise TypeError(
                f"`{caller}` differentiates a function whose result is one number, got {trees.shown(run.output)}. "
                "Use `jacobian`, or add the numbers up"
            )
        value, *flat = run.settle([run.output, *run.pull(run.outputs, [1.0])])
        if has_aux:
            value = value, _like(run.aux, run.settle(trees.leaves(run.aux)))
        return value, _bare(_like(run.primals, flat, other=None), argnums)

    return derivative


def _same(x: Any) -> Any:
    return x


def _like(tree: Any, flat: Sequence[Any], **options: Any) -> Any:
    return trees.rebuild(tree, flat, number=_same, array=lambda x, elements: trees.array(x.shape, elements), **options)


def _bare(by_argument: list[Any], argnums: int | Sequence[int]) -> Any:
    return tuple(by_argument) if isinstance(argnums, list | tuple) else by_argument[0]


def _check_function(f: Any, argnums: Any, caller: str) -> None:
    if not callable(f):
        raise TypeError(f"`{caller}` takes a function, got {type(f).__name__} {f!r:.60}. Wrap it: lambda x: …")
    indices = argnums if isinstance(argnums, list | tuple) else (argnums,)
    if not indices or not all(hasattr(i, "__index__") and not isinstance(i, bool) for i in indices):
        raise TypeError(f"`argnums` is an int or a tuple of ints, got {argnums!r}")


def _indices(argnums: int | Sequence[int], args: Sequence[Any]) -> list[int]:
    """Return argnums as indices of arguments, counted from the end where they are negative.

    Raises TypeError for an argument that is no number, and holds none.
    """
    n = len(args)
    indices = [*map(index, argnums)] if isinstance(argnums, list | tuple) else [index(argnums)]  # type: ignore[arg-type]
    for i in indices:
        if not -n <= i < n:
            raise IndexError(f"`argnums` has {i}, but the function was called with {n} positional arguments")
        if _is_text_or_truth(args[i]):
            shown = f"{type(args[i]).__name__} {args[i]!r:.60}"
            raise TypeError(f"cannot differentiate by {shown}: it is no number. Leave it out of `argnums`")
    if len({i % n for i in indices}) < len(indices):
        raise ValueError(f"`argnums` names an argument twice: {argnums}")
    return [i % n for i in indices]


def _is_text_or_truth(x: Any) -> bool:
    """Return whether x is None, a string, or a bool or an array of such: structure, with no number in it."""
    array = hasattr(type(x), "__array_interface__") and x.dtype == bool
    return x is None or isinstance(x, bool | str | bytes) or array


def _check_sequence(caller: str, primals: Any) -> None:
    if not isinstance(primals, list | tuple):
        raise TypeError(
            f"`{caller}` takes a list with an entry for each argument of the function, got {trees.shown(primals)}. "
            "For a function of one argument: [x]"
        )


def _listed(entries: Any) -> Any:
    return list(entries) if isinstance(entries, tuple) else entries


def _leaves_like(caller: str, name: str, tree: Any, pattern: Any) -> list[Any]:
    """Return the leaves of `tree` in the order of pattern's."""
    if trees.structure(tree) != trees.structure(pattern):
        raise ValueError(f"`{caller}`: the {name} must be like {trees.shown(pattern)}, got {trees.shown(tree)}")
    return trees.leaves(trees.aligned(tree, pattern))

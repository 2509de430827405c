"""A node of the computation graph: what it holds, how it is shown, copied and pickled.

A node stores the partials of its operation at the point where it was made, so that backward is one loop without
dispatch. `x` and `y` are the first two operands as written, `rest` holds (operands, partials) of the others; bit i of
`edges` is set if operand i carries a gradient, bit 2 if one in `rest` does.
"""

from __future__ import annotations

import threading
from copyreg import __newobj__  # type: ignore[attr-defined]
from typing import Any, NoReturn

from .arithmetic import number
from .contexts import current_trace, watch
from .graph import postorder, sweep


class Node:
    """A number that remembers the operation that made it; `Value`, generated from the table, adds the operations."""

    __slots__ = ("_data", "_grad", "dx", "dy", "edges", "label", "op", "rest", "scope", "x", "y")

    _data: float
    _grad: float
    op: str
    label: str
    scope: Any
    x: Any
    y: Any
    dx: float
    dy: float
    edges: int
    rest: tuple[tuple[Any, ...], tuple[float | None, ...]] | None

    def __init__(self, data: float, label: str = "") -> None:
        self._data = data if type(data) is float else number(data, type(self).__name__)
        self._grad = self.dx = self.dy = 0.0
        self.edges = 0
        self.label, self.op = label, ""
        self.rest = self.x = self.y = None
        self.scope = current_trace.get() if watch.traces else None

    @property
    def data(self) -> float:
        """The number; assigning another does not change what was computed from it."""
        return self._data

    @data.setter
    def data(self, data: float) -> None:
        self._data = data if type(data) is float else number(data, "data")

    @property
    def grad(self) -> float:
        """What `backward` calls have added to a leaf, or the derivative by this node in the last of them."""
        return self._grad

    @grad.setter
    def grad(self, grad: float) -> None:
        self._grad = grad if type(grad) is float else number(grad, "grad")

    @property
    def args(self) -> tuple[Any, ...]:
        """The operands in written order: Values and floats."""
        return _present(self.x, self.y) + (self.rest[0] if self.rest else ())

    @property
    def partials(self) -> tuple[float | None, ...]:
        """The partial derivative for each operand at the point where this node was made, None where it has no edge."""
        first = (self.dx if self.edges & 1 else None, self.dy if self.edges & 2 else None)
        return first[: len(_present(self.x, self.y))] + (self.rest[1] if self.rest else ())

    @property
    def _prev(self) -> set[Any]:
        """The operands that are Values, as micrograd has them; a set by identity."""
        return {a for a in self.args if isinstance(a, Node)}

    def backward(self) -> None:
        """Add the derivative of this node by each leaf to the leaf's `grad`; set that of the nodes between.

        Gradients are those of the point at which the graph was made. Leaves accumulate over calls until they are set
        to zero. If anything is raised on the way, all `grad` are as they were.

        >>> from autodiff import Value
        >>> x, y = Value(3.0), Value(4.0)
        >>> (x * y + x).backward()
        >>> x.grad, y.grad
        (5.0, 3.0)
        """
        sweep(self)

    def __repr__(self) -> str:
        return f"Value(data={self._data}, grad={self._grad})"

    def __format__(self, spec: str) -> str:
        return format(self._data, spec) if spec else repr(self)

    def __bool__(self) -> bool:
        return self._data != 0.0

    def __pos__(self) -> Any:
        return self

    def __copy__(self) -> Any:
        return self._twin({})

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        for node in postorder((self,), everything=True):
            if id(node) not in memo:
                memo[id(node)] = node._twin(memo)
        return memo[id(self)]

    def _twin(self, others: dict[int, Any]) -> Any:
        """Return a node of the same content, with its operands replaced by what `others` has for their ids."""
        twin = object.__new__(type(self))
        twin._data, twin._grad, twin.dx, twin.dy, twin.edges = self._data, self._grad, self.dx, self.dy, self.edges & 7
        twin.label, twin.op, twin.scope = self.label, self.op, self.scope
        twin.x, twin.y = others.get(id(self.x), self.x), others.get(id(self.y), self.y)
        twin.rest = self.rest and (tuple(others.get(id(a), a) for a in self.rest[0]), self.rest[1])
        return twin

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        run = _pickling.run
        place = run.places.get(id(self), -1)
        above = None
        if place < run.next:
            above = _Ancestry(self)
        else:
            run.next = place + 1
        state: tuple[Any, ...] = (
            above,
            self._data,
            self._grad,
            self.dx,
            self.dy,
            self.edges & 7,
            self.op,
            self.x,
            self.y,
        )
        if self.label or self.scope is not None or self.rest is not None:
            state += (self.label, self.scope, self.rest)  # most nodes have none of these
        return __newobj__, (type(self),), state

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, self._data, self._grad, self.dx, self.dy, self.edges, self.op, self.x, self.y = state[:9]
        self.label, self.scope, self.rest = state[9:] or ("", None, None)

    def __float__(self) -> NoReturn:
        raise TypeError(
            "a Value is no float: `math.exp(v)`, `float(v)` or `np.array([v], float)` would lose the gradient. "
            "Use the function of `autodiff` (`autodiff.exp(v)`) or, for the number alone, `v.data`"
        )

    def __int__(self) -> NoReturn:
        raise TypeError("a Value is no int and no index: that would lose the gradient. Use `int(v.data)`")

    __index__ = __int__

    def __complex__(self) -> NoReturn:
        raise TypeError("a Value is real, and `complex(v)` would lose the gradient. Use `complex(v.data)`")

    def __floordiv__(self, other: Any) -> NoReturn:
        raise TypeError("`//` would hide that its derivative is 0 almost everywhere. Use `floor(x / y)`")

    def __mod__(self, other: Any) -> NoReturn:
        raise TypeError("`%` jumps, and its derivative by the modulus is easily forgotten. Use `x - y * floor(x / y)`")

    def __divmod__(self, other: Any) -> NoReturn:
        raise TypeError("`divmod` is refused as `//` and `%` are. Use `floor(x / y)` and `x - y * floor(x / y)`")

    __rfloordiv__, __rmod__, __rdivmod__ = __floordiv__, __mod__, __divmod__

    def _backward(self) -> NoReturn:
        raise AttributeError("a Value has no `_backward`: partials are stored. Use `backward()` on the result")


def _present(x: Any, y: Any) -> tuple[Any, ...]:
    return () if x is None else (x,) if y is None else (x, y)


class _Ancestry:
    """The nodes below one that is pickled, operands first, so that no pickler has to recurse.

    It pickles as a list: a mark, the nodes, a mark. Between the marks each node writes its own slots only, since its
    operands have been written. They come in order, so what a pickle that failed has left behind misleads for one node
    at most, and that one then reaches its operands by recursion.
    """

    def __init__(self, root: Node) -> None:
        self.root = root

    def __reduce__(self) -> tuple[Any, ...]:
        nodes = postorder((self.root,), everything=True)[:-1]
        if not nodes:
            return list, ()
        run = _Run({id(node): i for i, node in enumerate(nodes)})
        return list, (), None, iter([_Mark(run, begins=True), *nodes, _Mark(run, begins=False)])


class _Run:
    """A list of nodes that is being pickled: the place of each by id, and the first place that is still to come."""

    def __init__(self, places: dict[int, int]) -> None:
        self.places, self.next, self.outer = places, 0, self


class _Mark:
    """Pickles as nothing of note, but tells when the nodes between two marks are written."""

    def __init__(self, run: _Run, *, begins: bool) -> None:
        self.run, self.begins = run, begins

    def __reduce__(self) -> tuple[Any, ...]:
        if self.begins:
            self.run.outer, _pickling.run = _pickling.run, self.run
        else:
            _pickling.run = self.run.outer
        return bool, ()


class _Pickling(threading.local):
    def __init__(self) -> None:
        self.run = _Run({})


_pickling = _Pickling()

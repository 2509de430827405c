"""Node: a vertex of the computation graph, its slots, their properties and its text.

A node stores the partials of its operation at the point where it was made, so that backward is one loop without
dispatch. `x` and `y` are the first two operands as written, `rest` holds (operands, partials) of the others; bit i of
`edges` is set if operand i carries a gradient, bit 2 if one in `rest` does. `tag` holds (label, trace, scope), which
nodes of one scope share and most do not have: a slot is 8 of their 136 bytes.
"""

from __future__ import annotations

from typing import Any, NoReturn, SupportsFloat

from . import copying
from .arithmetic import number
from .build import mypyc_attr, u8
from .contexts import current_scope, current_trace, decide, program_trace, refuse
from .graph import sweep
from .logic import is_truth
from .watch import watch

DETACH = "Compute with the Value itself, or with `autodiff.detach(v)` for its number without a gradient"
TAKE = "For an index that is data use `autodiff.take(xs, i)`; name lengths in `compile(f, static=…)`"


@mypyc_attr(acyclic=True)  # no operand is made after the node that holds it
class Node:
    """A number that remembers the operation that made it; `Value`, generated from the table, adds the operations."""

    __slots__ = ("_data", "_grad", "dx", "dy", "edges", "op", "rest", "tag", "x", "y")

    _data: float
    _grad: float
    op: str
    tag: Any  # not typed as a tuple: a compiler would make a new one for each node
    x: Any
    y: Any
    dx: float
    dy: float
    edges: u8
    rest: tuple[tuple[Any, ...], tuple[float | None, ...]] | None

    def __init__(self, data: SupportsFloat, label: Any = "") -> None:
        self._data = data if type(data) is float else number(data, "Value")
        self._grad = self.dx = self.dy = 0.0
        self.edges = 0
        self.op = ""
        self.rest = self.x = self.y = None
        self.tag = (label, current_trace.get(), current_scope.get()) if label or watch.traces else None

    @property
    def data(self) -> float:
        """The number; assigning another does not change the nodes computed from it."""
        if watch.programs:
            refuse("reading `.data`", DETACH)
        return self._data

    @data.setter
    def data(self, data: SupportsFloat) -> None:
        if watch.programs:
            refuse("assigning to `.data`", "Do it before or after the call")
        self._data = data if type(data) is float else number(data, "data")

    @property
    def grad(self) -> float:
        """The gradient: of a leaf the sum over all `backward` calls, of another node that of the last call."""
        if watch.programs:
            refuse("reading `.grad`", "Use `autodiff.grad`, or read it after the call")
        return self._grad

    @grad.setter
    def grad(self, grad: SupportsFloat) -> None:
        if watch.programs:
            refuse("assigning to `.grad`", "Do it before or after the call")
        self._grad = grad if type(grad) is float else number(grad, "grad")

    @property
    def label(self) -> Any:
        """A name for pictures and messages, "" without one."""
        return self.tag[0] if self.tag else ""

    @label.setter
    def label(self, label: Any) -> None:
        self.tag = (label, self.trace, self.scope)

    @property
    def scope(self) -> str:
        """Where the node was made: `layers.0.neurons.3` in a net of `nn`, the path of `autodiff.scope`, or ""."""
        return self.tag[2] if self.tag else ""

    @scope.setter
    def scope(self, scope: str) -> None:
        self.tag = (self.label, self.trace, scope)

    @property
    def trace(self) -> Any:
        """The run of a transform that a leaf was made in, or of a compiled function for any node; None outside."""
        return self.tag[1] if self.tag else None

    @property
    def args(self) -> tuple[Any, ...]:
        """The operands in written order: Values and floats."""
        return _present(self.x, self.y) + (self.rest[0] if self.rest else ())

    @property
    def partials(self) -> tuple[float | None, ...]:
        """The partial derivative for each operand at the point where this node was made, None where it has no edge."""
        if watch.programs:
            refuse("reading `.partials`", "Use `autodiff.grad`")
        return self._partials()

    def _partials(self) -> tuple[float | None, ...]:
        first = (self.dx if self.edges & 1 else None, self.dy if self.edges & 2 else None)
        return first[: len(_present(self.x, self.y))] + (self.rest[1] if self.rest else ())

    def _operands(self) -> list[tuple[Any, float]]:
        """Return each operand that carries a gradient with its partial, in written order."""
        found: list[tuple[Any, float]] = []
        if self.edges & 1:
            found.append((self.x, self.dx))
        if self.edges & 2:
            found.append((self.y, self.dy))
        if self.rest:
            found += [(a, d) for a, d in zip(*self.rest, strict=True) if d is not None]
        return found

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
        if watch.programs:
            refuse("`backward`", "Call it on the result, or use `autodiff.grad`")
        sweep(self)

    def __repr__(self) -> str:
        if watch.programs and program_trace() is not None:
            return "Value(traced)"
        return f"Value(data={self._data}, grad={self._grad})"

    def __format__(self, spec: str) -> str:
        if watch.programs:
            refuse("formatting a number", "Do it before or after the call; `print(v)` shows that it is traced")
        return format(self._data, spec) if spec else repr(self)

    def __bool__(self) -> bool:
        truth = self._data != 0.0
        if watch.programs:
            decide(self, truth)
        return truth

    def __pos__(self) -> Any:
        return self

    def __copy__(self) -> Any:
        if watch.programs:
            refuse("copying a Value", DETACH)
        return copying.twin(self, {})

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if watch.programs:
            refuse("copying a Value", DETACH)
        return copying.deep(self, memo)

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        if watch.programs:
            refuse("pickling a Value", "Do it before or after the call")
        return copying.reduced(self)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        copying.restore(self, state)

    def conjugate(self) -> Any:
        """Return this Value, which is real: NumPy asks elements of arrays for it."""
        return self

    def __float__(self) -> float:
        if is_truth(self):
            return 1.0 if self else 0.0
        if watch.programs:
            refuse("`float(v)` or `math.exp(v)`", "Use the function of `autodiff`, such as `autodiff.exp(v)`")
        raise TypeError(
            "a Value is no float: `math.exp(v)`, `float(v)` or `np.array([v], float)` would lose the gradient. "
            "Use the function of `autodiff` (`autodiff.exp(v)`) or, for the number alone, `v.data`"
        )

    def __int__(self) -> int:
        if is_truth(self):
            return 1 if self else 0
        if watch.programs:
            refuse("a Value as int, length or index", TAKE)
        raise TypeError("a Value is no int and no index: that would lose the gradient. Use `int(v.data)`")

    def __complex__(self) -> NoReturn:
        if watch.programs:
            refuse("`complex(v)`", "A Value is real")
        raise TypeError("a Value is real, and `complex(v)` would lose the gradient. Use `complex(v.data)`")

    def _backward(self) -> NoReturn:
        raise AttributeError("a Value has no `_backward`: partials are stored. Use `backward()` on the result")


setattr(Node, "__index__", Node.__int__)  # noqa: B010 (mypyc has no slot for a method of that name)
setattr(Node, "_op_priority", 100.0)  # noqa: B010 (SymPy leaves an operation with its numbers to us)


def _present(x: Any, y: Any) -> tuple[Any, ...]:
    return () if x is None else (x,) if y is None else (x, y)

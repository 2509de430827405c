"""Node: a vertex of the computation graph, its slots, their properties and its text.

A node stores the partials of its operation at the point where it was made, so that backward is one loop without
dispatch. `x` and `y` are the first two operands as written, `_rest` holds (operands, partials) of the others; bit i of
`edges` is set if operand i carries a gradient, bit 2 if one in `_rest` does. `tag` holds (label, trace, scope), which
nodes of one scope share and most do not have: a slot is 8 of their 136 bytes.
"""

from __future__ import annotations

from typing import Any, NoReturn, SupportsFloat

from . import copying
from .arithmetic import number
from .build import mypyc_attr, u8
from .contexts import current_scope, current_trace, decide, program_trace, refuse
from .graph import sweep
from .logic import both, either, is_truth, is_whole, one
from .proxies import shown_class
from .watch import watch

DETACH = "Compute with the Value itself, or with `autodiff.detach(v)` for its number without a gradient"
TAKE = "For an index that is data use `autodiff.take(xs, i)`; name lengths in `compile(f, static=…)`"
FUNCTION = "Use the function of `autodiff`, such as `autodiff.exp(v)`; name counts in `compile(f, static=…)`"


@mypyc_attr(acyclic=True)  # no operand is made after the node that holds it
class Node:
    """A number that remembers the operation that made it; `Value`, generated from the table, adds the operations."""

    __slots__ = ("_data", "_dx", "_dy", "_grad", "_rest", "edges", "op", "tag", "x", "y")

    _data: float
    _grad: float
    op: str
    tag: Any  # not typed as a tuple: a compiler would make a new one for each node
    x: Any
    y: Any
    _dx: float
    _dy: float
    edges: u8
    _rest: tuple[tuple[Any, ...], tuple[float | None, ...]] | None

    def __init__(self, data: SupportsFloat, label: Any = "") -> None:
        self._data = data if type(data) is float else number(data, "Value")
        self._grad = self._dx = self._dy = 0.0
        self.edges = 0
        self.op = ""
        self._rest = self.x = self.y = None
        self.tag = (label, current_trace.get(), current_scope.get()) if label or watch.traces else None

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return shown_class(self) if watch.traces else type(self)

    @property
    def data(self) -> float:
        """The number; assigning another does not change the nodes computed from it."""
        if watch.programs:
            refuse("reading `.data`", DETACH, self)
        return self._data

    @data.setter
    def data(self, data: SupportsFloat) -> None:
        if watch.programs:
            refuse("assigning to `.data`", "Do it before or after the call", self)
        self._data = data if type(data) is float else number(data, "data")

    @property
    def grad(self) -> float:
        """The gradient: of a leaf the sum over all `backward` calls, of another node that of the last call."""
        if watch.programs:
            refuse("reading `.grad`", "Use `autodiff.grad`, or read it after the call", self)
        return self._grad

    @grad.setter
    def grad(self, grad: SupportsFloat) -> None:
        if watch.programs:
            refuse("assigning to `.grad`", "Do it before or after the call", self)
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
        return _present(self.x, self.y) + (self._rest[0] if self._rest else ())

    @property
    def partials(self) -> tuple[float | None, ...]:
        """The partial derivative for each operand at the point where this node was made, None where it has no edge."""
        if watch.programs:
            refuse("reading `.partials`", "Use `autodiff.grad`", self)
        return self._partials()

    @property
    def dx(self) -> float:
        """The partial derivative by `x`, 0.0 where it has no edge."""
        if watch.programs:
            refuse("reading `.dx`", "Use `autodiff.grad`", self)
        return self._dx

    @property
    def dy(self) -> float:
        """The partial derivative by `y`, 0.0 where it has no edge."""
        if watch.programs:
            refuse("reading `.dy`", "Use `autodiff.grad`", self)
        return self._dy

    @property
    def rest(self) -> Any:
        """The operands beyond the second, and their partial derivatives; None if there are none."""
        if watch.programs:
            refuse("reading `.rest`", "Use `.args`, and `autodiff.grad`", self)
        return self._rest

    def _partials(self) -> tuple[float | None, ...]:
        first = (self._dx if self.edges & 1 else None, self._dy if self.edges & 2 else None)
        return first[: len(_present(self.x, self.y))] + (self._rest[1] if self._rest else ())

    def _operands(self) -> list[tuple[Any, float]]:
        """Return each operand that carries a gradient with its partial, in written order."""
        found: list[tuple[Any, float]] = []
        if self.edges & 1:
            found.append((self.x, self._dx))
        if self.edges & 2:
            found.append((self.y, self._dy))
        if self._rest:
            found += [(a, d) for a, d in zip(*self._rest, strict=True) if d is not None]
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
            refuse("`backward`", "Call it on the result, or use `autodiff.grad`", self)
        sweep(self)

    def __repr__(self) -> str:
        if watch.programs and program_trace() is not None:
            return "Value(traced)"
        return f"Value(data={self._data}, grad={self._grad})"

    def __format__(self, spec: str) -> str:
        if watch.programs:
            refuse("formatting a number", "Do it before or after the call; `print(v)` shows that it is traced", self)
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
            refuse("copying a Value", DETACH, self)
        return copying.twin(self, {})

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if watch.programs:
            refuse("copying a Value", DETACH, self)
        return copying.deep(self, memo)

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        if watch.programs:
            refuse("pickling a Value", "Do it before or after the call", self)
        return copying.reduced(self)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        copying.restore(self, state)

    def conjugate(self) -> Any:
        """Return this Value, which is real: NumPy asks elements of arrays for it."""
        return self

    @property
    def real(self) -> Any:
        """The real part, as a float has it: the Value itself."""
        return self

    @property
    def imag(self) -> float:
        """The imaginary part, 0.0."""
        return 0.0

    def is_integer(self) -> Any:
        """Return whether the number is whole, as a float tells it: a truth value."""
        return is_whole(self)

    def as_integer_ratio(self) -> NoReturn:
        """Refuse what a float gives here."""
        if watch.programs:
            refuse("`as_integer_ratio` or a Fraction of a Value", DETACH, self)
        raise TypeError("a Value as a ratio of ints would lose the gradient. Use `v.data.as_integer_ratio()`")

    def hex(self) -> NoReturn:
        """Refuse what a float gives here."""
        if watch.programs:
            refuse("`hex`", "Do it before or after the call", self)
        raise TypeError("a Value as text would lose the gradient. Use `v.data.hex()`")

    def __and__(self, other: Any) -> Any:
        return both(self, other)

    def __rand__(self, other: Any) -> Any:
        return both(other, self)

    def __or__(self, other: Any) -> Any:
        return either(self, other)

    def __ror__(self, other: Any) -> Any:
        return either(other, self)

    def __xor__(self, other: Any) -> Any:
        return one(self, other)

    def __rxor__(self, other: Any) -> Any:
        return one(other, self)

    def __float__(self) -> float:
        if is_truth(self):
            return 1.0 if self else 0.0
        if watch.programs:
            refuse("`float(v)` or `math.exp(v)`", FUNCTION, self)
        raise TypeError(
            "a Value is no float: `math.exp(v)`, `float(v)` or `np.array([v], float)` would lose the gradient. "
            "Use the function of `autodiff` (`autodiff.exp(v)`) or, for the number alone, `v.data`"
        )

    def __int__(self) -> int:
        if is_truth(self):
            return 1 if self else 0
        if watch.programs:
            refuse("a Value as int, length or index", TAKE, self)
        raise TypeError("a Value is no int and no index: that would lose the gradient. Use `int(v.data)`")

    def __complex__(self) -> NoReturn:
        if watch.programs:
            refuse("`complex(v)`", "A Value is real", self)
        raise TypeError("a Value is real, and `complex(v)` would lose the gradient. Use `complex(v.data)`")

    def _backward(self) -> NoReturn:
        raise AttributeError("a Value has no `_backward`: partials are stored. Use `backward()` on the result")


setattr(Node, "__index__", Node.__int__)  # noqa: B010 (mypyc has no slot for a method of that name)
setattr(Node, "_op_priority", 100.0)  # noqa: B010 (SymPy leaves an operation with its numbers to us)


def _present(x: Any, y: Any) -> tuple[Any, ...]:
    return () if x is None else (x,) if y is None else (x, y)

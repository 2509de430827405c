"""Copying and pickling of graphs, without recursion. Nodes that are copied together keep the operands they share.

Functions that were made of others, by `grad` or `compile`, are pickled as what they were made of. A pickle names
functions, so these stand in modules under their own names, or what was made stands there in their place.
"""

from __future__ import annotations

import inspect
import pickle
import sys
import threading
from copyreg import __newobj__  # type: ignore[attr-defined]
from types import FrameType, FunctionType
from typing import Any
from uuid import uuid4

from . import graph
from .contexts import input_of, trace_of_input
from .watch import watch

PICKLERS = ("pickle", "_pickle", "multiprocessing.reduction")  # modules of those that take functions by name alone
Reduced = str | tuple[Any, ...]


def twin(node: Any, others: dict[int, Any]) -> Any:
    """Return a copy of a node, with each operand whose id is in `others` replaced.

    The copy of an input of a transform that is running depends on it: else its derivative would be lost.
    """
    if watch.traces and trace_of_input(node) is not None:
        return node * 1.0
    copy: Any = type(node).__new__(type(node), 0.0)
    copy._data, copy._grad, copy._dx, copy._dy, copy.edges = node._data, node._grad, node._dx, node._dy, node.edges & 7
    copy.tag, copy.op = node.tag, node.op
    copy.x, copy.y = others.get(id(node.x), node.x), others.get(id(node.y), node.y)
    copy._rest = node._rest and (tuple(others.get(id(a), a) for a in node._rest[0]), node._rest[1])
    return copy


def deep(root: Any, memo: dict[int, Any]) -> Any:
    """Return a copy of the graph below `root`, for `copy.deepcopy`."""
    for node in graph.postorder((root,), everything=True):
        if id(node) not in memo:
            memo[id(node)] = twin(node, memo)
    return memo[id(root)]


def reduced(node: Any) -> tuple[Any, ...]:
    """Return the state of a node for pickle: the nodes below it first, then its slots.

    An input of a running transform is named: read in this run the copy depends on it, elsewhere it is a leaf.
    """
    if watch.traces and (trace := trace_of_input(node)) is not None:
        trace.key = trace.key or uuid4().hex
        return input_copy, (type(node), trace.key, trace.position(node), node._data)
    run = _pickling.run
    position = run.positions.get(id(node), -1)
    above = None
    if position < run.next:
        above = _Ancestry(node)
    else:
        run.next = position + 1
    state: tuple[Any, ...] = (
        above,
        node._data,
        node._grad,
        node._dx,
        node._dy,
        node.edges & 7,
        node.op,
        node.x,
        node.y,
    )
    if node.tag or node._rest:
        state += (node.tag, node._rest)  # most nodes have neither
    return _made if watch.traces else __newobj__, (type(node), 0.0), state


def _made(kind: Any, data: float) -> Any:
    """Return a new node, as `__newobj__` does, which pickle refuses for an object that shows another class."""
    return kind.__new__(kind, data)


def restore(node: Any, state: tuple[Any, ...]) -> None:
    """Set the slots of a node that pickle has made, from the state that `reduced` returned."""
    _, node._data, node._grad, node._dx, node._dy, node.edges, node.op, node.x, node.y = state[:9]
    node.tag, node._rest = state[9:] or (None, None)


def input_copy(kind: Any, key: str, position: int, data: float) -> Any:
    """Return a copy of an input of a transform that was pickled."""
    found = input_of(key, position)
    return kind(data) if found is None else found * 1.0


class _Ancestry:
    """The nodes below one that is pickled, operands first, so that no pickler has to recurse.

    It pickles as a list: a mark, the nodes, a mark. Between the marks each node writes its own slots only, since its
    operands are written. They come in order, so the state that a failed pickle leaves behind misleads for one node
    at most, and that one reaches its operands by recursion.
    """

    def __init__(self, root: Any) -> None:
        self.root = root

    def __reduce__(self) -> tuple[Any, ...]:
        nodes = graph.postorder((self.root,), everything=True)[:-1]
        if not nodes:
            return list, ()
        run = _Run({id(node): i for i, node in enumerate(nodes)})
        return list, (), None, iter([_Mark(run, begins=True), *nodes, _Mark(run, begins=False)])


class _Run:
    """A list of nodes that is being pickled: the position of each by id, and the next position to be written."""

    def __init__(self, positions: dict[int, int]) -> None:
        self.positions, self.next, self.outer = positions, 0, self


class _Mark:
    """A mark at the beginning or the end of a run: pickling it switches to the run, or back to the one outside."""

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


def function_reduced(made: Any, otherwise: tuple[Any, ...]) -> Reduced:
    """Return for pickle the name of a function that was made of its `__wrapped__`, else how it was made.

    Raises TypeError if that is a function which pickle would not find by its name.
    """
    root = inspect.unwrap(made)
    if _found(root) is made:
        return str(root.__qualname__)
    f = made.__wrapped__
    if isinstance(f, FunctionType) and _found(f) is not f and _takes_names_alone():
        raise TypeError(
            f"`{made.__qualname__}` cannot be pickled: the module {f.__module__} has no `{f.__qualname__}`. Define it "
            "with `def` at the top of a module, under a name that it keeps, or use cloudpickle"
        )
    return otherwise


def _found(f: Any) -> Any:
    """Return what stands in the module of f under its name, None if nothing does."""
    found = sys.modules.get(getattr(f, "__module__", None) or "")
    for part in getattr(f, "__qualname__", "").split("."):
        found = getattr(found, part, None)
    return found


def _takes_names_alone() -> bool:
    """Return whether what asks `__reduce__` is a pickler of the standard library: others may know more, and copies."""
    frame: FrameType | None = sys._getframe(3)
    if frame and frame.f_globals.get("__name__") == "copy":
        return False
    while frame is not None:
        pickler = frame.f_locals.get("self")
        if isinstance(pickler, pickle.Pickler | pickle._Pickler):
            return type(pickler).__module__ in PICKLERS
        frame = frame.f_back
    return True

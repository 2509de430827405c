"""Copying and pickling of graphs. Nothing recurses, and what is copied together keeps its sharing."""

from __future__ import annotations

import threading
from copyreg import __newobj__  # type: ignore[attr-defined]
from typing import Any

from . import graph


def twin(node: Any, others: dict[int, Any]) -> Any:
    """Return a node of the same content, with its operands replaced by what `others` has for their ids."""
    copy: Any = type(node).__new__(type(node), 0.0)
    copy._data, copy._grad, copy.dx, copy.dy, copy.edges = node._data, node._grad, node.dx, node.dy, node.edges & 7
    copy.tag, copy.op = node.tag, node.op
    copy.x, copy.y = others.get(id(node.x), node.x), others.get(id(node.y), node.y)
    copy.rest = node.rest and (tuple(others.get(id(a), a) for a in node.rest[0]), node.rest[1])
    return copy


def deep(root: Any, memo: dict[int, Any]) -> Any:
    """Return a copy of the graph below `root`, for `copy.deepcopy`."""
    for node in graph.postorder((root,), everything=True):
        if id(node) not in memo:
            memo[id(node)] = twin(node, memo)
    return memo[id(root)]


def reduced(node: Any) -> tuple[Any, ...]:
    """Return what pickle writes of a node: the nodes below it first, then its slots."""
    run = _pickling.run
    place = run.places.get(id(node), -1)
    above = None
    if place < run.next:
        above = _Ancestry(node)
    else:
        run.next = place + 1
    state: tuple[Any, ...] = (above, node._data, node._grad, node.dx, node.dy, node.edges & 7, node.op, node.x, node.y)
    if node.tag or node.rest:
        state += (node.tag, node.rest)  # most nodes have neither
    return __newobj__, (type(node), 0.0), state


def restore(node: Any, state: tuple[Any, ...]) -> None:
    """Fill a node that pickle has made with what `reduced` gave."""
    _, node._data, node._grad, node.dx, node.dy, node.edges, node.op, node.x, node.y = state[:9]
    node.tag, node.rest = state[9:] or (None, None)


class _Ancestry:
    """The nodes below one that is pickled, operands first, so that no pickler has to recurse.

    It pickles as a list: a mark, the nodes, a mark. Between the marks each node writes its own slots only, since its
    operands have been written. They come in order, so what a pickle that failed has left behind misleads for one node
    at most, and that one then reaches its operands by recursion.
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

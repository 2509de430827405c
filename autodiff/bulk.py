"""Bulk operations over many nodes or containers: native loops where this module is compiled."""

from __future__ import annotations

from itertools import chain
from operator import is_
from typing import Any

from .build import compiled
from .contexts import below
from .node import Node


def numbers(nodes: list[Node]) -> list[float]:
    """Return the numbers of nodes, without the refusal that reading `data` meets while a program is traced."""
    return [node._data for node in nodes]


def dependents(order: list[Any], ids: set[int]) -> list[Any]:
    """Return the nodes in `order`, operands first, that depend on nodes with these ids, to which theirs are added.

    Only edges that carry a gradient are followed.
    """
    found: list[Any] = []
    for each in order:
        node: Node = each
        edges = node.edges
        if (edges & 1 and id(node.x) in ids) or (edges & 2 and id(node.y) in ids) or (edges & 4 and _reads(node, ids)):
            ids.add(id(node))
            found.append(node)
    return found


def _reads(node: Node, ids: set[int]) -> bool:
    """Return whether an operand from the third on that carries a gradient is among `ids`."""
    rest = node._rest
    if rest is not None:
        for operand, partial in zip(rest[0], rest[1], strict=True):
            if partial is not None and id(operand) in ids:
                return True
    return False


def assign_scopes(outputs: list[Any], firsts: list[Any], tags: list[Any]) -> None:
    """Assign each subgraph, from an output down to the first node of its layer, the scope in its tag.

    A scope in which the nodes were made becomes the outer one; nodes that another net has tagged are left alone. Nets
    tag their nodes afterwards, since a switch that each operation checks would cost more.
    """
    for i in range(len(outputs)):
        last, first, tag = outputs[i], firsts[i], tags[i]
        if isinstance(last, Node):
            node: Node = last
            inner = node.x
            if first is None:
                _assign(node, None, tag)
            elif node.tag is None and node.y is None and isinstance(inner, Node) and inner.x is first:
                start: Node = first
                node.tag = inner.tag = start.tag = tag  # as in most nets: an activation of one operation
            elif node.tag == first.tag:  # else it was not made here
                _assign(node, first, tag)


def _assign(last: Node, first: Any, tag: Any) -> None:
    outer = last.tag
    if outer is not None:
        tag = (outer[0], outer[1], below(outer[2], tag[2]))
    waiting: list[Node] = [last]
    while waiting:
        node = waiting.pop()
        if node.op and node.tag == outer:
            node.tag = tag
            if node is not first:
                waiting += [operand for operand in node.args if isinstance(operand, Node)]


def unchanged(dicts: list[dict[Any, Any]], lists: list[list[Any]], lengths: list[int], held: list[Any]) -> bool:
    """Tell whether the values of `dicts`, then the elements of `lists`, are the same objects as the recorded `held`.

    `lengths` are the recorded lengths of the dicts and lists, one after the other.
    """
    if not compiled:
        containers = [*map(dict.values, dicts), *lists]
        same = list(map(len, containers)) == lengths
        return same and all(map(is_, chain.from_iterable(containers), held))
    i = k = 0
    for each in dicts:
        if len(each) != lengths[i]:
            return False
        for value in each.values():
            if value is not held[k]:
                return False
            k += 1
        i += 1
    for items in lists:
        if len(items) != lengths[i]:
            return False
        for item in items:
            if item is not held[k]:
                return False
            k += 1
        i += 1
    return True


def same_objects(xs: list[Any], ys: list[Any]) -> bool:
    """Tell whether two lists of one length hold the same objects."""
    if not compiled:
        return all(map(is_, xs, ys))
    return all(xs[i] is ys[i] for i in range(len(xs)))


def captured_objects(names: list[tuple[Any, str]], cells: list[Any], functions: list[Any], missing: Any) -> list[Any]:
    """Return the captured objects of a function: globals by (namespace, name), cells, and the code of `functions`.

    A function contributes its code, its defaults and its keyword defaults. `missing` stands for a name that is not
    bound or a cell that is empty.
    """
    found: list[Any] = []
    for space, name in names:
        if isinstance(space, dict):
            known: dict[str, Any] = space
            found.append(known.get(name, missing))
        else:
            found.append(space.get(name, missing))
    for cell in cells:
        try:
            found.append(cell.cell_contents)
        except ValueError:  # not assigned yet
            found.append(missing)
    for f in functions:
        found.append(f.__code__)
        found.append(f.__defaults__)
        found.append(f.__kwdefaults__)
    return found

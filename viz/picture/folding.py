"""The folding of a graph: the owner of each value, by scope, by chain of + or ·, or by distance from the result.

"auto" takes the first of these that is small enough to read: no fold; chains drawn as sums and products; a fold for
each scope, from the deepest level to the outermost; all but the boxes nearest the results.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from operator import index
from typing import Any, SupportsIndex

from .build import CHAINS, Owner
from .graph import Graph, plain
from .scopes import at_depth, at_kind, prefixes

Fold = str | int | Callable[[Any], str | None] | None
Owners = list[Owner]
BOXES, ARROWS = 200, 500  # the most that can be read
LOOSE = 20  # the most inputs that are drawn beside folds
KINDS = ("auto", "neuron", "layer")
OTHER, INPUTS, EARLIER = "other", "inputs", "earlier"


def check(fold: Any) -> None:
    """Raise TypeError or ValueError for an invalid `fold`.

    >>> check("layer")
    >>> check("leyer")
    Traceback (most recent call last):
    ValueError: `fold` is "auto", "neuron", "layer", a depth, a function of a Value, or None, got 'leyer'
    """
    depth = isinstance(fold, SupportsIndex) and not isinstance(fold, bool)
    if fold is None or fold in KINDS or (depth and fold >= 1) or callable(fold):
        return
    error = ValueError if depth or isinstance(fold, str) else TypeError
    raise error(f'`fold` is "auto", "neuron", "layer", a depth, a function of a Value, or None, got {fold!r:.60}')


def folded(graph: Graph, fold: Fold) -> Owners:
    """Return the owner of each value of a graph under the option `fold`.

    >>> from autodiff import Value, scope
    >>> from viz.picture.graph import graph_of_values
    >>> with scope("inner"):
    ...     y = Value(3.0) * 2.0
    >>> folded(graph_of_values([y + 1.0]), 1)
    ['inner', 'inner', None]
    """
    drawn: Owners = [None] * len(graph.nodes)
    if fold is None:
        return drawn
    if callable(fold):
        return [_named(fold, node) for node in graph.nodes]
    if fold == "auto":
        return _first(_choices(graph, drawn), graph)
    if not isinstance(fold, str):
        depth = index(fold)
        return _by_scope(graph, lambda path: at_depth(path, depth))
    return _by_scope(graph, lambda path: at_kind(path, str(fold)))


def fits(graph: Graph, owners: Owners, boxes: int = BOXES, arrows: int = ARROWS) -> bool:
    """Return whether the picture has at most the given numbers of boxes and arrows."""
    if owners.count(None) > boxes:
        return False
    folds: set[Owner] = set()
    merged: set[tuple[Owner, Owner]] = set()
    separate = graph.separate_results
    for i, owner in enumerate(owners):
        node = graph.nodes[i]
        if type(owner) is str:
            folds.add(owner)
            boxes -= i in separate
            merged.update((owners[j] or j, owner) for j in graph.operands[i] if owners[j] != owner)
        elif node.op:
            numbers = len(plain(node))
            boxes -= numbers + 2 * (owner is None)
            arrows -= numbers + len(graph.operands[i])
        else:
            boxes -= 1
        if boxes < len(folds) or arrows < len(merged):
            return False
    return True


def _named(name: Callable[[Any], str | None], node: Any) -> str | None:
    found = name(node)
    if found is not None and not isinstance(found, str):
        raise TypeError(
            f"the function `fold` returns the name of a fold or None, got {type(found).__name__} {found!r:.40}"
        )
    return found or None


def _choices(graph: Graph, drawn: Owners) -> Iterator[Owners]:
    yield drawn
    last = _chains(graph, drawn)
    yield last
    for depth in range(max((len(prefixes(owner)) for owner in set(graph.scopes)), default=0), 0, -1):
        for last in _levels(graph, depth):
            yield last
    yield _nearest(graph, last)


def _by_scope(graph: Graph, key: Callable[[str], str]) -> Owners:
    """Fold by scope, and values without one as little as the size allows."""
    return _first(_loosely(graph, key), graph)


def _first(choices: Iterator[Owners], graph: Graph) -> Owners:
    """Return the first choice that is small enough to read, the last if none is."""
    last: Owners = []
    for last in choices:
        if fits(graph, last):
            break
    return last


def _levels(graph: Graph, depth: int) -> Iterator[Owners]:
    return _loosely(graph, lambda path: at_depth(path, depth))


def _loosely(graph: Graph, key: Callable[[str], str]) -> Iterator[Owners]:
    """Yield foldings by scope: values without one are drawn, then joined in chains, then folded by stage."""
    keys = {path: key(path) or None for path in dict.fromkeys(graph.scopes)}
    owners: Owners = [keys[path] for path in graph.scopes]
    yield owners
    yield _chains(graph, owners)
    yield _stages(graph, owners)


def _chains(graph: Graph, owners: Owners) -> Owners:
    """Join each sum whose only user is a sum, and each product whose only user is a product, to its user."""
    drawn = [node.op for node, owner in zip(graph.nodes, owners, strict=True) if owner is None]
    if len(drawn) - sum(op in CHAINS for op in drawn) > BOXES:
        return owners  # no choice of chains leaves few enough boxes
    users: dict[int, int] = {}  # the only user of a value, -1 for several
    for i, operands in enumerate(graph.operands):
        for j in operands:
            users[j] = -1 if j in users else i
    found = list(owners)
    for i in range(len(found) - 1, -1, -1):
        user = users.get(i, -1)
        op = graph.nodes[i].op
        if user < 0 or op not in CHAINS or op != graph.nodes[user].op:
            continue
        if owners[i] is None and owners[user] is None and i not in graph.results and not graph.nodes[i].label:
            whole = found[user]
            found[i] = user if whole is None else whole
    return found


def _stages(graph: Graph, owners: Owners) -> Owners:
    """Fold values without an owner by stage: the most times that a path to a value has left a fold.

    So the folds are in no cycle. In net → square → second net → sum, the square is in "other 1", the sum in "other 2".
    """
    stage = [0] * len(owners)
    for i, operands in enumerate(graph.operands):
        latest, outside = 0, owners[i] is None
        for j in operands:
            left = outside and owners[j] is not None and graph.operands[j]
            reached = stage[j] + 1 if left else stage[j]
            if reached > latest:
                latest = reached
        stage[i] = latest
    used = sorted({stage[i] for i, owner in enumerate(owners) if owner is None and graph.operands[i]})
    names = {s: OTHER if len(used) == 1 else f"{OTHER} {k}" for k, s in enumerate(used, 1)}
    loose = [i for i, owner in enumerate(owners) if owner is None and not graph.operands[i]]
    found = [names[stage[i]] if owner is None and graph.operands[i] else owner for i, owner in enumerate(owners)]
    if len(loose) > LOOSE:
        for i in loose:
            found[i] = INPUTS
    return found


def _nearest(graph: Graph, owners: Owners) -> Owners:
    """Keep the boxes nearest the results, in reverse topological order, as many as can be read; fold the rest."""
    blocks: dict[Owner, list[int]] = {}  # the values of each fold, by name, and of each box, by index
    block: list[Owner] = [owner if owner is not None else i for i, owner in enumerate(owners)]
    for i, name in enumerate(block):
        blocks.setdefault(name, []).append(i)
    waits: dict[Owner, int] = dict.fromkeys(blocks, 0)
    below = {
        name: dict.fromkeys(block[j] for i in members for j in graph.operands[i]) for name, members in blocks.items()
    }
    for name, names in below.items():
        for other in names:
            waits[other] += other != name
    ready = deque(name for name in blocks if waits[name] == 0)
    kept: set[Owner] = set()
    boxes, arrows = BOXES, ARROWS
    while ready:
        name = ready.popleft()
        boxes -= sum(2 + len(plain(graph.nodes[i])) for i in blocks[name]) if type(name) is int else 1
        arrows -= sum(len(graph.nodes[i].args) for i in blocks[name]) if type(name) is int else len(below[name])
        if boxes < LOOSE or arrows < LOOSE:
            break
        kept.add(name)
        for other in below[name]:
            waits[other] -= other != name
            if waits[other] == 0:
                ready.append(other)
    if not kept and any(type(owner) is int for owner in owners):  # one sum or product alone is too large
        return _nearest(graph, [None if type(owner) is int else owner for owner in owners])
    return [owners[i] if name in kept else EARLIER for i, name in enumerate(block)]

"""The structure of a result, analysed once, which the numbers of each call are put into.

Lists of numbers, alone or in lists of one length, are filled as a whole, and so are arrays: what f returns for one row
costs no step of Python a number. [[x, y], {"a": z}] is a list of the numbers 0 and 1 as lists of shape (2,), and of a
dict with number 2 under "a".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from ... import trees
from ...arithmetic import is_array
from ...arrays import Floats
from ...branches import closed, is_container, opened
from ...sparse import SparseValues

Shape = tuple[int, ...]
DEEPEST = 16  # dimensions up to which nested lists are an array: NumPy has at least 32


class Source(Protocol):
    """The items of a result, in the order of its numbers."""

    def number(self, index: int) -> Any:
        """Return one of them."""

    def lists(self, start: int, stop: int, shape: Shape) -> Any:
        """Return those from `start` to before `stop` in nested lists."""

    def array(self, start: int, stop: int, shape: Shape) -> Any:
        """Return these as an array."""


class Structure:
    """The structure of what a function returns, `output` with a float in place of each number.

    >>> import numpy as np
    >>> structure = Structure({"y": 0.0, "dy": [np.zeros(2)]})
    >>> structure.of_numbers(np.array([1.0, 2.0, 3.0]))
    {'y': 1.0, 'dy': [array([2., 3.])]}
    >>> structure.of_rows(np.array([[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]))["y"]
    array([1., 4.])
    """

    def __init__(self, output: Any) -> None:
        self.output = output
        self._part, self.count = _planned(output, 0)

    def of_numbers(self, numbers: Floats) -> Any:
        """Return the result with floats, and arrays that share no memory."""
        return self._part.filled(_Numbers(numbers))

    def of_items(self, items: Sequence[Any]) -> Any:
        """Return the result with Values and floats, and an array of these, where there are Values, as a ValueArray."""
        return self._part.filled(_Items(items))

    def of_rows(self, outputs: Floats) -> Any:
        """Return the result with arrays of many rows, from numbers of shape (results, rows)."""
        return self._part.filled(_Rows(outputs))


class _Numbers(NamedTuple):
    numbers: Floats

    def number(self, index: int) -> float:
        return self.numbers.item(index)

    def lists(self, start: int, stop: int, shape: Shape) -> Any:
        return self.numbers[start:stop].reshape(shape).tolist()

    def array(self, start: int, stop: int, shape: Shape) -> Floats:
        found = self.numbers[start:stop].copy()
        return found if len(shape) == 1 else found.reshape(shape)


class _Items(NamedTuple):
    items: Sequence[Any]

    def number(self, index: int) -> Any:
        return self.items[index]

    def lists(self, start: int, stop: int, shape: Shape) -> Any:
        return _nested(list(self.items[start:stop]), shape)

    def array(self, start: int, stop: int, shape: Shape) -> Any:
        return trees.array(shape, list(self.items[start:stop]))


class _Rows(NamedTuple):
    outputs: Floats

    def number(self, index: int) -> Floats:
        row: Floats = self.outputs[index]
        return row

    def lists(self, start: int, stop: int, shape: Shape) -> Any:
        return _nested(list(self.outputs[start:stop]), shape)

    def array(self, start: int, stop: int, shape: Shape) -> Floats:
        return self.outputs[start:stop].T.copy().reshape(self.outputs.shape[1], *shape)


def _nested(items: list[Any], shape: Shape) -> list[Any]:
    """Return a list of lists of these numbers of items."""
    for n in reversed(shape[1:]):
        items = [items[i : i + n] for i in range(0, len(items), n)]
    return items


class _Branch(Protocol):
    """A part of a result, which knows its numbers by their indices."""

    def filled(self, source: Source) -> Any:
        """Return it with the items of `source`."""


class _Number(NamedTuple):
    index_of: int

    def filled(self, source: Source) -> Any:
        return source.number(self.index_of)


class _Lists(NamedTuple):
    start: int
    stop: int
    shape: Shape

    def filled(self, source: Source) -> Any:
        return source.lists(self.start, self.stop, self.shape)


class _Array(NamedTuple):
    start: int
    stop: int
    shape: Shape

    def filled(self, source: Source) -> Any:
        return source.array(self.start, self.stop, self.shape)


class _Sequence(NamedTuple):
    kind: type[list[Any]] | type[tuple[Any, ...]]
    parts: list[_Branch]

    def filled(self, source: Source) -> Any:
        return self.kind([part.filled(source) for part in self.parts])


class _Dict(NamedTuple):
    keys: tuple[Any, ...]
    parts: list[_Branch]

    def filled(self, source: Source) -> Any:
        return dict(zip(self.keys, [part.filled(source) for part in self.parts], strict=True))


class _Container(NamedTuple):
    """A container of another class, which is opened anew for each call: what it holds besides is its own affair."""

    like: Any
    parts: list[_Branch]

    def filled(self, source: Source) -> Any:
        return closed(self.like, opened(self.like), [part.filled(source) for part in self.parts])


class _Sparse(NamedTuple):
    """A sparse matrix, whose entries are one array: of numbers it becomes SciPy's."""

    like: SparseValues
    start: int
    stop: int

    def filled(self, source: Source) -> Any:
        return self.like.with_entries(source.array(self.start, self.stop, (self.stop - self.start,)))


class _Constant(NamedTuple):
    """What is no number: a bool, a text, None, an array of bools."""

    x: Any

    def filled(self, source: Source) -> Any:
        return self.x


def _planned(tree: Any, start: int) -> tuple[_Branch, int]:
    """Return the part that is `tree`, whose numbers have indices from `start` on, and the index after them."""
    if trees.is_number(tree):
        return _Number(start), start + 1
    if is_container(tree):
        parts, stop = [], start
        found = opened(tree)
        for branch in found.branches:
            part, stop = _planned(branch, stop)
            parts.append(part)
        return _branches(tree, found.keys, parts, start, stop), stop
    if is_array(tree) and tree.dtype != bool:
        return _Array(start, start + tree.size, tree.shape), start + tree.size
    return _Constant(tree), start


def _branches(tree: Any, keys: tuple[Any, ...], parts: list[_Branch], start: int, stop: int) -> _Branch:
    kind = type(tree)
    if kind is list:
        shapes = set(_shapes(parts))
        inner = shapes.pop() if len(shapes) == 1 else None
        if inner is not None and len(inner) < DEEPEST:
            return _Lists(start, stop, (len(parts), *inner))
    if kind is list or kind is tuple:
        return _Sequence(kind, parts)
    if kind is SparseValues:
        return _Sparse(tree, start, stop)
    return _Dict(keys, parts) if kind is dict else _Container(tree, parts)


def _shapes(parts: list[_Branch]) -> Iterator[Shape | None]:
    """Yield the shape of each part, () for a number, None for what is neither number nor lists."""
    for part in parts:
        yield part.shape if isinstance(part, _Lists) else () if isinstance(part, _Number) else None

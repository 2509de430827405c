"""The direct call: one row whose arguments have a structure seen before goes from their numbers to the engine.

A call costs what it computes: numbers of a list are packed as a whole, arrays are taken as they are, and no argument is
analysed. Whatever has another structure, or holds what is not listed here, goes the long way through `signature`.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import error, pack
from typing import Any, NamedTuple

import numpy as np

from ...arrays import Floats
from ...contexts import detect_switch, no_grad_switch
from ...value import Value
from .. import tuning
from .parameters import CURRENT
from .results import of_one
from .signature import Arguments
from .specializations import Family, Specializations

NUMBERS = frozenset((float, int, np.float64, np.float32, np.int64, np.int32))
TEXT = frozenset((str,))


class Row:
    """The inputs of a call, and the key of their structure, None if there is something that is not read here.

    >>> row = Row([2.0, {"a": [1, 3.0]}, np.zeros(2)], {})
    >>> row.key
    (<class 'float'>, (<class 'dict'>, ('a',), ((<class 'list'>, 2),)), (2,), ())
    >>> row.inputs()
    array([2., 1., 3., 0., 0.])
    """

    __slots__ = ("arrays", "key", "numbers", "values")

    def __init__(self, args: Sequence[Any], options: dict[str, Any]) -> None:
        self.numbers: list[Any] = []
        self.arrays: list[tuple[int, Any]] = []  # how many numbers come before it, and an array of any real numbers
        self.values = False  # whether there is a Value among the numbers
        self.key: Any
        try:
            self.key = (*map(self._read, args), self._read(options) if options else ())
        except NotImplementedError:
            self.key = None

    def _read(self, x: Any) -> Any:
        kind = type(x)
        if kind in NUMBERS:
            self.numbers.append(x)
            return float
        if kind is list or kind is tuple:
            if NUMBERS.issuperset(map(type, x)):
                self.numbers += x
                return kind, len(x)
            return kind, tuple(map(self._read, x))
        if kind is np.ndarray and x.dtype.kind in "fiu":
            self.arrays.append((len(self.numbers), x))
            return x.shape
        if kind is Value:
            self.numbers.append(x)
            self.values = True
            return Value
        if kind is dict and TEXT.issuperset(map(type, x)):
            return dict, tuple(x), tuple(map(self._read, x.values()))
        if kind is str or kind is bool or x is None:
            return kind, x
        raise NotImplementedError(kind)

    def inputs(self) -> Any:
        """Return an array of the numbers, and those of arrays, in the order of the arguments; an engine copies it."""
        numbers = [x._data if type(x) is Value else x for x in self.numbers] if self.values else self.numbers
        if not self.arrays:
            return _packed(numbers)
        pieces, start = [], 0
        for stop, array in self.arrays:
            if stop > start:
                pieces.append(_packed(numbers[start:stop]))
            pieces.append(array.ravel())
            start = stop
        if start < len(numbers):
            pieces.append(_packed(numbers[start:]))
        return np.concatenate(pieces) if len(pieces) > 1 else pieces[0]


class DirectCall(NamedTuple):
    """The programs that a call of a certain structure has, as long as nothing that the function captures changes."""

    environment: Any
    family: Family


class DirectCalls:
    """The direct calls of a function, by the structure of their arguments."""

    def __init__(self, specializations: Specializations) -> None:
        settings, signature = specializations.settings, specializations.signature
        self._specializations = specializations
        self._known: dict[Any, DirectCall] = {}
        self._never = settings.backend == "eager" or bool(settings.verify) or bool(signature.static)

    def row(self, args: Sequence[Any], options: dict[str, Any]) -> Row | None:
        """Return the inputs of a call that may be direct, None for one that goes the long way."""
        if self._never or detect_switch.get().on or no_grad_switch.get().on:
            return None
        row = Row(args, options)
        return None if row.key is None or (row.values and row.arrays) else row

    def result(self, row: Row) -> Any:
        """Return what the function returns, which is never None; None if it is not known which program computes it."""
        known, specializations = self._known.get(row.key), self._specializations
        if known is None or specializations.environment is not known.environment or specializations.changed():
            return None
        inputs = row.inputs()
        for one in known.family:
            outputs = one.gradients.row(CURRENT(one.path), inputs)
            if outputs is not None:
                return of_one(one.part(outputs, None), row.numbers)
        return None

    def add(self, row: Row, arguments: Arguments) -> None:
        """Keep the programs of a call that has gone the long way."""
        environment, family = self._specializations.known(arguments.key)
        if not family:
            return
        known = self._known
        if len(known) >= tuning.KEYS or any(one.environment is not environment for one in list(known.values())):
            known.clear()
        known[row.key] = DirectCall(environment, family)


def _packed(numbers: Sequence[Any]) -> Floats:
    try:
        return np.frombuffer(pack(f"{len(numbers)}d", *numbers))
    except error:  # an int beyond all floats, which `float` refuses in its own words
        return np.array(list(map(float, numbers)))

"""Results: outputs of programs → what the function returns, Values whose partials are the derivatives found."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, reduce
from itertools import zip_longest
from operator import add
from typing import Any, NamedTuple

import numpy as np

from ... import trees
from ...apply import linear
from ...arrays import Floats
from ...contexts import no_grad_switch
from ...node import Node
from ...sparse import alike
from ...value import Value
from ..batch.reduction import divided
from ..trace.run import Slopes
from .structure import Structure


class Part(NamedTuple):
    """The outputs of the rows that take one path, or their sums: results, then derivatives, as `slopes` lists them.

    Outputs of rows have the shape (outputs, rows of this path). `structure` is the structure of the results, `taken` a
    mask of these rows, None for all, and `depends` tells whether any result has a derivative.
    """

    captured: list[Any]
    slopes: list[Slopes]
    structure: Structure
    outputs: Floats
    taken: Any
    depends: bool


def spread(part: Part, rows: int) -> Floats:
    """Return the outputs of a part in their places among all rows, 0.0 for the others."""
    if part.taken is None:
        return part.outputs
    found = np.zeros((len(part.outputs), rows))
    found[:, part.taken] = part.outputs
    return found


def of_row(parts: Sequence[Part], data: Sequence[Any]) -> Any:
    """Return what the function returns for the only row."""
    return _assembled(parts, [part.outputs[:, 0] for part in parts], data, 1)


def of_one(part: Part, data: Sequence[Any]) -> Any:
    """Return what the function returns for one row, or summed, by a traced path: its derivatives follow one another."""
    if not part.depends:
        return part.structure.of_numbers(part.outputs)
    n, start, slots = len(part.slopes), 0, _Slots(data)
    partials = (part.outputs[n:] + 0.0).tolist()
    results = part.outputs[:n].tolist()
    for i, (targets, _) in enumerate(part.slopes):
        if targets:
            stop = start + len(targets)
            results[i] = linear(Value, results[i], _targets(part, i, slots), partials[start:stop])
            start = stop
    return part.structure.of_items(results)


def of_sums(parts: Sequence[Part], data: Sequence[Any], divisor: int) -> Any:
    """Return what the function returns, summed over the rows of all parts and divided."""
    return _assembled(parts, [part.outputs for part in parts], data, divisor)


def _assembled(parts: Sequence[Part], numbers: Sequence[Floats], data: Sequence[Any], divisor: int) -> Any:
    first, n = parts[0], len(parts[0].slopes)
    values = divided(reduce(add, [xs[:n] for xs in numbers]), divisor)
    if not any(part.depends for part in parts):
        return first.structure.of_numbers(values)
    inactive = no_grad_switch.get().on
    slots = _Slots(data)
    results = []
    for i, value in enumerate(values.tolist()):
        depends = any(part.slopes[i].targets for part in parts)
        if inactive or not depends:
            results.append(Value(value) if depends else value)
        else:
            operands, partials = _linear(parts, numbers, i, slots)
            results.append(linear(Value, value, operands, (divided(partials, divisor) + 0.0).tolist()))
    return first.structure.of_items(results)


def check_alike(parts: list[Part]) -> list[Part]:
    """Return the parts. Raises TypeError if the function returns another structure for some rows than for others."""
    outputs = [part.structure.output for part in parts]
    if not all(alike(output, outputs[0]) for output in outputs[1:]):
        kinds = sorted({repr(trees.structure(output)) for output in outputs})
        raise TypeError(
            f"the function returns for some rows another structure than for others: {', '.join(kinds)}"
            + (", with entries at other places. Leave `sparse` out" if len(kinds) == 1 else "")
        )
    return parts


def _linear(parts: Sequence[Part], numbers: Sequence[Floats], i: int, slots: _Slots) -> tuple[list[Any], Floats]:
    """Return the Values that result i depends on, and its derivative by each."""
    if len(parts) == 1:
        part = parts[0]
        return _targets(part, i, slots), numbers[0][part.slopes[i].outputs]
    operands: dict[int, tuple[Any, float]] = {}
    for part, xs in zip(parts, numbers, strict=True):
        slopes = part.slopes[i]
        for target, v, slope in zip(slopes.targets, _targets(part, i, slots), xs[slopes.outputs], strict=True):
            key = min(len(part.captured) - 1 - target, 0) or id(v)  # an input by its slot, below 0
            operands[key] = v, operands.get(key, (v, 0.0))[1] + slope
    return [v for v, _ in operands.values()], np.array([slope for _, slope in operands.values()])


def _targets(part: Part, i: int, slots: _Slots) -> list[Any]:
    captured, n = part.captured, len(part.captured)
    targets = part.slopes[i].targets
    if not targets or targets[-1] < n:
        return captured if len(targets) == n else [captured[t] for t in targets]
    arguments = slots.arguments
    return [captured[t] if t < n else arguments[t - n] for t in targets]


class _Slots:
    """The arguments of a call, `data`, by input slot; listed when a derivative is by one of them."""

    def __init__(self, data: Sequence[Any]) -> None:
        self._data = data

    @cached_property
    def arguments(self) -> list[Any]:
        return [x for x in self._data for _ in range(width(x))]


def width(x: Any) -> int:
    """Return the number of input slots of an argument: one, or for an array of rows one for each element of a row."""
    return int(np.prod(x.shape[1:])) if getattr(x, "ndim", 0) else 1


def active(data: Sequence[Any]) -> list[bool]:
    """Return for each input slot of the arguments whether it is a Value, by which derivatives are taken."""
    return [isinstance(x, Node) for x in data for _ in range(width(x))]


def equal(f: Any, parts: Sequence[Part], expected: Sequence[Part], *, derivatives: bool) -> None:
    """Raise RuntimeError unless results, and `derivatives` where they were asked for, have the bits expected."""
    for found, right in zip_longest(parts, expected):
        if found is None or right is None or not np.array_equal(_all(found), _all(right)):
            raise RuntimeError(f"{f!r}: rows took another path than in an eager run; {CAUSE}")
        for i in range(len(right.slopes)):
            for name, x, y in zip(
                ("a result", "a derivative"), _bits(found, i, derivatives), _bits(right, i, derivatives), strict=True
            ):
                if x != y:
                    raise RuntimeError(f"{f!r}: {name} differs from that of an eager run; {CAUSE}")


CAUSE = "does it read what is neither an argument, a global, a closure cell nor an attribute of these, or does the "
CAUSE += "backend round otherwise (numpy, fastmath)?"


def _all(part: Part) -> Any:
    return None if part.taken is None or part.taken.all() else part.taken


def _bits(part: Part, i: int, derivatives: bool) -> tuple[bytes, dict[Any, bytes]]:
    """Return the bytes of result i and of its derivatives by target; any nan is any other, as are zeros of a slope."""
    n = len(part.captured)
    rows = part.outputs
    value = np.where(np.isnan(rows[i]), np.nan, rows[i])
    slopes = {}
    pairs = zip(part.slopes[i].targets, part.slopes[i].outputs, strict=True)
    for target, k in pairs if derivatives else ():
        found = np.where(np.isnan(rows[k]), np.nan, rows[k]) + 0.0
        slopes[id(part.captured[target]) if target < n else target - n] = found.tobytes()
    return value.tobytes(), slopes

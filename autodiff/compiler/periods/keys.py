"""Keys of instructions: hashes that are equal where operation and kinds of operands are.

The kind of an operand is which parameter it is, that it is an input, that it is a constant, or the operation that
computed it. Instructions that repeat have equal keys, and so have sequences of them, n-grams, which are hashed too.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..program.program import Program

Keys = NDArray[np.uint64]
ODD = tuple(np.uint64(x) for x in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


def keys(program: Program, low: int, high: int) -> Keys:
    """Return the key of each instruction from `low` to before `high`."""
    p, first = program.parameters, program.first
    kinds = np.zeros(first + 1 + len(program.operations), np.uint64)  # of leaves, of no operand, of operations
    kinds[:p] = np.arange(1, p + 1)
    kinds[p : p + program.inputs] = p + 1
    kinds[p + program.inputs : first] = p + 2
    kinds[first + 1 :] = np.arange(p + 3, p + 3 + len(program.operations))
    with np.errstate(over="ignore"):
        kinds = _mixed(kinds)
        found = program.codes[low:high].astype(np.uint64) * ODD[0]
        for operands in program.columns[:, low:high]:
            computed = first + 1 + program.codes[np.maximum(operands - first, 0)]
            place = np.where(operands >= first, computed, np.where(operands < 0, first, operands))
            found = _mixed(found + kinds[place]) * ODD[1]
    return found


def ngrams(found: Keys, sizes: tuple[int, ...]) -> Iterator[Keys]:
    """Yield the hashes of all sequences of so many keys, for sizes that are rising powers of 2."""
    size = 1
    with np.errstate(over="ignore"):
        for wanted in sizes:
            while size < wanted and len(found) > size:
                found = _mixed(found[:-size] * ODD[2] + found[size:])
                size *= 2
            if size == wanted:
                yield found


def _mixed(x: Keys) -> Keys:
    x = (x ^ (x >> np.uint64(30))) * ODD[1]
    return x ^ (x >> np.uint64(27))

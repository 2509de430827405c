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


def keys(program: Program) -> Keys:
    """Return the key of each instruction."""
    p, first = program.parameters, program.first
    kind = np.zeros(program.slots + 1, np.uint64)  # that of no operand, -1, is last
    kind[:p] = np.arange(1, p + 1)
    kind[p : p + program.inputs] = p + 1
    kind[p + program.inputs : first] = p + 2
    kind[first:-1] = program.codes.astype(np.uint64) + np.uint64(p + 3)
    with np.errstate(over="ignore"):
        kind = _mixed(kind)
        found = program.codes.astype(np.uint64) * ODD[0]
        for operands in program.columns:
            found = _mixed(found + kind[operands]) * ODD[1]
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

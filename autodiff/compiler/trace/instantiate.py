"""Instantiation: the items of templates written out for all uses at once, which differ in slots alone.

A template of mul(-1, -2) and add(0, -1), used with the slots 0 and 1 and then with 3 and 0, from slot 2 on: 2 is
mul(0, 1), 3 is add(2, 0), 4 is mul(3, 0), and 5 is add(4, 3).

>>> codes, operands = instantiated([[1, 2]], [[-1, -2, 0, -1]], [2], [0, 0], [0, 1, 3, 0], 2)
>>> codes.tolist(), operands.tolist()
([1, 2, 1, 2], [0, 1, 2, 0, 3, 0, 4, 3])
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..program.program import Slots, slots_of

CONSTANT = 0  # the code of an item that is a constant


def instantiated(
    codes: Sequence[list[int]],
    references: Sequence[list[int]],
    counts: list[int],
    uses: list[int],
    given: list[int],
    base: int,
) -> tuple[Slots, Slots]:
    """Return the codes of the items of all uses, and the slots of their operands; item i has the slot base + i.

    Template t has the items `codes[t]`, which refer to items or, below 0, to counts[t] given slots, by `references[t]`.
    `uses` are indices of templates, `given` the slots given at each use in turn.
    """
    which, slots = slots_of(uses), slots_of(given)
    items, every = _places(which, list(map(len, codes)))
    places, operands = _places(which, list(map(len, references)))
    sources, _ = _places(which, counts)
    order = np.argsort(which.astype(np.uint16) if len(codes) <= 2**16 else which, kind="stable")
    ends = np.cumsum(np.bincount(which, minlength=len(codes)))
    for own, refers, chosen in zip(codes, references, np.split(order, ends[:-1]), strict=True):
        first = items[chosen, None]
        every[first + np.arange(len(own))] = own
        found = np.array(refers, np.int32)
        width = np.arange(len(found))
        local = found >= 0
        operands[places[chosen, None] + width[local]] = base + first + found[local]
        operands[places[chosen, None] + width[~local]] = slots[sources[chosen, None] - 1 - found[~local]]
    return every, operands


def _places(which: Slots, sizes: list[int]) -> tuple[Slots, Slots]:
    """Return the start of each use in an array, if one of template t has sizes[t] entries, and that array of zeros."""
    counts = np.array(sizes, np.int32)[which]
    ends = np.cumsum(counts, dtype=np.int32)
    return ends - counts, np.zeros(int(ends[-1]) if len(ends) else 0, np.int32)

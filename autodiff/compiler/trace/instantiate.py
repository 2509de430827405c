"""The items of templates, written out for all their uses at once: a use differs from others in slots alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from ..program.program import Slots, slots_of

CONSTANT = 0  # the code of an item that is a constant


class Template(Protocol):
    """The codes of items, the references of operands, and how many slots a use is given; made by a builder."""

    codes: list[int]
    references: list[int]
    given: int


def instantiated(templates: Sequence[Template], uses: list[int], given: list[int], base: int) -> tuple[Slots, Slots]:
    """Return the codes of the items of all uses, and the slots of their operands.

    Item i has the slot base + i. `uses` are indices of templates, and `given` the slots that they are given in turn.
    """
    which, slots = slots_of(uses), slots_of(given)
    items, codes = _places(which, [len(t.codes) for t in templates])
    places, operands = _places(which, [len(t.references) for t in templates])
    sources, _ = _places(which, [t.given for t in templates])
    order = np.argsort(which.astype(np.uint16) if len(templates) <= 2**16 else which, kind="stable")
    ends = np.cumsum(np.bincount(which, minlength=len(templates)))
    for template, chosen in zip(templates, np.split(order, ends[:-1]), strict=True):
        first = items[chosen, None]
        codes[first + np.arange(len(template.codes))] = template.codes
        references = np.array(template.references, np.int32)
        width = np.arange(len(references))
        local = references >= 0
        operands[places[chosen, None] + width[local]] = base + first + references[local]
        operands[places[chosen, None] + width[~local]] = slots[sources[chosen, None] - 1 - references[~local]]
    return codes, operands


def _places(which: Slots, sizes: list[int]) -> tuple[Slots, Slots]:
    """Return where each use begins if one of template t takes sizes[t] places, and an array of all places."""
    counts = np.array(sizes, np.int32)[which]
    ends = np.cumsum(counts, dtype=np.int32)
    return ends - counts, np.zeros(int(ends[-1]) if len(ends) else 0, np.int32)

"""What instructions depend on: which of them a result needs, and how deep each lies. One pass over plain lists each."""

from __future__ import annotations

from collections.abc import Sequence


def needed(codes: list[int], arities: list[int], operands: list[int], base: int, roots: Sequence[int]) -> bytes:
    """Return for each slot 1 if `roots` depend on it, else 0.

    The slots from `base` on have codes, and by code a number of operands, which come from slots before, one slot after
    the other.
    """
    marks = [0] * (base + len(codes))
    for root in roots:
        marks[root] = 1
    end = len(operands)
    for i in range(len(codes) - 1, -1, -1):
        start = end - arities[codes[i]]
        if marks[base + i]:
            for k in range(start, end):
                marks[operands[k]] = 1
        end = start
    return bytes(marks)


def levels(codes: list[int], arities: list[int], operands: list[int], base: int) -> list[int]:
    """Return for each slot from `base` on one more than the highest level of its operands; before it all are 0."""
    found = [0] * base
    start = 0
    for code in codes:
        end = start + arities[code]
        level = 0
        for k in range(start, end):
            below = found[operands[k]]
            if below > level:
                level = below
        found.append(level + 1)
        start = end
    return found[base:]

"""Levels: the depth of each instruction in the graph, in one pass over plain lists, which a wheel compiles."""

from __future__ import annotations


def levels(codes: list[int], arities: list[int], operands: list[int], base: int, steps: list[int]) -> list[int]:
    """Return for each slot from `base` on the highest level of its operands and a step more; before it all are 0.

    The instructions have `codes`, and by code `arities[code]` operands, one instruction's after the other, and a step
    of `steps[code]`. Of 2 = add(0, 1), 3 = mul(2, 0), 4 = neg(2), the last two have one level:

    >>> levels([0, 1, 2], [2, 2, 1], [0, 1, 2, 0, 2], 2, [1, 1, 1])
    [1, 2, 2]
    """
    found = [0] * base
    start = 0
    for code in codes:
        end = start + arities[code]
        level = 0
        for k in range(start, end):
            below = found[operands[k]]
            if below > level:
                level = below
        found.append(level + steps[code])
        start = end
    return found[base:]

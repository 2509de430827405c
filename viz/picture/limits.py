"""How large a picture may be: Graphviz cannot be interrupted, so what would take it minutes is refused beforehand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

MOST_BOXES, MOST_ARROWS = 1500, 2500  # laid out in about two seconds
MOST_PASSED = 12_000  # in about five; `y = y + x` a hundred times passes 10,000 columns, four hundred times 160,000


class SizeError(ValueError):
    """A graph that cannot be laid out in some seconds, or read."""


def check_values(values: int) -> None:
    """Raise SizeError, with the size, the limits and what to do, if so many values cannot be drawn.

    >>> check_values(65_036)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    viz.picture.limits.SizeError: a graph of 65,036 values is too large to draw: a picture holds ...
    """
    if values > MOST_BOXES:
        raise _refusal(f"{values:,} values")


def check_layout(boxes: Sequence[str], arrows: Sequence[tuple[str, str]]) -> None:
    """Raise SizeError for what Graphviz cannot lay out: names of boxes in the order of evaluation, and arrows between.

    >>> check_layout(["a", "b"], [("a", "b"), ("a", "b")])
    """
    if len(boxes) > MOST_BOXES or len(arrows) > MOST_ARROWS:
        raise _refusal(f"{len(boxes):,} boxes and {len(arrows):,} arrows")
    passed = _passed(boxes, arrows)
    if passed > MOST_PASSED:
        raise _refusal(f"{len(boxes):,} boxes, whose {len(arrows):,} arrows pass {passed:,} columns of them,")


def _passed(boxes: Sequence[str], arrows: Sequence[tuple[str, str]]) -> int:
    """Return how many columns of boxes the arrows pass over in all: Graphviz makes a node of each such place."""
    tails, heads = defaultdict(list), defaultdict(list)
    for tail, head in arrows:
        tails[head].append(tail)
        heads[tail].append(head)
    column: dict[str, int] = {}
    for box in boxes:
        column[box] = max((column[tail] + 1 for tail in tails[box] if tail in column), default=0)
    for box in boxes:
        if not tails[box] and heads[box]:
            column[box] = min(column[head] for head in heads[box]) - 1
    return sum(max(0, abs(column[head] - column[tail]) - 1) for tail, head in arrows)


def _refusal(size: str) -> SizeError:
    return SizeError(
        f"a graph of {size} is too large to draw: a picture holds {MOST_BOXES:,} boxes (values, operations, numbers) "
        f'and {MOST_ARROWS:,} arrows that pass {MOST_PASSED:,} columns. Fold it with `fold="auto"`, draw a part of it, '
        "such as one neuron's output, or have it drawn all the same with `force=True`, however long that takes"
    )

"""Size limits of a picture: Graphviz cannot be interrupted, so a layout of minutes is refused beforehand."""

from __future__ import annotations

from collections import defaultdict

from .model import Picture

MOST_BOXES, MOST_ARROWS = 1500, 2500  # laid out in about two seconds
MOST_PASSED = (
    12_000  # laid out in about five; `y = y + x` a hundred times passes 10,000 columns, four hundred times 160,000
)


class SizeError(ValueError):
    """The graph is too large to be laid out in some seconds, or to be read."""


def check_values(values: int) -> None:
    """Raise SizeError, with the size, the limits and the remedy, for more values than can be drawn.

    >>> check_values(65_036)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    viz.picture.limits.SizeError: a graph of 65,036 values is too large to draw: a picture holds ...
    """
    if values > MOST_BOXES:
        raise _refusal(f"{values:,} values")


def check_layout(picture: Picture) -> None:
    """Raise SizeError for a picture that Graphviz cannot lay out in some seconds.

    >>> check_layout(Picture((), (), "", ""))
    """
    boxes, arrows = f"{len(picture.boxes):,} boxes", f"{len(picture.arrows):,} arrows"
    if len(picture.boxes) > MOST_BOXES or len(picture.arrows) > MOST_ARROWS:
        raise _refusal(f"{boxes} and {arrows}")
    passed = _passed(picture)
    if passed > MOST_PASSED:
        raise _refusal(f"{boxes}, whose {arrows} pass {passed:,} columns of them,")


def _passed(picture: Picture) -> int:
    """Return the number of columns that the arrows pass over in all: Graphviz adds a virtual node at each crossing."""
    boxes, tails, heads = [box.id for box in picture.boxes], defaultdict(list), defaultdict(list)
    for arrow in picture.arrows:
        tails[arrow.head].append(arrow.tail)
        heads[arrow.tail].append(arrow.head)
    column: dict[str, int] = {}
    for box in boxes:
        column[box] = max((column[tail] + 1 for tail in tails[box] if tail in column), default=0)
    for box in boxes:
        if not tails[box] and heads[box]:
            column[box] = min(column[head] for head in heads[box]) - 1
    return sum(max(0, abs(column[arrow.head] - column[arrow.tail]) - 1) for arrow in picture.arrows)


def _refusal(size: str) -> SizeError:
    return SizeError(
        f"a graph of {size} is too large to draw: a picture holds {MOST_BOXES:,} boxes (values, operations, numbers) "
        f'and {MOST_ARROWS:,} arrows that pass {MOST_PASSED:,} columns. Fold it with `fold="auto"`, draw a part of it, '
        "such as one neuron's output, or have it drawn all the same with `force=True`, however long that takes"
    )

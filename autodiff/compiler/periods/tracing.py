"""Tracing of long repetitions: a few steps are traced, three times, and the program of all follows by extrapolation.

So a simulation of 10,000 steps is traced in the time of some hundred. Where the program does not follow, because a step
counts, takes branches or reads other numbers each time, the whole is traced.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ... import transforms, trees
from ..trace.lengths import GROWTH, Lengths, steps
from ..trace.run import Path, traced, traced_once
from .extrapolation import extrapolated

AT = 2  # times GROWTH by which the third trace is longer than the first
BASES = (0, 4)  # times GROWTH by which the first is longer than it need be: what begins late is seen the second time
PATIENT = 1_000  # steps from which on there is a second time


def path_of_call(
    f: Callable[..., Any], arguments: Any, options: Any, active: Sequence[bool], operations: int, *, tells: bool = False
) -> Path:
    """Return the path that f takes, as `traced` does, from short traces where that is enough.

    If f `tells` floats from numbers that are traced, a plain call has to agree, so that the whole is traced.
    """
    if tells:
        return traced(f, arguments, options, active, operations, tells=True)

    def short(lengths: Lengths) -> Path:
        return traced_once(f, arguments, options, active, operations, lengths)

    lengths = Lengths(outermost=getattr(f, "__module__", "") == transforms.__name__)
    try:
        path = traced(f, arguments, options, active, operations, lengths)
        found = _extrapolated(short, path, lengths, operations) if lengths.asked else path
    except Exception:  # perhaps only as steps are missing: the whole says so itself
        if not lengths.asked:
            raise
        found = None
    return found or traced(f, arguments, options, active, operations)


def _extrapolated(short: Callable[[Lengths], Path], path: Path, lengths: Lengths, operations: int) -> Path | None:
    """Return the path of the longest repetitions that were cut; None if that does not follow from short ones."""
    n = max(lengths.asked)
    known = path if len(lengths.asked) == 1 else None
    for base in BASES if n >= PATIENT else BASES[:1]:
        cut = [Lengths(n, base + k, outermost=lengths.outermost) for k in (0, 1, AT)]
        if known is None:
            paths = list(map(short, cut))
        else:
            cut[0], known, paths = lengths, None, [path, *map(short, cut[1:])]
        if not all(one.even and one.asked == {n} for one in cut) or any(_parted(path, one) for one in paths):
            return None
        if not cut[0].steady:
            continue
        counts = [steps(n, one.grown) for one in cut]
        first, second = cut[0].operations, cut[1].operations
        if first + (n - counts[0]) // GROWTH * (second - first) > operations:
            return None
        program = extrapolated([one.gradients for one in paths], counts, n)
        if program is not None:
            return path._replace(gradients=program)
    return None


def _parted(a: Path, b: Path) -> bool:
    """Return whether two paths differ in more than the instructions of their programs."""
    return (
        list(map(id, a.captured)) != list(map(id, b.captured))
        or a.guards != b.guards
        or [(x.targets, x.outputs.tolist()) for x in a.slopes] != [(x.targets, x.outputs.tolist()) for x in b.slopes]
        or repr(trees.structure(a.output)) != repr(trees.structure(b.output))
    )

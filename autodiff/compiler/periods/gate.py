"""The gate: whether loops in time are worth it for a program, and whether loops in space can be no gain there."""

from __future__ import annotations

from .. import tuning
from ..program.program import Program
from .dependences import Carried, Dependences, Present
from .search import FOLDS, depth, probable, runs

SHALLOW = 8  # times less deep than where loops in time are a gain: a period may have packs side by side
WATCHED = 4  # repetitions over which the depth of a loop is seen to grow, after as many


def periodic(program: Program) -> Dependences | None:
    """Return the loops in time of a program, None if too little is inside them or too much code is left.

    Samples decide first: most programs without such loops are told by the depth of these alone.
    """
    size = len(program.codes)
    if size < tuning.PERIODS or depth(program) < min(tuning.GROUPS, size // tuning.PACK) // SHALLOW:
        return None
    if not probable(program, tuning.INSIDE / 2):
        return None
    found = Dependences(program, runs(program, tuning.INSIDE))
    inside = sum(run.period * run.times for run in found.runs)
    return found if inside >= tuning.INSIDE * size and found.size <= tuning.PERIODIC else None


def sequential(found: Dependences) -> bool:
    """Return whether loops in space would have so many groups that they are no gain: one a level of the graph."""
    groups = sum(_growth(found, k) * run.times // WATCHED for k, run in enumerate(found.runs))
    return groups > tuning.GROUPS or groups * tuning.PACK > len(found.program.codes)


def _growth(found: Dependences, k: int) -> int:
    """Return by how much the depth of the graph grows in some repetitions of run k, steps of folds not counted."""
    run, program = found.runs[k], found.program
    names = [program.operations[code] for code in program.codes[run.start : run.start + run.period].tolist()]
    depths: list[list[int]] = []
    for _ in range(2 * WATCHED):
        now: list[int] = []
        for name, sources in zip(names, found.sources[k], strict=True):
            below = 0
            for source in sources:
                if isinstance(source, Present):
                    below = max(below, now[source.position])
                elif isinstance(source, Carried) and source.ago <= len(depths):
                    below = max(below, depths[-source.ago][source.position])
            now.append(below + (name not in FOLDS))
        depths.append(now)
    return max(depths[-1]) - max(depths[WATCHED - 1])

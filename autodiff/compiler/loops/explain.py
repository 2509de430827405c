"""Explanation of a program: its packs, how each is computed, and which backend runs it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from .. import tuning
from ..periods.gate import periodic, sequential
from ..program.program import Program
from .backend import repetitions
from .find.folds import nodes
from .find.packs import Pack, packed
from .plan.plan import Plan

TIME = "rows run in loops in time"
SHOWN = 12  # packs, those with most operations


def explained(program: Program) -> str:
    """Return the text of `Program.explain`."""
    return "\n".join(_lines(program))


def _lines(program: Program) -> Iterator[str]:
    repeated = periodic(program)
    if repeated:
        inside = sum(run.period * run.times for run in repeated.runs)
        shown = ", ".join(f"{run.times:,} × {run.period}" for run in repeated.runs)
        yield f"{len(program.codes):,} instructions: {shown} in loops in time, {inside / len(program.codes):.0%}"
    if repeated and sequential(repeated):
        yield TIME
        return
    rowwise = program.inputs > 0
    size, found = len(program.codes), packed(program, nodes(program), fewest=1.0)
    if found is None:
        yield TIME if repeated else f"{size:,} instructions: hardly any two are alike, and none run in loops"
        return
    plan = Plan(program, found, rowwise=rowwise, summed=rowwise)
    work = Counter({i: len(pack.result) * _operations(pack) for i, (pack, _) in enumerate(plan.ways)})
    regular = sum(work[i] for i, (pack, way) in enumerate(plan.ways) if way != "tables" and len(pack.result) > 1)
    shapes = len(plan.ways)
    share = 100.0 * regular / max(1, work.total())
    yield f"{size:,} instructions: {shapes:,} groups, {share:.0f} % of the operations in loops"
    for i, count in work.most_common(SHOWN):
        pack, way = plan.ways[i]
        yield f"{len(pack.result):>9,} × {_name(pack):<24}{count / max(1, work.total()):>5.0%}  {way}"
    if shapes > SHOWN:
        yield f"{'':>9}   and {shapes - SHOWN:,} groups with fewer operations"
    irregular = size < tuning.LOOPS or repetitions(program) is None
    if irregular and repeated:
        yield TIME
        return
    flat = "the interpreter, straight-line code when it is hot"
    many = flat if irregular else "loops"
    alone = "loops" if size >= tuning.LOOPS_ALONE and not irregular else flat
    yield f"rows run in {many}" if many == alone else f"rows run in {many}; a single row in {alone}"


def _operations(pack: Pack) -> int:
    """Return the number of operations of a node of a pack."""
    pairs = int((pack.other[0] >= 0).sum()) if pack.operation != "where" else 0
    return int(pack.slot.shape[1]) - 1 + pairs if pack.is_fold else 1


def _name(pack: Pack) -> str:
    """Return the name of the nodes of a pack, `dot(4)` for instance."""
    terms, pairs = pack.slot.shape[1], int((pack.other[0] >= 0).sum())
    if pack.choices:
        return f"{pack.operation}({pack.choices})"
    if not pack.is_fold:
        return pack.operation
    if pack.operation in ("where", "maximum"):
        return f"{ {'where': 'select', 'maximum': 'max'}[pack.operation] }({terms})".replace(" ", "")
    if pairs == terms == 1:
        return "product"
    parts = [f"dot({pairs})"] * (pairs > 0) + [f"sum({terms - pairs})"] * (terms > pairs)
    return " + ".join(parts)

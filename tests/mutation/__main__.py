"""How many mutants the suite notices: `python -m tests.mutation [--count 280] [--seed 0] [--write]`.

With `--journal` a run that was cut short is gone on with, and one after which tests were added tries the survivors
again: more tests notice no less. With `--core`, against the fast tests of the engine only. The exit code is 1 if more
than 1 in 20 survive, of the core 1 in 10, and in a small sample if that is more than chance would make of it.
"""

from __future__ import annotations

import argparse
import fnmatch
import itertools
import math
import platform
import resource
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from tqdm import tqdm

from ..support.sections import replace_section
from .known import EQUIVALENT
from .mutants import KINDS, TABLE, Mutant, mutants, sample
from .trials import EVERY, IMPORT, ROOT, SURVIVED, TEST, TIME, Journal, Outcome, Tree, stages

MEMORY = 6 << 30  # bytes a process may hold: a mutant that never stops appending ends by itself
BROKEN = Mutant("autodiff/__init__.py", 1, "deletion", 0, 0, "raise ImportError\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the mutants, try them, and print the report."""
    options = _options().parse_args(arguments)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    chosen = sample(pool(options.only), options.count, options.seed)
    with tempfile.TemporaryDirectory(prefix="mutation-") as directory:
        trees = [Tree(Path(directory) / str(i)) for i in range(options.jobs)]
        _check(trees, core=options.core)
        journal = Journal(options.journal)
        trials = _shared(trees, lambda tree, mutant: _outcome(tree, mutant, journal, core=options.core), chosen)
        outcomes = []
        for outcome in tqdm(trials, total=len(chosen), file=sys.stderr, unit="mutant"):
            outcomes.append(outcome)
            if outcome.noticed_by == SURVIVED:
                tqdm.write(_shown(outcome), file=sys.stderr)
    text = report(outcomes, options.seed)
    print(text)
    if options.write:
        replace_section(ROOT / "docs" / "accuracy.md", "mutation", text)
    survivors = [o for o in outcomes if o.noticed_by == SURVIVED]
    missed = [o for o in survivors if not (options.core and _reason(o))]
    return int(len(missed) > allowed(len(outcomes), 0.1 if options.core else 0.05))


def allowed(count: int, share: float) -> int:
    """Return how many of `count` mutants may survive: `share`, of a small sample as many as chance may make of it."""
    if count >= 200:
        return int(count * share)
    chances = (math.comb(count, k) * share**k * (1 - share) ** (count - k) for k in range(count + 1))
    return next(k for k, below in enumerate(itertools.accumulate(chances)) if below >= 0.99)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=280, help="how many mutants")
    parser.add_argument("--seed", type=int, default=0, help="which of them")
    parser.add_argument("--jobs", type=int, default=2, help="how many processes")
    parser.add_argument("--only", default="*", metavar="GLOB", help="the files, such as 'autodiff/eager/*'")
    parser.add_argument("--journal", type=Path, metavar="FILE", help="keep outcomes; try none that is noticed again")
    parser.add_argument("--core", action="store_true", help="against the fast tests of the engine only")
    parser.add_argument("--write", action="store_true", help="put the report into docs/accuracy.md")
    return parser


def pool(only: str) -> list[Mutant]:
    """Return every mutant of the files of the engine that `only` allows."""
    files = [path.relative_to(ROOT).as_posix() for path in (ROOT / "autodiff").rglob("*.py")]
    chosen = [file for file in files if fnmatch.fnmatch(file, only)]
    return [m for file in chosen for m in mutants(file, (ROOT / file).read_text(encoding="utf-8"))]


def _shared(trees: Sequence[Tree], work: Callable[[Tree, Any], Any], items: Iterable[Any]) -> Iterator[Any]:
    """Yield what `work` gives for each item, in order, as many at once as there are trees."""
    free: SimpleQueue[Tree] = SimpleQueue()
    for tree in trees:
        free.put(tree)

    def run(item: Any) -> Any:
        tree = free.get()
        try:
            return work(tree, item)
        finally:
            free.put(tree)

    pool = ThreadPoolExecutor(len(trees))
    try:
        yield from pool.map(run, items)
    finally:
        pool.shutdown(cancel_futures=True)


def _check(trees: Sequence[Tree], *, core: bool) -> None:
    """Raise SystemExit unless the suite passes on the engine as it is, and fails on one that cannot be imported."""
    if trees[0].try_mutant(BROKEN, core=core).noticed_by != IMPORT:
        raise SystemExit("the tests do not import the engine from the copy")
    runs = _shared(trees, lambda tree, stage: (tree.run(stage), tree.log()), stages(EVERY, core=core))
    for noticed_by, log in runs:
        if noticed_by != SURVIVED:
            raise SystemExit(f"{log}\nthe suite fails without any mutant, by {noticed_by}")


def report(outcomes: Sequence[Outcome], seed: int) -> str:
    """Return what became of the mutants, as a section of a document."""
    survivors = [o for o in outcomes if o.noticed_by == SURVIVED]
    ways = Counter(o.noticed_by for o in outcomes)
    noticed = ", ".join(f"{ways[way]} by {way}" for way in (TEST, IMPORT, TIME))
    engine = [o for o in outcomes if o.mutant.file not in TABLE]
    seconds = sum(o.seconds for o in outcomes) / max(1, len(outcomes))
    command = f"python -m tests.mutation --count {len(outcomes)} --seed {seed}"
    lines = [
        f"Made by `{command}` (CPython {platform.python_version()}).",
        "",
        f"{_share(outcomes)} mutants are noticed, {_share(engine)} of those outside the table: {noticed}; "
        f"{seconds:.1f} s a mutant.",
        "",
        *_counted("kind", outcomes, [(kind, lambda o, kind=kind: o.mutant.kind == kind) for kind in KINDS]),
        "",
        *_counted("file", outcomes, [(f, lambda o, f=f: o.mutant.file == f) for f in _files(outcomes)]),
        "",
        f"{len(survivors)} survive:" if survivors else "None survives.",
        "",
        *map(_shown, survivors),
    ]
    return "\n".join(lines).strip()


def _files(outcomes: Sequence[Outcome]) -> list[str]:
    return sorted({o.mutant.file for o in outcomes})


def _counted(head: str, outcomes: Sequence[Outcome], rows: list[tuple[str, Callable[[Outcome], bool]]]) -> list[str]:
    shares = [f"| {name} | {_share([o for o in outcomes if test(o)])} |" for name, test in rows]
    return [f"| {head} | noticed |", "|---|---|", *shares]


def _share(outcomes: Sequence[Outcome]) -> str:
    noticed = sum(o.noticed_by != SURVIVED for o in outcomes)
    return f"{noticed} of {len(outcomes)}" + (f" ({100 * noticed / len(outcomes):.1f} %)" if outcomes else "")


def _outcome(tree: Tree, mutant: Mutant, journal: Journal, *, core: bool) -> Outcome:
    """Return what becomes of a mutant: by what is known of it, by the journal, or else by a trial."""
    untried = Outcome(mutant, SURVIVED, 0.0, *mutant.difference((ROOT / mutant.file).read_text(encoding="utf-8")))
    return untried if _reason(untried) else journal.outcome(tree, mutant, core=core)


def _shown(o: Outcome) -> str:
    reason = _reason(o)
    place = f"- `{o.mutant.file}:{o.mutant.line}` ({o.mutant.kind}, {o.seconds:.0f} s): `{o.before}` → `{o.after}`"
    return place + (f" — equivalent: {reason}" if reason else "")


def _reason(o: Outcome) -> str:
    return EQUIVALENT.get((o.mutant.file, o.before, o.after), "")


if __name__ == "__main__":
    sys.exit(main())

"""How programs are compared: they agree first, then take turns; medians, and ratios to ours with their spread."""

from __future__ import annotations

import gc
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import autodiff

BUILD = "compiled" if getattr(autodiff, "compiled", False) else "pure"
OURS = "autodiff"

Run = Callable[[], Any]
Read = Callable[[Any], list[float]]  # of what a run returned


class Row(NamedTuple):
    """A contender's median figure, how many times ours it is (median and quartiles), and what was promised of it."""

    who: str
    amount: float
    ratio: float
    low: float
    high: float
    promise: str = ""
    kept: bool = True


class Table(NamedTuple):
    """The rows of a claim; `unit` is s or B (bytes a node); remarks say who is missing and why."""

    title: str
    about: str
    unit: str
    rows: list[Row]
    remarks: list[str]


class Effort(NamedTuple):
    """How often to measure: rounds, and in each a turn of at least so many runs and about so many seconds.

    With no rounds the run that is checked is the one that is timed; so it is for programs slower than PATIENCE.
    """

    rounds: int
    runs: int
    seconds: float


QUICK = Effort(rounds=0, runs=1, seconds=0.0)
USUAL = Effort(rounds=9, runs=2, seconds=0.3)
LARGE = Effort(rounds=3, runs=1, seconds=0.0)
PATIENCE = 10.0  # seconds


def times(
    title: str, runs: Mapping[str, Run], effort: Effort, read: Mapping[str, Read] | None = None
) -> dict[str, list[float]]:
    """Check that all programs agree with the first to 1e-9, then return the seconds a run of each took in each round.

    Runs return lists of floats, or what `read` turns into such, outside the time that is taken.

    Each turn begins with a clean heap, which the collector then leaves alone, and ends with a collection: what a
    program leaves to Python's collector is part of its own time and of no other's.
    """
    record: dict[str, list[float]] = {}
    expected: list[float] = []
    for name, run in runs.items():
        found, seconds = _timed(run)
        if effort.rounds and seconds < 1.0:  # the first run may have compiled something
            found, seconds = _timed(run)
        numbers = read[name](found) if read and name in read else found
        expected = expected or numbers
        agree(title, name, numbers, expected)
        record[name] = [seconds]
    del found, numbers, expected
    repeats = {
        name: max(effort.runs, round(effort.seconds / once)) for name, (once,) in record.items() if once < PATIENCE
    }
    rounds = [{name: _turn(runs[name], repeat) for name, repeat in repeats.items()} for _ in range(effort.rounds)]
    return {name: [turns[name] for turns in rounds if name in turns] or once for name, once in record.items()}


def agree(title: str, name: str, found: Sequence[float], expected: Sequence[float]) -> None:
    """Raise AssertionError unless the results of `name` are those expected, to 1e-9."""
    for x, y in zip(found, expected, strict=True):
        if not abs(x - y) <= 1e-9 * max(1.0, abs(y)):
            raise AssertionError(f"{title}: {name} computes {x!r}, {OURS} {y!r}")


def _timed(run: Run) -> tuple[Any, float]:
    start = time.perf_counter()
    found = run()
    return found, max(1e-7, time.perf_counter() - start)


def _turn(run: Run, repeat: int) -> float:
    gc.collect()
    gc.freeze()
    start = time.perf_counter()
    for _ in range(repeat):
        run()
    gc.collect()
    elapsed = time.perf_counter() - start
    gc.unfreeze()
    return elapsed / repeat


def rows(record: Mapping[str, Sequence[float]], promised: Mapping[str, float], *, unit: str = "s") -> list[Row]:
    """Return a row for each contender, the fastest or smallest first; a single figure is held against our median.

    `promised` is, for one of the others, the least ratio to ours, for ours the largest figure.
    """
    ours = record[OURS]
    found = [_row(name, figures, ours, promised.get(name), unit) for name, figures in record.items()]
    return sorted(found, key=lambda row: row.ratio)


def _row(name: str, figures: Sequence[float], ours: Sequence[float], promised: float | None, unit: str) -> Row:
    same = ours if len(figures) == len(ours) else [statistics.median(ours)]
    ratios = sorted(x / y for x, y in zip(figures, same, strict=True))
    quarter = len(ratios) // 4
    amount, ratio = statistics.median(figures), statistics.median(ratios)
    row = Row(name, amount, ratio, ratios[quarter], ratios[len(ratios) - 1 - quarter])
    if promised is None:
        return row
    if name == OURS:
        return row._replace(promise=f"≤ {shown(promised, unit)}", kept=amount <= promised)
    return row._replace(promise=f"≥ {promised:g} ×", kept=ratio >= promised)


def shown(amount: float, unit: str) -> str:
    """Return a figure in a unit fit for reading, with three digits."""
    if unit != "s":
        return f"{amount:.0f} {unit}"
    scale, name = next((s, n) for s, n in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (0.0, "µs")) if amount >= s)
    return f"{digits(amount / (scale or 1e-6))} {name}"


def digits(x: float) -> str:
    """Return x with three significant digits, never in exponents."""
    return f"{x:.3g}" if 1e-3 < abs(x) < 1000.0 else f"{x:,.0f}" if abs(x) >= 1.0 else f"{x:.6f}"


def child(call: str, module: str) -> Any:
    """Return what `call` gives in a fresh process that has imported its function from a module of the bench."""
    name = call.partition("(")[0]
    code = f"import json\nfrom {__package__}.{module} import {name}\nprint(json.dumps({call}))"
    return json.loads(fresh(code))


def fresh(code: str) -> str:
    """Return what `code` prints in a fresh Python process."""
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"a fresh process failed on\n{code}\n{done.stderr}")
    return done.stdout

"""What compilation takes. The first result of the moons kernel, value and gradient, in a fresh process with no cache.

The clock starts before the loss is handed to `compile`; what is imported by then, NumPy and autodiff, is not in it.
"""

from __future__ import annotations

import math
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from autodiff import Value, compile

from .chain import A, B, X, chained
from .contenders.autodiff import compiled, dense
from .growth import Point, exponent
from .harness import OURS, Row, Table, child, rows
from .nets import images, moons

INSTRUCTIONS = 20_000
SIZES = [10**k for k in range(3, 7)]
STEP = 6  # instructions of a step of the chain with its derivatives
FIRST_PROMISED = {OURS: 0.5}
LARGE_PROMISED = {OURS: 3.0}
WIDE_PROMISED = {30: 0.6, 300: 4.0}
WIDE_ABOUT = """\
Loss and gradient of 100 rows, in a fresh process with no cache, from the first call of the kernel on: tracing,
derivatives, the search for loops and native code."""
LARGE_ABOUT = """\
The first result of a chain x ← x·b + a with its derivatives by b and a, a program of {:,} instructions, and no cache:
straight-line native code, or the interpreter."""
GROWTH_ABOUT = """\
The same chain on the interpreter, first result, by the number of instructions: seconds an instruction, ours those of
the smallest program. Where these stay, tracing, derivatives and lowering are linear."""


def first(backend: str, folder: str) -> float:
    """Return the seconds to the first result of the moons kernel, with the cache in `folder`."""
    os.environ["AUTODIFF_CACHE"] = folder
    net = moons()
    X, Y = np.array(net.X), np.array(net.Y)
    model = dense(net)

    def result() -> None:
        kernel = compiled(net, model, backend=backend).kernel(X, Y)
        kernel(kernel.read(), X, Y)

    return _seconds(result)


def of_chain(backend: str, instructions: int, *, warm: bool) -> list[float]:
    """Return the instructions of a chain and the seconds to its first result, without a cache on disk.

    If it is warm, a small one has come before: the functions of the interpreter are compiled once in a process.
    """
    os.environ["AUTODIFF_CACHE"] = "0"
    if warm:
        _chain(backend, STEP)(X)
    f = _chain(backend, instructions)
    seconds = _seconds(lambda: f(X))
    return [len(f.program(X).instructions), seconds]


def _chain(backend: str, instructions: int) -> Any:
    b, a = Value(B), Value(A)
    return compile(lambda x: chained(x, b, a, instructions // STEP), backend=backend)


def _seconds(run: Callable[[], Any]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def first_results(turns: int) -> Table:
    """Return the table of the moons kernel's first result."""
    record: dict[str, list[float]] = {name: [] for name in (OURS, f"{OURS} (cached)", f"{OURS} (backend native)")}
    for _ in range(turns):
        with tempfile.TemporaryDirectory() as folder:
            for name in (OURS, f"{OURS} (cached)"):
                record[name].append(child(f"first('auto', {folder!r})", "compilation"))
        with tempfile.TemporaryDirectory() as folder:
            record[f"{OURS} (backend native)"].append(child(f"first('native', {folder!r})", "compilation"))
    remark = "Cached: another fresh process, with what the first has left on disk."
    return Table("First result of the moons kernel", str(__doc__), "s", rows(record, FIRST_PROMISED), [remark])


def of_images(hidden: int, folder: str) -> list[float]:
    """Return the instructions of a loss of images, the seconds to its first gradient, and the memory taken."""
    os.environ["AUTODIFF_CACHE"] = folder
    net = images(hidden, 100)
    X, Y = np.array(net.X), np.array(net.Y)
    model = dense(net)
    loss = compiled(net, model)
    before = _peak()

    def result() -> None:
        kernel = loss.kernel(X, Y)
        kernel(kernel.read(), X, Y)

    seconds = _seconds(result)
    taken = _peak() - before
    return [len(loss.program(X[0].tolist(), float(Y[0])).codes), seconds, taken]


def _peak() -> int:
    """Return the bytes that this process has held at most. Linux counts what its parent held to `ru_maxrss`."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return int(status.read_text().partition("VmHWM:")[2].split()[0]) * 1024


def wide(hidden: int, turns: int) -> Table:
    """Return the table of the first result of a wide net."""
    record: dict[str, list[float]] = {OURS: [], f"{OURS} (cached)": []}
    for _ in range(turns):
        with tempfile.TemporaryDirectory() as folder:
            for name in record:
                count, seconds, taken = child(f"of_images({hidden}, {folder!r})", "compilation")
                record[name].append(seconds)
    title = f"First result of 784-{hidden}-10"
    remark = f"The program has {count:,.0f} instructions; the process grew by {taken / count:.0f} bytes for each."
    return Table(title, WIDE_ABOUT, "s", rows(record, {OURS: WIDE_PROMISED.get(hidden, math.inf)}), [remark])


def large(instructions: int, turns: int) -> Table:
    """Return the table of a program of many instructions."""
    record: dict[str, list[float]] = {}
    for _ in range(turns):
        for name, backend in ((OURS, "native"), (f"{OURS} (interpreter)", "interpreter")):
            count, seconds = child(f"of_chain({backend!r}, {instructions}, warm=False)", "compilation")
            record.setdefault(name, []).append(seconds)
    title = f"First result of {instructions:,} instructions"
    return Table(title, LARGE_ABOUT.format(count), "s", rows(record, LARGE_PROMISED), [])


def growth(sizes: list[int], turns: int) -> Table:
    """Return the table of seconds an instruction."""
    points, found = [], []
    for size in sizes:
        each = [child(f"of_chain('interpreter', {size}, warm=True)", "compilation") for _ in range(turns)]
        count = int(each[0][0])
        seconds = statistics.median(seconds for _, seconds in each) / count
        points.append(Point(count, seconds, 0.0, 0.0, 0.0))
        ratio = seconds / points[0].seconds
        found.append(Row(f"{OURS} ({count:,} instructions)" if found else OURS, seconds, ratio, ratio, ratio))
    remark = (
        f"Here ours is of {points[0].nodes:,} instructions. The total grows as instructions^{exponent(points):.3f}."
    )
    return Table("Growth of compilation", GROWTH_ABOUT, "s", found, [remark])


def measure(*, quick: bool) -> list[Table]:
    turns = 1 if quick else 3
    return [
        first_results(turns),
        *(wide(hidden, turns) for hidden in ([2] if quick else WIDE_PROMISED)),
        large(INSTRUCTIONS // 10 if quick else INSTRUCTIONS, turns),
        growth(SIZES[:2] if quick else SIZES, 1),
    ]

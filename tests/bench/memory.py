"""Memory of the graph of a chain x ← x·b + a after its forward pass: what the process grew by, per node, two a step."""

from __future__ import annotations

import gc
import os
from importlib import import_module
from pathlib import Path

from .contenders import willing
from .harness import BUILD, OURS, Table, agree, child, rows

STEPS = 100_000
PROMISED = {"pure": {OURS: 136.0}, "compiled": {OURS: 112.0}}


def grown(package: str, steps: int) -> list[float]:
    """Return by how many bytes a node this process grows when `package` computes the chain; and the chain's value."""
    module = import_module(f".contenders.{package}", __package__)
    module.forward(10)  # what is loaded on first use
    gc.collect()
    before = resident()
    value, graph = module.forward(steps)
    after = resident()
    del graph
    return [(after - before) / (2 * steps), value]


def resident() -> int:
    """Return the bytes of memory this process occupies; at its peak so far where the system tells no more."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except FileNotFoundError:
        import resource

        unit = 1 if os.uname().sysname == "Darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def measure(*, quick: bool) -> list[Table]:
    found, remarks = willing("memory")
    record: dict[str, list[float]] = {}
    values: list[float] = []
    for name, _ in found:
        turns = [child(f"grown({name!r}, {10_000 if quick else STEPS})", "memory") for _ in range(1 if quick else 3)]
        record[name] = [size for size, _ in turns]
        values = values or [turns[0][1]]
        agree("memory", name, [turns[0][1]], values)
    return [Table("Memory of a node", str(__doc__), "B", rows(record, PROMISED[BUILD], unit="B"), remarks)]

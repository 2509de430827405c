"""The figures as Markdown: what is slower than a peer first, then a table for each claim."""

from __future__ import annotations

import ast
import os
import platform
from collections.abc import Iterable
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from .contenders import PEERS
from .harness import BUILD, OURS, Row, Table, digits, shown

HOW = """# Benchmarks

Made by `python -m tests.bench --write`, once for each build of autodiff, pure Python and compiled; the programs are in
`tests/bench`. All programs of a claim run in one process and must agree to 1e-9 before they are timed. They take turns;
each turn begins with a clean heap and ends with a collection, so that cyclic garbage costs those who leave it. A figure
is the median over rounds; a ratio is that to autodiff's figure of the same round, with the quartiles; what takes longer
than 10 s is run once, and has none. Above 1 the peer is slower or larger, below 1 autodiff is.

How each is used:
"""


def about() -> str:
    """Return what holds for both builds: how things are measured, and how each peer is used."""
    folder = Path(__file__).parent / "contenders"
    uses = [
        ast.get_docstring(ast.parse((folder / f"{name}.py").read_text(encoding="utf-8")))
        for name in [OURS, *PEERS, "sklearn"]
    ]
    return HOW + "\n" + "\n".join(f"- {use}" for use in uses)


def header(*, quick: bool) -> str:
    """Return the date, the machine, the build that was timed and the versions of all."""
    versions = ", ".join(f"{name} {_version(name)}" for name in [*PEERS, "scikit-learn"])
    warning = "\n\n**A quick run: it shows that everything runs, its figures mean nothing.**" if quick else ""
    return (
        f"{date.today()}; {_processor()}, {os.cpu_count()} cores, {platform.system()}; "
        f"CPython {platform.python_version()}; autodiff {_version('autodiff-scalar')}, {BUILD}; {versions}.{warning}"
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "(no installed version)" if name.startswith(OURS) else "(absent)"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()


def summary(tables: Iterable[Table]) -> str:
    """Return which peers are ahead of us, which behind, and what was promised and missed."""
    lines = []
    for table in tables:
        worse, better = ("slower", "faster") if table.unit == "s" else ("larger", "smaller")
        peers = [row for row in table.rows if not row.who.startswith(OURS)]
        ahead = ", ".join(f"{row.who} ({digits(1.0 / row.ratio)} ×)" for row in peers if row.high < 1.0)
        behind = ", ".join(f"{row.who} ({digits(row.ratio)} ×)" for row in peers if row.low > 1.0)
        level = ", ".join(row.who for row in peers if row.low <= 1.0 <= row.high)
        parts = [(f"**{worse} than** ", ahead), (f"{better} than ", behind), ("level with ", level)]
        lines.append(f"- {table.title}: {'; '.join(words + who for words, who in parts if who) or 'no peer'}.")
        lines += [
            f"  **Promised {row.promise} and missed:** {_figure(row, table)}." for row in table.rows if not row.kept
        ]
    return "\n".join(lines)


def _figure(row: Row, table: Table) -> str:
    return shown(row.amount, table.unit) if row.who == OURS else f"{digits(row.ratio)} × against {row.who}"


def markdown(table: Table) -> str:
    """Return a claim: what it is, a row for each contender, and remarks."""
    lines = [f"### {table.title}", "", table.about.strip(), ""]
    lines += ["| who | median | ratio (quartiles) | promised |", "|---|--:|--:|---|"]
    for row in table.rows:
        spread = f" ({digits(row.low)}–{digits(row.high)})" if row.low < row.high else ""
        verdict = f"{row.promise}{'' if row.kept else ', missed'}"
        lines.append(f"| {row.who} | {shown(row.amount, table.unit)} | {digits(row.ratio)}{spread} | {verdict} |")
    return "\n".join([*lines, *(f"\n{remark}" for remark in table.remarks)])

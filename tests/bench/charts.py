"""The figures as SVG, the same bytes for the same figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from .growth import Point
from .harness import OURS, Table, digits, shown

STYLE = {"svg.hashsalt": "autodiff", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9}
AHEAD, BEHIND, GREY = "#c4553b", "#3b76af", "#666666"


def bars(tables: list[Table], path: Path) -> None:
    """Draw each peer's figure relative to ours on a log scale: to the left of the line it is ahead of us."""
    with mpl.rc_context(STYLE):
        counts = [len(table.rows) for table in tables]
        figure = Figure(figsize=(8.0, 0.2 * sum(counts) + 0.5 * len(tables) + 0.6), layout="constrained")
        panels = figure.subplots(len(tables), 1, sharex=True, squeeze=False, height_ratios=[n + 1 for n in counts])
        for axes, table in zip(panels[:, 0], tables, strict=True):
            _panel(axes, table)
        ratios = [row.ratio for table in tables for row in table.rows]
        panels[0, 0].set_xlim(min(ratios) / 20.0, max(ratios) * 20.0)
        panels[-1, 0].set_xlabel("times autodiff's figure: red is ahead of autodiff, blue behind")
        _save(figure, path)


def _panel(axes: Any, table: Table) -> None:
    ratios = [row.ratio for row in table.rows]
    axes.set_xscale("log")
    widths = [ratio - 1.0 for ratio in ratios]
    axes.barh(range(len(ratios)), widths, left=1.0, height=0.7, color=[AHEAD if r < 1 else BEHIND for r in ratios])
    for i, row in enumerate(table.rows):
        text = shown(row.amount, table.unit) if row.who == OURS else f"{digits(row.ratio)} ×"
        left = row.ratio < 1.0
        axes.annotate(
            text,
            (row.ratio, i),
            (-4 if left else 4, 0),
            textcoords="offset points",
            ha="right" if left else "left",
            va="center",
            color=GREY,
        )
    axes.axvline(1.0, color=GREY, linewidth=0.8)
    axes.set_yticks(range(len(ratios)), [row.who for row in table.rows])
    axes.get_yticklabels()[[row.who for row in table.rows].index(OURS)].set_fontweight("bold")
    axes.set_ylim(len(ratios) - 0.4, -0.6)
    axes.set_title(table.title, loc="left", fontweight="bold", fontsize=9)
    axes.tick_params(which="both", left=False, bottom=False)
    axes.minorticks_off()
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.grid(axis="x", color="#e4e4e4", linewidth=0.6)
    axes.set_axisbelow(True)


def lines(points: list[Point], path: Path) -> None:
    """Draw time and memory per node against the number of nodes: level lines."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(8.0, 2.8), layout="constrained")
        time, memory = figure.subplots(1, 2)
        nodes = [point.nodes for point in points]
        time.plot(nodes, [point.seconds * 1e6 for point in points], "o-", color=BEHIND, label="as it is")
        off = [point.uncollected * 1e6 for point in points]
        time.plot(nodes, off, "o--", color=GREY, label="cyclic collector off")
        time.set_title("µs a node, forward and backward", loc="left")
        memory.plot(nodes, [point.held for point in points], "o-", color=BEHIND, label="after the forward pass")
        memory.plot(nodes, [point.peak for point in points], "o--", color=GREY, label="peak of the backward pass")
        memory.set_title("bytes a node", loc="left")
        for axes in (time, memory):
            axes.legend(frameon=False, loc="lower right")
            axes.set_xscale("log")
            axes.set_xlabel("nodes")
            axes.set_ylim(0.0, 1.1 * axes.get_ylim()[1])
            axes.spines[["top", "right"]].set_visible(False)
        _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    text = path.read_text(encoding="utf-8")
    path.write_text("\n".join(line.rstrip() for line in text.splitlines()) + "\n", encoding="utf-8")

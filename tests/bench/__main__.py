"""Compare with peers and print Markdown: `python -m tests.bench [--quick] [--only NAME] [--write [FOLDER]]`.

`--write` puts it into benchmarks.md in `docs`, into the section of the build that runs, with charts beside it: for the
pure build what is eager, since what is compiled by `compile` is the same native code in both.
"""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

from ..support.sections import replace_section
from . import growth
from .harness import BUILD, Table
from .report import about, header, markdown, summary

EAGER = ["readme_expression", "moons_step", "chain", "wide_sum", "second_derivative", "fresh_process", "memory"]
NATIVE = ["kernels", "images", "sequential", "branches", "unrolled"]
NATIVE += ["microgpt", "compilation", "calls", "jacobians", "sparse", "training"]
CLAIMS = [*EAGER, *NATIVE]
HEADINGS = {"pure": "## Pure Python", "compiled": "## Compiled"}


def main() -> None:
    """Measure the claims, print their tables as they come, and write the document if asked to."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one run of small sizes, to show that everything runs")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--only", choices=[*CLAIMS, "growth"], help="one claim")
    choice.add_argument("--write", nargs="?", const="docs", metavar="FOLDER", help="write the document and its charts")
    options = parser.parse_args()
    print(header(quick=options.quick), flush=True)
    tables: list[Table] = []
    claims = EAGER if options.write and BUILD == "pure" else CLAIMS
    for name in claims if not options.only else {options.only} & set(CLAIMS):
        for table in import_module(f".{name}", __package__).measure(quick=options.quick):
            print(f"\n{markdown(table)}", flush=True)
            tables.append(table)
    points = growth.measure(quick=options.quick) if options.only in (None, "growth") else []
    if points:
        print(f"\n{growth.markdown(points)}")
    if not options.quick:
        print(f"\n{summary(tables)}")
    if options.write:
        write(Path(options.write), tables, points, quick=options.quick)


def write(folder: Path, tables: list[Table], points: list[growth.Point], *, quick: bool) -> None:
    """Write the section of this build in the document, and its charts."""
    from .charts import bars, lines

    suffix = "" if BUILD == "pure" else f"-{BUILD}"
    bars(tables, folder / f"benchmarks{suffix}.svg")
    lines(points, folder / f"growth{suffix}.svg")
    parts = [
        HEADINGS[BUILD],
        header(quick=quick),
        summary(tables),
        f"![times of peers relative to autodiff's](benchmarks{suffix}.svg)",
        *map(markdown, tables),
        f"### Growth\n\n{growth.__doc__}".strip(),
        f"![time and bytes a node against the number of nodes](growth{suffix}.svg)",
        growth.markdown(points),
    ]
    replace_section(folder / "benchmarks.md", "about", about())
    replace_section(folder / "benchmarks.md", BUILD, "\n\n".join(parts))


if __name__ == "__main__":
    main()

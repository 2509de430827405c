"""The reference of operations, docs/operations.md: `python -m tests.support.operations` writes it from the table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from autodiff import conventions
from autodiff import primitives as primitives  # fills the table
from autodiff.eager.documentation import LEGEND, computed_as, equations, outcome_at, smoothness
from autodiff.row import Primitive

from ..conftest import BUILT_IN

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
HEADER = """\
# Operations

Written by `python -m tests.support.operations` from the table in `autodiff/primitives.py`; a test fails if it is stale.
Each form is compared with the rules of its row at random points by mpmath. The notation is that of
`autodiff/textbook.py`: factors stand side by side, z is the value. *Computed as* gives the rule where it is another
formula, for accuracy or speed, and short.
"""
CONVENTIONS = """\
## Conventions

Values and derivatives where an operation is not smooth, at the ends of its domain, at infinity and for nan. The first
line that matches holds; an argument that is not named is any number.
"""


def page() -> str:
    """Return the reference: a table of the operations, and the conventions of each."""
    table = [
        "| operation | value z | derivatives | smooth where | computed as | in NumPy |",
        "|---|---|---|---|---|---|",
        *map(_line, BUILT_IN.values()),
    ]
    return "\n".join([HEADER, *table, "", " ".join(LEGEND.values()), "", CONVENTIONS, *_conventions()]).rstrip() + "\n"


def _line(row: Primitive) -> str:
    """Return a line of the table."""
    value, *partials = equations(row)
    robust = [] if row.variadic else computed_as(row, row.arguments)
    columns = ["z", *(f"∂z/∂{name}" for name in row.arguments)]
    computed = [f"{column} = {rule}" for column, rule in zip(columns, robust, strict=False) if rule]
    smooth = [] if row.variadic or not partials else [x[len("Smooth where ") : -1] for x in smoothness(row)]
    cells = [[row.name], [value.removeprefix("z = ")], partials, smooth, computed, row.ufuncs]
    return f"| {' | '.join('<br>'.join(map(_code, cell)) for cell in cells)} |"


def _code(text: str) -> str:
    return "`" + text.replace("|", r"\|") + "`"


def _conventions() -> Iterator[str]:
    """Yield the edges of each operation, those that several have in common once, with their reason."""
    reasons = _reasons()
    for edges, rows in groupby((row for row in BUILT_IN.values() if row.edges), lambda row: row.edges):
        same = list(rows)
        yield f"### {', '.join(row.name for row in same)}\n"
        if reason := reasons.get(repr(edges)):
            yield f"{reason}\n"
        yield from (f"- `{outcome_at(same[0], edge)}`" for edge in edges)
        yield ""


def _reasons() -> dict[str, str]:
    """Return the comment that stands above each constant of `conventions.py`, by the edges that it names."""
    source = Path(str(conventions.__file__)).read_text(encoding="utf-8")
    found = re.findall(r"((?:^# .*\n)+)^([A-Z_0-9]+): ", source, re.MULTILINE)
    return {_pairs(getattr(conventions, name)): " ".join(comment.replace("# ", "").split()) for comment, name in found}


def _pairs(edges: Any) -> str:
    return repr(tuple(edges.items() if isinstance(edges, dict) else edges))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

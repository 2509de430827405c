"""The tables of docs/conventions.md: what rows adopt at their edges, and where PyTorch and JAX differ."""

from __future__ import annotations

from autodiff import PRIMITIVES
from autodiff.eager.documentation import outcome_at

from .disagreements import DISAGREEMENTS

WHO = {"torch": "PyTorch", "jax": "JAX"}


def edges() -> str:
    """Return a row for each operation of fixed arity with edges: its value, and what is adopted at each."""
    lines = ["| operation | z | at its edges |", "|---|---|---|"]
    for row in PRIMITIVES.values():
        if row.edges and not row.variadic:
            said = "<br>".join(outcome_at(row, edge) for edge in row.edges)
            lines.append(f"| `{row.name}` | {_cell((row.textbook or ('',))[0] or '')} | {_cell(said)} |")
    return "\n".join(lines)


def others() -> str:
    """Return a row for each known disagreement, at one point of many."""
    lines = ["| operation | | at | ours | theirs | | because |", "|---|---|---|--:|--:|---|---|"]
    for known in DISAGREEMENTS:
        who = ", ".join(WHO[name] for name in known.who.split())
        at = ", ".join(f"{x:.9g}" for x in known.point)
        cells = (known.rows, known.columns, at, f"{known.ours:.10g}", f"{known.theirs:.10g}", who, known.why)
        lines.append(f"| {' | '.join(map(_cell, cells))} |")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "&#124;")

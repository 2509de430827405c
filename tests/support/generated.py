"""What is generated in docs/: `python -m tests.support.generated` writes it again, after any change of the code."""

from __future__ import annotations

from pathlib import Path

from . import conventions, figures, map
from .sections import replace_section

DOCS = Path(__file__).parents[2] / "docs"
SECTIONS = {
    ("architecture.md", "map"): map.section,
    ("conventions.md", "edges"): conventions.edges,
    ("conventions.md", "others"): conventions.others,
}


def main() -> None:
    for (page, name), text in SECTIONS.items():
        replace_section(DOCS / page, name, text())
    for name, figure in figures.FIGURES.items():
        (DOCS / name).write_text(figure(), encoding="utf-8")


if __name__ == "__main__":
    main()

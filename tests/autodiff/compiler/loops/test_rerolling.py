"""docs/rerolling.md says what the compiler does: its examples run."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

import autodiff

pytest.importorskip("llvmlite")
PAGE = Path(__file__).parents[4] / "docs" / "rerolling.md"
LOOPS = Path(autodiff.__file__).parent / "compiler" / "loops"  # which an installed package has elsewhere


def test_every_example_prints_what_the_page_says() -> None:
    examples = doctest.DocTestParser().get_doctest(PAGE.read_text("utf-8"), {}, PAGE.name, PAGE.name, 0)
    report: list[str] = []
    failed, tried = doctest.DocTestRunner().run(examples, out=report.append)
    assert tried > 20
    assert failed == 0, "".join(report)


def test_the_page_names_every_folder() -> None:
    page = PAGE.read_text("utf-8")
    assert all(f"`{folder.name}/`" in page for folder in LOOPS.iterdir() if (folder / "__init__.py").exists())

"""Sections of a document that commands write."""

from __future__ import annotations

from pathlib import Path

import pytest

from .support.sections import replace_section


def test_only_the_named_section_is_replaced(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# T\n\n<!-- a -->\nold\n<!-- /a -->\n\n<!-- b -->\nkept\n<!-- /b -->\nend\n", encoding="utf-8")
    replace_section(page, "a", r"new \1")
    assert page.read_text(encoding="utf-8") == (
        "# T\n\n<!-- a -->\nnew \\1\n<!-- /a -->\n\n<!-- b -->\nkept\n<!-- /b -->\nend\n"
    )


def test_a_missing_section_is_added_at_the_end(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    replace_section(page, "a", "one")
    replace_section(page, "b", "two")
    assert page.read_text(encoding="utf-8") == "<!-- a -->\none\n<!-- /a -->\n\n<!-- b -->\ntwo\n<!-- /b -->\n"


def test_a_failed_write_leaves_the_document_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.md"
    page.write_text("whole", encoding="utf-8")
    monkeypatch.setattr("tests.support.sections.os.replace", _refuse)
    with pytest.raises(OSError, match="full"):
        replace_section(page, "a", "text")
    assert page.read_text(encoding="utf-8") == "whole"
    assert list(tmp_path.iterdir()) == [page]


def _refuse(*paths: object) -> None:
    raise OSError("full")

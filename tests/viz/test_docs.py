"""The graphs in docs/ are what the examples draw."""

from __future__ import annotations

import pytest

from tests.viz.pictures import DOCS, PICTURES
from tests.viz.reading import groups, lines


def content(svg: str) -> list[tuple[str | None, str | None, list[str]]]:
    """Return what boxes and arrows are and say; where they stand is the renderer's to choose."""
    return [(g.get("id"), g.get("class"), lines(g)) for kind in ("node", "edge", "legend") for g in groups(svg, kind)]


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_in_the_docs_is_what_its_example_draws(name: str) -> None:
    drawn = DOCS.joinpath(name).read_text(encoding="utf-8")
    assert content(drawn) == content(PICTURES[name]()), "run `python -m tests.viz.pictures`"

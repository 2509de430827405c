"""The pages of docs/: every file is on the map, generated parts are up to date, paths exist, examples run."""

from __future__ import annotations

import doctest
import importlib.util
import re

import pytest

import autodiff

from .support import map
from .support.figures import FIGURES
from .support.generated import DOCS, SECTIONS
from .test_architecture import NAMES, ROOT
from .viz.test_docs import content

PAGES = ("architecture.md", "contributing.md", "conventions.md")
ALL = [*sorted(path.name for path in DOCS.glob("*.md")), "../README.md"]
LINES = {"architecture.md": 200, "contributing.md": 120}
RENEW = "run `python -m tests.support.generated`"
PATH = re.compile(r"`((?:autodiff|nn|viz|tests|docs)/[\w./]*)`")
MODULE = re.compile(r"python -m ((?:autodiff|nn|viz|tests)[\w.]*)")


def read(page: str) -> str:
    return DOCS.joinpath(page).read_text(encoding="utf-8")


def test_every_file_is_on_the_map() -> None:
    shown = {path.relative_to(ROOT).as_posix() for folder in map.folders() for path in map.files(folder)}
    code = {f"{name}.py" for name in NAMES if not name.endswith("/__init__")}
    assets = {p.relative_to(ROOT).as_posix() for p in (ROOT / "viz").rglob("*") if p.suffix in map.SUFFIXES}
    assert shown == code | assets


@pytest.mark.parametrize(("page", "name"), SECTIONS)
def test_a_generated_section_is_what_the_code_says(page: str, name: str) -> None:
    assert f"<!-- {name} -->\n{SECTIONS[page, name]()}\n<!-- /{name} -->" in read(page), RENEW


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_what_the_code_draws(name: str) -> None:
    if name == "first-call.svg" and autodiff.compiled:
        pytest.skip("needs the modules of Python: a profile does not see native functions")

    assert content(read(name)) == content(FIGURES[name]()), RENEW


@pytest.mark.parametrize("page", ALL)
def test_paths_and_commands_of_a_page_exist(page: str) -> None:
    paths, modules = PATH.findall(read(page)), MODULE.findall(read(page))
    assert paths or page not in PAGES
    assert [path for path in paths if not any((root / path).exists() for root in (ROOT, DOCS.parent))] == []
    assert [name for name in modules if importlib.util.find_spec(name) is None] == []


@pytest.mark.parametrize("page", ALL)
def test_links_of_a_page_lead_somewhere(page: str) -> None:
    links = [link.partition("#")[0] for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", read(page))]
    folders = ((DOCS / page).parent, ROOT / "docs")  # of an installed package, whose folders are elsewhere
    assert [link for link in links if not any((folder / link).resolve().exists() for folder in folders)] == []


def test_every_example_of_the_pages_prints_what_it_says() -> None:
    tried = 0
    for page in PAGES:
        examples = doctest.DocTestParser().get_doctest(read(page), {}, page, page, 0)
        report: list[str] = []
        result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(examples, out=report.append)
        assert result.failed == 0, "".join(report)
        tried += result.attempted
    assert tried > 5


@pytest.mark.parametrize(("page", "most"), LINES.items())
def test_a_page_can_be_surveyed(page: str, most: int) -> None:
    assert len(read(page).splitlines()) <= most


def test_a_task_of_a_contributor_changes_at_most_four_files() -> None:
    tasks = re.findall(r"^\| \*\*(.+?)\*\* \| (.+?) \|", read("contributing.md"), re.MULTILINE)
    assert len(tasks) == 10
    assert [task for task, change in tasks if len(change.split("<br>")) > 4] == []


def test_every_reading_of_the_code_stands_in_the_table_of_readings() -> None:
    made = re.compile(r"\b(?:Arithmetic|Reading)\((?!Reading)")
    files = [name for name in NAMES if made.search((ROOT / f"{name}.py").read_text(encoding="utf-8"))]
    table = read("architecture.md").partition("| reading |")[2].partition("\n\n")[0]
    assert len(files) > 5
    assert [name for name in files if f"`{name}.py`" not in table] == []

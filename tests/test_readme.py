"""The README's examples and commands run, and print what it says."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^```console\n\$ (.+)\n((?:.+\n)+)```$", README, re.MULTILINE)


def test_every_python_example_prints_what_the_readme_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    examples = doctest.DocTestParser().get_doctest(README, {}, "README.md", "README.md", 0)
    report: list[str] = []
    failed, tried = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(examples, out=report.append)
    assert tried > 40
    assert failed == 0, "".join(report)
    assert (tmp_path / "looking.png").read_bytes().startswith(b"\x89PNG")  # docs/looking.png is made by an example
    for page in ("explore.html", "training.html"):  # of which docs/explorer.png and docs/training.png are screenshots
        assert (tmp_path / page).read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(("command", "output"), COMMANDS, ids=[command for command, _ in COMMANDS])
def test_every_command_prints_what_the_readme_says(command: str, output: str, tmp_path: Path) -> None:
    program, *arguments = shlex.split(command)
    assert program == "autodiff"
    done = subprocess.run(
        [sys.executable, "-m", "autodiff", *arguments],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONIOENCODING": "utf-8"},
    )
    assert done.stdout == output


def test_every_picture_of_the_readme_is_there() -> None:
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", README)
    assert pictures
    missing = [name for name in pictures if not (Path(__file__).parents[1] / name).is_file()]
    assert missing == []

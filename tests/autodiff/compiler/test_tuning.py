"""The thresholds of the compiler: each says its unit and the bench in which it shows, and is read somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import autodiff
from autodiff.compiler import tuning
from tests import bench

SOURCE = Path(tuning.__file__).read_text(encoding="utf-8")
LINES = [line for line in SOURCE.splitlines() if re.match(r"[A-Z_]+ = ", line)]
FOLDER, BENCHES = Path(autodiff.__file__).parent, Path(bench.__file__).parent


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.partition(" ")[0])
def test_a_threshold_names_its_unit_and_a_bench(line: str) -> None:
    said = re.fullmatch(r"[A-Z_]+ = [^#]+  # [a-z].+ \((\w+)\)", line)
    assert said, line
    assert (BENCHES / f"{said[1]}.py").exists()


def test_each_threshold_is_read() -> None:
    read = {name for path in FOLDER.rglob("*.py") for name in re.findall(r"tuning\.([A-Z_]+)", path.read_text("utf-8"))}
    assert read == {line.partition(" ")[0] for line in LINES}

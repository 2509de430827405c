"""The mutants that the mutation command makes: what is changed, what is left alone, and which are chosen."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from .mutation.__main__ import pool
from .mutation.known import EQUIVALENT
from .mutation.mutants import KINDS, TABLE, mutants, sample
from .mutation.trials import MEANING, ROOT, near_tests

ENGINE = pool("*")
pytestmark = pytest.mark.skipif(not ENGINE, reason="needs the source tree")


def changed(source: str) -> set[str]:
    """Return `source` with each change, written as Python writes it."""
    return {ast.unparse(ast.parse(m.apply(source))) for m in mutants("a.py", source)}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("f(0)", {"f(1)", "f(-1)", "pass"}),
        ("f(2.0)", {"f(3.0)", "f(2.002)", "f(-2.0)", "pass"}),
        ("f(0.0)", {"f(1.0)", "pass"}),
        ("f(True)", {"f(False)", "pass"}),
        ("f(-x)", {"f(x)", "pass"}),
        ("f(x + y)", {"f(x - y)", "pass"}),
        ("f((x + y) * z)", {"f((x - y) * z)", "f((x + y) / z)", "pass"}),
        ("x -= y", {"x += y", "pass"}),
        ("f(a and b)", {"f(a or b)", "pass"}),
        ("f(x, y, z)", {"f(y, x, z)", "f(x, z, y)", "pass"}),
        ("f(x, x)", {"pass"}),
        ("f(m, x)", {"pass"}),
        ("m.lt(x, x)", {"m.ge(x, x)", "pass"}),
        ("m.eq(x, y)", {"m.ne(x, y)", "pass"}),
        ("register(domain=(Interval(0.0),), edges={(1.0,): (2.0, None)}, roots=(1.0,))", {"pass"}),
        ("zip(x, y, strict=True)", {"zip(y, x, strict=True)", "pass"}),
        ("f(x < y)", {"f(x >= y)", "f(x <= y)", "pass"}),
        ("f(x is y)", {"f(x is not y)", "pass"}),
        ("if x:\n    f()", {"if not x:\n    f()", "if x:\n    pass"}),
        ("f(not x)", {"f(x)", "pass"}),
        ("[x for x in y if x]", {"[x for x in y if not x]", "pass"}),
        ('f("∂", x + y)', {"f('∂', x - y)", "f(x + y, '∂')", "pass"}),
    ],
)
def test_each_part_of_the_syntax_tree_is_changed_in_its_ways(source: str, expected: set[str]) -> None:
    assert changed(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        '"""A docstring 1 + 2."""',
        "import math",
        "from math import inf",
        "__all__ = [1]",
        "Rule = Callable[[int], None]",
        "Number = Value | float",
        "x: int | None",
        "def f(x: tuple[0, 1]) -> tuple[1 + 1]: pass",
        'def f(): """What f does."""',
        "if TYPE_CHECKING:\n    x = 1",
    ],
)
def test_what_has_no_meaning_at_run_time_is_left_alone(source: str) -> None:
    assert changed(source) == set()


def test_every_mutant_of_the_engine_is_another_program() -> None:
    for mutant in sample(ENGINE, 60, 1):
        source = (ROOT / mutant.file).read_text(encoding="utf-8")
        assert ast.unparse(ast.parse(mutant.apply(source))) != ast.unparse(ast.parse(source)), mutant


def test_a_sample_is_half_of_the_table_and_touches_every_file_and_kind() -> None:
    chosen = sample(ENGINE, 280, 0)
    in_table = [m for m in chosen if m.file in TABLE]
    assert (len(chosen), len(set(chosen)), len(in_table)) == (280, 280, 140)
    assert {m.file for m in chosen} == {m.file for m in ENGINE}
    assert min(Counter(m.kind for m in chosen).values()) >= 20
    assert {m.kind for m in chosen} == set(KINDS)


def test_a_seed_always_gives_the_same_sample() -> None:
    assert sample(ENGINE, 20, 0) == sample(ENGINE[::-1], 20, 0) != sample(ENGINE, 20, 1)


@pytest.mark.parametrize("file", sorted({file for file, *_ in EQUIVALENT}))
def test_each_survivor_that_is_known_is_one_mutant_of_its_file(file: str) -> None:
    source = (ROOT / file).read_text(encoding="utf-8")
    made = Counter(mutant.difference(source) for mutant in mutants(file, source))
    known = {(before, after): made[before, after] for name, before, after in EQUIVALENT if name == file}
    assert known == dict.fromkeys(known, 1)


def test_the_tests_nearby_are_those_of_the_module_or_of_the_table(tmp_path: Path) -> None:
    tests = tmp_path / "tests" / "autodiff"
    tests.mkdir(parents=True)
    for name in ("table", "contexts", "generated"):
        (tests / f"test_{name}.py").touch()
    assert near_tests(tmp_path, "autodiff/contexts.py") == ["tests/autodiff/test_contexts.py"]
    assert near_tests(tmp_path, "autodiff/terms.py") == ["tests/autodiff/test_table.py"]
    assert near_tests(ROOT, "autodiff/compiler/dispatch/arrayapi.py") == [
        "tests/autodiff/compiler/dispatch/test_arrayapi.py",
        *(f"tests/autodiff/compiler/{name}.py" for name in MEANING),
    ]
    assert near_tests(tmp_path, "autodiff/eager/__init__.py")[0] == "tests/autodiff/test_generated.py"


def test_a_test_that_never_ends_is_ended(tmp_path: Path) -> None:
    (tmp_path / "test_endless.py").write_text("def test_endless():\n    while True: pass\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.mutation.limit", "-p", "no:cacheprovider", "test_endless.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MUTATION_LIMIT": "0.5"},
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert b"Timeout (" in done.stderr

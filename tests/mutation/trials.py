"""Trials: a private copy of the project in which a mutant stands in place of the original while the suite runs."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from .mutants import Mutant

ROOT = Path(__file__).parents[2]
COPIED = ("autodiff", "nn", "viz", "tests", "docs", "README.md", "LICENSE", "pyproject.toml")
NOT_COPIED = ("__pycache__", "*.so", "*.pyd", "_value.py")  # nothing compiled may hide a mutant
NEAR = {  # where the mutants of a module die soonest; those of others in the tests of its name, or of the table
    "apply": ("table", "own_rows", "value", "contexts"),
    "arithmetic": ("value", "refused", "table", "edges"),
    "arrays": ("table", "numpy"),
    "eager": ("generated", "table"),
    "expressions": ("command",),
    "__main__": ("command",),
    "graph": ("backward", "transforms"),
    "linearization": ("transforms", "contexts"),
    "node": ("copying", "backward", "value"),
    "primitives": ("pieces", "table", "edges"),
    "sums": ("pieces", "table", "value", "edges"),
    "terms": ("pieces", "table", "edges"),
    "custom": ("own_rows",),
    "row": ("own_rows", "table"),
    "stub": ("generated",),
    "text": ("generated", "table", "own_rows"),
    "trees": ("transforms",),
    "logic": ("masks",),
    "ufuncs": ("numpy", "ufuncs"),
    "value_array": ("numpy", "masks"),
    "variadic": ("value", "table"),
}
COMPILER = {  # the same by folder for those of the compiler, beside the tests of their name and of what compiling means
    "backends": ("backends/test_rows",),
    "batch": ("dispatch/test_kernel",),
    "captures": ("dispatch/test_kernel",),
    "llvm": ("backends/test_rows",),
    "loops": ("loops/test_loops", "loops/find/test_found_loops"),
    "program": ("backends/test_rows",),
    "trace": ("backends/test_rows", "dispatch/test_kernel"),
}
MEANING = (
    "test_compile",
    "captures/test_captured",
    "batch/test_data_rows",
    "dispatch/test_slopes",
    "trace/test_tracing",
)
SWEEPS, SLOW = ("test_accuracy", "test_edges"), ("test_scale",)  # not run on every mutant while there is a choice
EVERY = ["tests/autodiff/test_edges.py"]  # the one that is near some modules and not in the core of the others
FAST, DEEP = ("-k", "not deep_chain"), ("-k", "deep_chain")
DRAWN, FIXED = ("--hypothesis-seed=0",), ("-p", "no:hypothesispytest")  # the plugin costs a second
PLAIN = ("-x", "-q", "--assert=plain", "-p", "no:cacheprovider", "-p", "tests.mutation.limit")
SURVIVED, TEST, IMPORT, TIME = "survived", "a test", "an import", "the time limit"


class Stage(NamedTuple):
    """Tests that run together, pytest's options for them, and how many seconds one of them may take."""

    tests: Sequence[str]
    options: Sequence[str]
    limit: int


class Outcome(NamedTuple):
    """What became of a mutant: what noticed it, in how many seconds, and its line before and after."""

    mutant: Mutant
    noticed_by: str
    seconds: float
    before: str
    after: str


class Tree:
    """A copy of the project at `path`, for one process at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        for name in COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, path / name, ignore=shutil.ignore_patterns(*NOT_COPIED))
            else:
                shutil.copy(ROOT / name, path)

    def try_mutant(self, mutant: Mutant, *, core: bool) -> Outcome:
        """Run the suite, or its core, on a mutant, until a test fails."""
        path, begun = self.path / mutant.file, time.monotonic()
        source = path.read_text(encoding="utf-8")
        path.write_text(mutant.apply(source), encoding="utf-8")
        try:
            near = near_tests(self.path, mutant.file)
            noticed_by = next(
                (by for stage in stages(near, core=core) if (by := self.run(stage)) != SURVIVED), SURVIVED
            )
        finally:
            path.write_text(source, encoding="utf-8")
        return Outcome(mutant, noticed_by, time.monotonic() - begun, *mutant.difference(source))

    def run(self, stage: Stage) -> str:
        """Return what fails first when the tests of `stage` are run: SURVIVED if nothing does."""
        log = self.path / "log"
        shutil.rmtree(self.path / ".hypothesis", ignore_errors=True)  # what it found on one mutant is not for another
        environment = {
            **os.environ,
            "PYTHONPATH": str(self.path),
            "PYTHONDONTWRITEBYTECODE": "1",
            "MUTATION_LIMIT": str(stage.limit),
        }
        with log.open("wb") as output:  # a file: what a test leaves running would keep a pipe open
            process = subprocess.Popen(
                [sys.executable, "-m", "pytest", *PLAIN, *stage.options, *stage.tests],
                cwd=self.path,
                env=environment,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
            try:
                status = process.wait()
            finally:
                end(process)
        if status == 0:
            return SURVIVED
        printed = log.read_bytes()
        if b"Timeout (" in printed:
            return TIME
        return TEST if status == 1 and b"ERROR collecting" not in printed else IMPORT

    def log(self) -> str:
        """Return what the last run printed."""
        return (self.path / "log").read_text(encoding="utf-8", errors="replace")


class Journal:
    """What became of mutants, in a file of a line each: what was noticed once is not tried again."""

    def __init__(self, path: Path | None) -> None:
        self.path, self.known = path, dict[str, tuple[str, float]]()
        if path and path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                mutant, noticed_by, seconds = json.loads(line)
                self.known[mutant] = noticed_by, seconds

    def outcome(self, tree: Tree, mutant: Mutant, *, core: bool) -> Outcome:
        """Return what became of a mutant, by the file or else by a trial."""
        source = (ROOT / mutant.file).read_text(encoding="utf-8")
        digest = hashlib.sha256(f"{mutant.file}\n{mutant.apply(source)}".encode()).hexdigest()
        noticed_by, seconds = self.known.get(digest, (SURVIVED, 0.0))
        if noticed_by != SURVIVED:
            return Outcome(mutant, noticed_by, seconds, *mutant.difference(source))
        outcome = tree.try_mutant(mutant, core=core)
        if self.path:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps([digest, outcome.noticed_by, outcome.seconds]) + "\n")
        return outcome


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process that leads a session, with whatever it has started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


def near_tests(root: Path, file: str) -> list[str]:
    """Return the test files that are about a module of the engine."""
    path = PurePosixPath(file)
    name = path.parent.name if path.stem == "__init__" else path.stem
    names = NEAR.get(name, (name,))
    files = [f"tests/autodiff/test_{name}.py" for name in names]
    if "compiler" in path.parts:
        own = path.relative_to("autodiff/compiler").with_stem(f"test_{path.stem}").with_suffix("")
        names = dict.fromkeys((str(own), *COMPILER.get(own.parts[0], ()), *MEANING))
        files = [f"tests/autodiff/compiler/{name}.py" for name in names]
    return [file for file in files if (root / file).is_file()] or ["tests/autodiff/test_table.py"]


def stages(near: Sequence[str], *, core: bool) -> list[Stage]:
    """Return the stages of a trial: the tests `near`, the fast ones of the rest of the engine, and all others."""
    paths = sorted((ROOT / "tests" / "autodiff").glob("test_*.py"))
    files = {path.stem: path.relative_to(ROOT).as_posix() for path in paths if path.stem not in SLOW}
    drawn = [file for file in files.values() if "hypothesis" in (ROOT / file).read_text(encoding="utf-8")]
    swept = [files[name] for name in SWEEPS if name in files]
    sweeps = ["tests/test_truth.py", *(file for file in swept if file not in near)]
    quick = [file for file in files.values() if file not in (*drawn, *sweeps, *near)]
    inner = [Stage(near, (*FIXED, *FAST), 60), Stage(quick, (*FIXED, *FAST), 60)]
    if core:
        return inner
    top = sorted(f"tests/{path.name}" for path in (ROOT / "tests").glob("test_*.py") if path.stem != "test_mutation")
    others = ("tests/nn", "tests/viz", *(file for file in top if file not in sweeps))
    slow = [f"tests/autodiff/{name}.py" for name in SLOW]
    deep = ["tests/autodiff/test_copying.py"]
    far = [Stage(sweeps, FIXED, 300), Stage(drawn, DRAWN, 300), Stage(others, DRAWN, 300)]
    compiler = "tests/autodiff/compiler"
    far.insert(0 if any(file.startswith(compiler) for file in near) else 2, Stage((compiler,), DRAWN, 300))
    return [*inner, *far, Stage(deep, DEEP, 300), Stage(slow, (), 300)]

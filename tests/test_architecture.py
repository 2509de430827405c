"""The walls of the house: imports point down only, and nothing outgrows its file."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import autodiff
import nn
import viz

LAYERS = [
    "watch tracked",
    "build",
    "arithmetic contexts commands",
    "graph",
    "copying",
    "text textbook row",
    "arrays terms conventions typesetting",
    "sums value_array",
    "primitives",
    "node",
    "apply bulk",
    "eager",
    "value",
    "variadic own trees",
    "linearization",
    "transforms",
    "compiler",
    "checking expressions",
    "__init__",
    "__main__",
]
PACKAGES = {"autodiff": [], "nn": ["autodiff"], "viz": ["autodiff", "nn"]}
FILES = [
    path
    for package in (autodiff, nn, viz)
    for path in sorted(Path(package.__file__ or "").parent.rglob("*.py"))
    if "_build" not in path.parts and path.stem != "_value"  # generated
]


def owner(path: Path) -> str:
    """Return the package that a file belongs to: for one in a wing, that around it."""
    return next(parent.name for parent in path.parents if parent.name in PACKAGES)


def module(path: Path) -> str:
    """Return the module of the engine that a file is, for one in a wing the wing."""
    inside = path.relative_to(next(parent for parent in path.parents if parent.name in PACKAGES)).parts
    return path.stem if len(inside) == 1 else inside[0]


ENGINE = [path for path in FILES if owner(path) == "autodiff"]


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (package, module) for each import of ours that is made when a file runs, also inside functions."""
    package = owner(path)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = [
        block for block in tree.body if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
    ]
    skipped = {id(node) for block in for_types for statement in block.body for node in ast.walk(statement)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.ImportFrom):
            origin = package if node.level else (node.module or "").split(".")[0]
            inner = (node.module or "") if node.level else (node.module or "").partition(".")[2]
            for name in [inner] if inner else [alias.name for alias in node.names]:
                yield origin, name.split(".")[0]
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name.split(".")[0], alias.name.partition(".")[2]


def layer(name: str) -> int:
    return next(i for i, names in enumerate(LAYERS) if name in names.split())


@pytest.mark.parametrize("path", ENGINE, ids=lambda path: path.stem)
def test_no_module_of_the_engine_imports_one_above_it(path: Path) -> None:
    modules = {module(name) for name in ENGINE}
    below = [name for package, name in imports(path) if package == "autodiff" and name in modules]
    assert [name for name in below if layer(name) > layer(module(path))] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_no_package_imports_one_above_it(path: Path) -> None:
    ours = {package for package, _ in imports(path) if package in PACKAGES} - {owner(path)}
    assert ours <= set(PACKAGES[owner(path)])


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_no_file_has_more_than_250_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 250


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_file_says_in_its_first_line_what_it_is(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith(('"""', "'''"))

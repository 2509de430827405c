"""The walls of the house: imports point down only, folders can be surveyed, and names mean one thing."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import autodiff
import nn
import viz

FLOORS = {  # what stands in each folder, floor by floor from the top; a file or folder imports from its floor and below
    "": ["viz", "nn", "autodiff"],
    "autodiff": [
        "__main__",
        "__init__",
        "checking expressions",
        "compiler",
        "transforms",
        "linearization sparse",
        "repetition",
        "variadic custom trees",
        "value",
        "eager",
        "apply bulk",
        "node",
        "proxies",
        "primitives",
        "powers quotients sums value_array",
        "array_functions",
        "ufuncs",
        "logic polar",
        "arrays terms conventions typesetting",
        "text textbook row",
        "copying",
        "graph memory",
        "arithmetic contexts commands cache",
        "branches build files interrupts limits locks moved observed sweeps trigonometry watch",
    ],
    "autodiff/eager": ["__main__ stub", "__init__", "documentation", "statements"],
    "autodiff/compiler": [
        "__init__",
        "api",
        "dispatch",
        "backends",
        "loops periods export",
        "trace llvm",
        "settings",
        "program batch captures",
        "tuning",
    ],
    "autodiff/compiler/dispatch": [
        "__init__",
        "compiled",
        "kernel",
        "direct fastpath",
        "specializations",
        "parameters arrayapi parting",
        "eager",
        "results scatter",
        "signature structure",
    ],
    "autodiff/compiler/backends": ["__init__", "choice", "interpreter straight rolled numpy", "blocks", "blocks_ir"],
    "autodiff/compiler/loops": ["__init__", "explain", "backend", "runtime", "emit", "plan", "find"],
    "autodiff/compiler/loops/emit": ["__init__", "kernels", "lookups panels tiles", "sums", "folds", "writer"],
    "autodiff/compiler/loops/plan": ["__init__", "plan", "folds lookups", "layout jobs"],
    "autodiff/compiler/loops/find": ["__init__", "lookups", "packs strides", "folds", "idioms"],
    "autodiff/compiler/periods": [
        "__init__",
        "body gate tracing",
        "dependences extrapolation",
        "trajectory",
        "search",
        "keys",
    ],
    "autodiff/compiler/trace": [
        "__init__",
        "run",
        "inlining reverse lengths",
        "builder influence plain",
        "instantiate tape templates",
    ],
    "autodiff/compiler/llvm": ["__init__", "jit", "arithmetic callbacks code"],
    "autodiff/compiler/program": ["__init__", "simplification", "signs", "schedule", "program", "operations levels"],
    "autodiff/compiler/batch": ["__init__", "inputs", "reduction", "pool"],
    "autodiff/compiler/captures": ["__init__", "environment", "reach", "names kinds", "computed containers origins"],
    "nn": [
        "__init__",
        "estimators commands",
        "components schedules clipping",
        "training",
        "saving",
        "backprop tables datasets",
        "descent",
        "modules losses optimizers metrics",
        "checks values",
    ],
    "nn/backprop": ["__init__", "comparison components", "matrix", "equations"],
    "nn/checks": ["__init__", "vector seeds", "numbers arrays"],
    "nn/commands": ["__init__", "train predict", "learn"],
    "nn/losses": ["__init__", "targets", "registry", "classification penalties", "regression"],
    "nn/modules": [
        "__init__",
        "mlp sequential",
        "layer",
        "activation classifier modes",
        "dropout prediction standardization",
        "module",
    ],
    "nn/optimizers": ["__init__", "registry", "sgd adam adaptive lbfgs", "base", "schedules clipping"],
    "nn/saving": ["__init__", "model", "architecture", "kinds", "blueprint", "safetensors"],
    "nn/tables": ["__init__", "tabular", "columns", "csv"],
    "nn/training": [
        "__init__",
        "fit",
        "checkpoints",
        "fingerprint",
        "state",
        "options progress stopping",
        "engines",
        "history diagnosis selection",
        "data",
    ],
    "nn/training/data": ["__init__", "task", "examples"],
    "nn/training/engines": ["__init__", "choice", "closed_form compiled eager batches validation", "engine objective"],
    "viz": [
        "__init__",
        "commands",
        "drawing",
        "explorer animation",
        "svg formula plots pages",
        "picture",
        "palette",
    ],
    "viz/animation": ["__init__", "animation", "recorder"],
    "viz/commands": ["__init__", "graph demo", "experiments"],
    "viz/explorer": ["__init__", "page", "facts outline", "steps deltas schema"],
    "viz/formula": ["__init__", "formula", "rows", "reading", "simplify"],
    "viz/pages": ["__init__", "pages"],
    "viz/picture": ["__init__", "pipeline", "folding", "build", "graph limits table", "labels model scopes summary"],
    "viz/plots": ["__init__", "training", "boundary curves histograms weights", "axes"],
    "viz/svg": ["__init__", "dot", "digraph", "document", "legend render", "shades wasm"],
}
FOR_TYPES = {("autodiff/copying", "autodiff/graph", "autodiff/node")}  # the one circle: of types alone
SHARED = {  # file stems that stand in one package twice, and what they mean in each place
    "arithmetic": "arithmetics: the contract with those of floats, and LLVM's",
    "sums": "sums in the order that is fixed: of terms, and as kernels over rows",
    "graph": "computation graphs: the command that draws them, and how a picture reads one",
    **dict.fromkeys(("components", "schedules", "clipping"), "the file, and its public address beside `nn`"),
    "registry": "what `fit` takes by name: losses and optimizers",
    "folds": "reductions, as they are found, planned and written",
    "lookups": "selections by an index, as they are found, planned and written",
}
SHARED_CLASSES: dict[str, str] = {}  # class names that stand twice, in one package or across them, and why
PACKAGES = (autodiff, nn, viz)
ROOT = Path(autodiff.__file__ or "").parent.parent
FILES = [
    path
    for package in PACKAGES
    for path in sorted(Path(package.__file__ or "").parent.rglob("*.py"))
    if "_build" not in path.parts and path.stem != "_value"  # generated
]
NAMES = [path.relative_to(ROOT).with_suffix("").as_posix() for path in FILES]
FOLDERS = sorted({str(Path(name).parent) for name in NAMES})
MOST = 15  # files a folder, beside its `__init__`, that can be surveyed


@cache
def imported(name: str) -> frozenset[str]:
    """Return the files of ours that a file imports, anywhere in it, for types or to run."""
    tree = ast.parse((ROOT / f"{name}.py").read_text(encoding="utf-8"))
    return frozenset(_imported(name, tree)) - {name}


def _imported(name: str, tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            base = "/".join(Path(name).parts[: -node.level]) if node.level else ""
            inner = (node.module or "").replace(".", "/")
            origin = "/".join(filter(None, (base, inner)))
            for alias in node.names:
                if alias.name != "_value":  # generated, when a wheel is built
                    yield from file_of(f"{origin}/{alias.name}") or file_of(origin)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield from file_of(alias.name.replace(".", "/"))


def file_of(place: str) -> list[str]:
    """Return the file that a dotted name, with slashes, stands for, in a list; none if it is not ours."""
    return [name for name in (place, f"{place}/__init__") if name in NAMES]


def children(folder: str, name: str) -> str:
    """Return the file or folder right in `folder` that a file belongs to."""
    return name[len(folder) :].lstrip("/").split("/")[0]


def floor(folder: str, child: str) -> int:
    """Return on which floor of a folder something stands, counted from the top."""
    return next(i for i, names in enumerate(FLOORS[folder]) if child in names.split())


def arrows(folder: str) -> dict[str, set[str]]:
    """Return what imports what among the files and folders right in `folder`."""
    found = defaultdict[str, set[str]](set)
    inside = f"{folder}/" if folder else ""
    for name in NAMES:
        if name.startswith(inside):
            found[children(folder, name)] |= {children(folder, to) for to in imported(name) if to.startswith(inside)}
    return {child: others - {child} for child, others in found.items()}


@pytest.mark.parametrize("folder", ["", *FOLDERS], ids=lambda folder: folder or "packages")
def test_every_file_and_folder_has_its_floor(folder: str) -> None:
    there = {children(folder, name) for name in NAMES if name.startswith(f"{folder}/" if folder else "")}
    planned = " ".join(FLOORS[folder]).split()
    assert sorted(planned) == sorted(there)


@pytest.mark.parametrize("folder", ["", *FOLDERS], ids=lambda folder: folder or "packages")
def test_no_import_points_up(folder: str) -> None:
    up = [
        (child, other)
        for child, others in arrows(folder).items()
        for other in sorted(others)
        if floor(folder, other) < floor(folder, child)
    ]
    assert [pair for pair in up if tuple(sorted(f"{folder}/{name}" for name in pair)) not in pairs(FOR_TYPES)] == []


def pairs(circles: Iterable[tuple[str, ...]]) -> set[tuple[str, ...]]:
    """Return the pairs of files in circles that are allowed."""
    return {(a, b) for circle in circles for a in circle for b in circle if a < b}


@pytest.mark.parametrize("folder", ["", *FOLDERS], ids=lambda folder: folder or "packages")
def test_no_folder_has_a_circle(folder: str) -> None:
    allowed = pairs(FOR_TYPES)
    graph = {
        child: {other for other in others if tuple(sorted((f"{folder}/{child}", f"{folder}/{other}"))) not in allowed}
        for child, others in arrows(folder).items()
    }
    list(TopologicalSorter(graph).static_order())  # which raises CycleError, naming the circle


def test_no_files_import_each_other_in_a_circle() -> None:
    one = {name: circle[0] for circle in FOR_TYPES for name in circle}
    graph = defaultdict[str, set[str]](set)
    for name in NAMES:
        graph[one.get(name, name)] |= {one.get(to, to) for to in imported(name)} - {one.get(name, name)}
    list(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_can_be_surveyed_and_says_what_is_in_it(folder: str) -> None:
    names = [name for name in " ".join(FLOORS[folder]).split() if not name.startswith("__")]
    files = [name for name in names if (ROOT / folder / f"{name}.py").is_file()]
    if folder != "autodiff":  # whose files are in one honest order, and on the map
        assert len(files) <= MOST
    text = ast.get_docstring(ast.parse((ROOT / folder / "__init__.py").read_text(encoding="utf-8"))) or ""
    assert [name for name in names if f"`{name}`" not in text] == []


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
def test_file_names_of_a_package_mean_one_thing(package: object) -> None:
    places = defaultdict[str, list[str]](list)
    for name in NAMES:
        if name.startswith(package.__name__ + "/") and not Path(name).name.startswith("__"):  # type: ignore[attr-defined]
            places[Path(name).name].append(name)
    assert [name for stem, name in places.items() if len(name) > 1 and stem not in SHARED] == []


def test_class_names_of_a_package_mean_one_thing() -> None:
    places = defaultdict[str, list[str]](list)
    for name in NAMES:
        tree = ast.parse((ROOT / f"{name}.py").read_text(encoding="utf-8"))
        for node in tree.body:  # a class in a class goes by both names
            if isinstance(node, ast.ClassDef):
                places[node.name].append(name)
    twice = {name: files for name, files in places.items() if len(files) > 1}
    assert {name: files for name, files in twice.items() if name not in SHARED_CLASSES} == {}
    assert set(SHARED_CLASSES) <= set(twice)  # none is an exception for nothing


@pytest.mark.parametrize("name", NAMES)
def test_no_file_has_more_than_350_lines(name: str) -> None:
    assert len((ROOT / f"{name}.py").read_text(encoding="utf-8").splitlines()) <= 350


@pytest.mark.parametrize("name", NAMES)
def test_every_file_says_in_its_first_line_what_it_is(name: str) -> None:
    assert (ROOT / f"{name}.py").read_text(encoding="utf-8").startswith('"""')

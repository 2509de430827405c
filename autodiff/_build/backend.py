"""The in-tree build backend: setuptools behind PEP 517, so that the project needs no setup.py.

A wheel is compiled by mypyc where that can be done; where it cannot, it is pure Python and the build says so. An
editable install is pure. The environment variable AUTODIFF_COMPILE decides otherwise: 0 for a pure wheel, 1 for a
compiled editable install, or a wheel that is compiled or else fails.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any

import setuptools
from setuptools import build_meta
from setuptools.build_meta import build_sdist, get_requires_for_build_sdist, prepare_metadata_for_build_editable

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]
COMPILED = [  # of autodiff: what runs for every operation, and for every instruction of a program
    *("watch", "graph", "node", "apply", "_value", "bulk"),
    "compiler/program/levels",
    *(f"compiler/trace/{name}" for name in ("tape", "builder", "reverse")),
]
COMPILER = "mypy>=1.20"
FLAGS = ["-ffp-contract=off", "-include", str(Path(__file__).with_name("trashcan.h").resolve())]
prepare_metadata_for_build_wheel = build_meta.prepare_metadata_for_build_wheel


def wanted(default: str) -> bool:
    """Tell whether AUTODIFF_COMPILE, or `default` where it is not set, asks for a compiled build."""
    return os.environ.get("AUTODIFF_COMPILE", default) == "1"


def get_requires_for_build_wheel(config_settings: Any = None) -> list[str]:
    """Return what a wheel needs to be built."""
    return [*build_meta.get_requires_for_build_wheel(config_settings), *[COMPILER] * wanted("1")]


def get_requires_for_build_editable(config_settings: Any = None) -> list[str]:
    """Return what an editable install needs to be built."""
    return [*build_meta.get_requires_for_build_editable(config_settings), *[COMPILER] * wanted("0")]


def build_wheel(wheel_directory: str, config_settings: Any = None, metadata_directory: str | None = None) -> str:
    """Build a wheel, compiled if that can be done, from a copy of the tree: nothing is left in the tree itself."""
    target = os.path.abspath(wheel_directory)
    if wanted("1"):
        with copied():
            try:
                return str(Compiling().build_wheel(target, config_settings))
            except (Exception, SystemExit) as error:  # whatever mypy, mypyc or a compiler may say
                if "AUTODIFF_COMPILE" in os.environ:
                    raise
                print(f"autodiff: could not be compiled ({error!r}); this wheel is pure Python", file=sys.stderr)
    with copied():
        generate()
        return str(build_meta.build_wheel(target, config_settings))


def build_editable(wheel_directory: str, config_settings: Any = None, metadata_directory: str | None = None) -> str:
    """Install the tree in place: as Python, with nothing left of an earlier compiled build, unless told to compile."""
    clean()
    backend = Compiling() if wanted("0") else build_meta
    return str(backend.build_editable(wheel_directory, config_settings, metadata_directory))


def generate(*options: str) -> None:
    """Write the generated module into the tree."""
    command = [sys.executable, "-m", "autodiff.eager", *options]
    Path("autodiff/_value.py").write_bytes(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


@contextmanager
def copied() -> Iterator[None]:
    """Run the block in a copy of the tree, without what builds have left in it."""
    left = shutil.ignore_patterns(".*", "build", "dist", "__pycache__", "*.egg-info", "*.so", "_value.py")
    with tempfile.TemporaryDirectory() as directory:
        tree = Path(directory) / "tree"
        shutil.copytree(".", tree, ignore=left)
        with chdir(tree):
            yield


def clean() -> None:
    """Remove what a compiled build in place has left."""
    for path in (*Path().glob("*__mypyc*.so"), *Path("autodiff").rglob("*.so"), Path("autodiff/_value.py")):
        path.unlink(missing_ok=True)


class Compiling(build_meta._BuildMetaBackend):  # type: ignore[misc]
    """setuptools with the engine's modules as extensions, made by mypyc from the same source."""

    def run_setup(self, setup_script: str = "setup.py") -> None:
        """Write the generated module and run setuptools, where a setup.py would."""
        setuptools.setup(ext_modules=self.extensions())

    def extensions(self) -> list[setuptools.Extension]:
        """Return the extensions; mypyc writes their C."""
        from mypyc.build import mypycify

        if sys.platform == "win32":
            raise NotImplementedError("its C is for GCC and Clang")
        generate("--compiled")
        modules = [Path("autodiff") / f"{name}.py" for name in COMPILED]
        options = ["--config-file=", "--ignore-missing-imports", "--follow-imports=silent"]
        extensions = mypycify([*options, *map(str, modules)], debug_level="0")
        document({Path(source) for extension in extensions for source in extension.sources}, modules)
        for extension in extensions:
            extension.extra_compile_args = [*extension.extra_compile_args, *FLAGS]
        return extensions


def document(sources: Iterable[Path], modules: Iterable[Path]) -> None:
    """Write the docstrings of `modules` into the C that mypyc made of them: it keeps signatures alone."""
    docs = dict(pair for module in modules for pair in docstrings(ast.parse(module.read_text("utf-8")), module.stem))

    def documented(match: re.Match[str]) -> str:
        text = docs.get(match["name"], "").replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
        return f'{match[0][:-2]}{text}")'

    for source in sources:
        c = source.read_text("utf-8")
        c = re.sub(r'CPyPy_(?P<name>\w+),\s*METH[^,]*, PyDoc_STR\("[^"]*"\)', documented, c)
        source.write_text(re.sub(r'\.tp_doc = PyDoc_STR\("(?P<name>\w+)[^"]*"\)', documented, c), "utf-8")


def docstrings(tree: ast.AST, path: str) -> Iterator[tuple[str, str]]:
    """Yield (name, docstring) for each class, and for each function under the name that mypyc gives it in C."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef):
            yield node.name, ast.get_docstring(node) or ""
            yield from docstrings(node, f"{path}___{node.name}")
        elif isinstance(node, ast.FunctionDef):
            yield f"{path}___{node.name}", ast.get_docstring(node) or ""

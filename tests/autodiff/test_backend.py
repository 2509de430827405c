"""The build backend: what it asks for, what it copies and removes, and a pure wheel."""

from __future__ import annotations

import importlib.util
import shutil
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

setuptools = pytest.importorskip("setuptools", reason="setuptools builds the wheel")
ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "autodiff" / "_build" / "backend.py"
pytestmark = pytest.mark.skipif(not SOURCE.is_file(), reason="needs the source tree")


@pytest.fixture
def backend() -> ModuleType:
    spec = importlib.util.spec_from_file_location("backend", SOURCE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a small tree with leavings of compiled builds, as the working directory."""
    names = ["autodiff/node.py", "autodiff/node.cpython.so", "autodiff/_value.py", "a__mypyc.so", "other.so", ".git/x"]
    for name in names:
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.chdir(tmp_path / "tree")
    return tmp_path / "tree"


def files() -> set[str]:
    return {path.as_posix() for path in Path().rglob("*") if path.is_file()}


@pytest.mark.parametrize(("setting", "wheel", "editable"), [(None, 1, 0), ("0", 0, 0), ("1", 1, 1), ("no", 0, 0)])
def test_the_compiler_is_asked_for_where_it_is_wanted(
    backend: ModuleType, monkeypatch: pytest.MonkeyPatch, tree: Path, setting: str | None, wheel: int, editable: int
) -> None:
    monkeypatch.delenv("AUTODIFF_COMPILE", raising=False)
    if setting is not None:
        monkeypatch.setenv("AUTODIFF_COMPILE", setting)
    assert backend.get_requires_for_build_wheel().count(backend.COMPILER) == wheel
    assert backend.get_requires_for_build_editable().count(backend.COMPILER) == editable


def test_a_clean_tree_has_nothing_of_a_compiled_build(backend: ModuleType, tree: Path) -> None:
    backend.clean()
    assert files() == {"autodiff/node.py", "other.so", ".git/x"}


def test_a_build_runs_in_a_copy_of_what_is_source(backend: ModuleType, tree: Path) -> None:
    with backend.copied():
        assert files() == {"autodiff/node.py"}
        Path("new").touch()
    assert Path.cwd() == tree
    assert "new" not in files()


def test_a_wheel_that_cannot_be_compiled_is_pure_and_says_so(
    backend: ModuleType, tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise SystemExit("no compiler")

    monkeypatch.delenv("AUTODIFF_COMPILE", raising=False)
    monkeypatch.setattr(backend, "Compiling", fail)
    monkeypatch.setattr(backend, "generate", lambda: Path("generated").touch())
    monkeypatch.setattr(backend.build_meta, "build_wheel", lambda directory, settings: " ".join(sorted(files())))
    assert backend.build_wheel(str(tree)) == "autodiff/node.py generated"
    assert "could not be compiled (SystemExit('no compiler'))" in capsys.readouterr().err
    monkeypatch.setenv("AUTODIFF_COMPILE", "1")
    with pytest.raises(SystemExit, match="no compiler"):
        backend.build_wheel(str(tree))


@pytest.mark.skipif(int(setuptools.__version__.partition(".")[0]) < 77, reason="needs setuptools 77")
def test_a_pure_wheel_has_the_generated_module_and_leaves_the_tree_alone(
    backend: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("autodiff", "nn", "viz"):
        shutil.copytree(ROOT / name, tmp_path / "tree" / name, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        if (ROOT / name).is_file():
            shutil.copy(ROOT / name, tmp_path / "tree")
    monkeypatch.chdir(tmp_path / "tree")
    monkeypatch.setenv("AUTODIFF_COMPILE", "0")
    before = files()
    name = backend.build_wheel(str(tmp_path))
    assert files() == before
    with zipfile.ZipFile(tmp_path / name) as wheel:
        assert {"autodiff/_value.py", "autodiff/value.pyi", "nn/__init__.py", "viz/__init__.py"} <= set(
            wheel.namelist()
        )
        assert b"class Value(Node)" in wheel.read("autodiff/_value.py")


def test_docstrings_are_written_into_the_c_of_classes_methods_and_functions(
    backend: ModuleType, tmp_path: Path
) -> None:
    module, c = tmp_path / "small.py", tmp_path / "small.c"
    module.write_text(
        'def f(x):\n    """Say "no"."""\nclass A:\n    """An A."""\n'
        '    def g(self):\n        """Do\n        it: \\\\."""\nX = 1\n'
    )
    c.write_text(
        '{"f", (PyCFunction)CPyPy_small___f, METH_FASTCALL, PyDoc_STR("f(x)\\n--\\n\\n")},\n'
        '{"g", (PyCFunction)CPyPy_small___A___g, METH_FASTCALL, PyDoc_STR("g($self)")},\n'
        '    .tp_doc = PyDoc_STR("A()\\n--\\n\\n"),\n'
    )
    backend.document([c], [module])
    assert c.read_text() == (
        '{"f", (PyCFunction)CPyPy_small___f, METH_FASTCALL, PyDoc_STR("f(x)\\n--\\n\\nSay \\"no\\".")},\n'
        '{"g", (PyCFunction)CPyPy_small___A___g, METH_FASTCALL, PyDoc_STR("g($self)Do\\nit: \\\\.")},\n'
        '    .tp_doc = PyDoc_STR("A()\\n--\\n\\nAn A."),\n'
    )

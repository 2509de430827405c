"""The renderer's cache: compiled once, checked by a digest, made anew if it is damaged or of another version."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autodiff.cache import Cache
from viz.svg import wasm

wasmtime = pytest.importorskip("wasmtime")
DOT = "digraph { a -> b; b -> c }"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, bytes, bytes]:
    """Return the name of the file that the first process writes, its content, and what that process draws."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("AUTODIFF_CACHE", str(folder))
        picture, compiled = drawn_anew(patched)
    assert compiled == 1
    (file,) = folder.iterdir()
    return file.name, file.read_bytes(), picture


@pytest.fixture
def cached(written: tuple[str, bytes, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a file that was written before, in a folder that is the cache."""
    monkeypatch.setenv("AUTODIFF_CACHE", str(tmp_path))
    (tmp_path / written[0]).write_bytes(written[1])
    yield tmp_path / written[0]
    wasm._compiled.cache_clear()


def drawn_anew(monkeypatch: pytest.MonkeyPatch) -> tuple[bytes, int]:
    """Return what a process that begins would draw, and how often it compiled the renderer."""
    compiled = []
    module = wasmtime.Module

    class Counted(module):  # type: ignore[misc, valid-type]
        """A module that counts its compilations."""

        def __init__(self, *arguments: object) -> None:
            compiled.append(1)
            super().__init__(*arguments)

    wasm._compiled.cache_clear()
    with monkeypatch.context() as patched:
        patched.setattr(wasmtime, "Module", Counted)
        return wasm.render(DOT), len(compiled)


def test_a_renderer_that_was_compiled_is_read(
    cached: Path, written: tuple[str, bytes, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert drawn_anew(monkeypatch) == (written[2], 0)
    assert cached.read_bytes() == written[1]


@pytest.mark.parametrize("damage", ["a bit", "the end", "another's"])
def test_a_damaged_renderer_is_compiled_again(
    damage: str, cached: Path, written: tuple[str, bytes, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    content = bytearray(written[1])
    if damage == "a bit":
        content[len(content) // 2] ^= 4
        cached.write_bytes(content)
    elif damage == "the end":
        cached.write_bytes(content[:-100])
    else:  # with a right digest, but not what this wasmtime writes
        Cache(cached.parent).write(cached.name.partition(".")[0], b"\x7fELF of another version")
    assert drawn_anew(monkeypatch) == (written[2], 1)
    assert drawn_anew(monkeypatch) == (written[2], 0)


def test_without_a_cache_the_renderer_is_compiled(
    cached: Path, written: tuple[str, bytes, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTODIFF_CACHE", "0")
    assert drawn_anew(monkeypatch) == (written[2], 1)
    assert cached.read_bytes() == written[1]

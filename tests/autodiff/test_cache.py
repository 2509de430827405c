"""The cache of compiled objects: used only whole, owned by the user, bounded; without it everything works."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autodiff import cache, files
from autodiff.cache import DIGEST, MAGIC, Cache

pytest.importorskip("llvmlite")
PROGRAM = """\
import numpy as np
import autodiff as ad
w = ad.Value(0.5)
f = ad.compile(lambda x: ad.tanh(w * x), backend="native")
y = f.mean(np.linspace(-1.0, 1.0, 33))
y.backward()
print(y.data.hex(), w.grad.hex(), f(0.3).data.hex())
"""


def run(folder: Path | str, code: str = PROGRAM) -> str:
    environment = {**os.environ, "AUTODIFF_CACHE": str(folder), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def expected() -> str:
    return run("0")


def test_the_second_process_finds_what_the_first_compiled(tmp_path: Path, expected: str) -> None:
    folder = tmp_path / "made"
    assert run(folder) == expected
    files = sorted(folder.iterdir())
    assert files
    assert folder.stat().st_mode & 0o777 == 0o700
    times = [f.stat().st_mtime_ns for f in files]
    assert run(folder) == expected
    assert sorted(folder.iterdir()) == files
    assert [f.stat().st_mtime_ns for f in files] == times


def test_damaged_files_are_compiled_again(tmp_path: Path, expected: str) -> None:
    """Truncated at 50 places and flipped in 500 single bits: `read` gives nothing, and a process the right results."""
    run(tmp_path)
    store, files = Cache(tmp_path), sorted(tmp_path.iterdir())
    for file in files:
        whole = file.read_bytes()
        for k in range(50):
            file.write_bytes(whole[: len(whole) * k // 50])
            assert store.read(file.stem) is None
        for k in range(500):
            place = len(whole) * 8 * k // 500
            damaged = bytearray(whole)
            damaged[place // 8] ^= 1 << place % 8
            file.write_bytes(damaged)
            assert store.read(file.stem) is None
    assert run(tmp_path) == expected
    assert all(store.read(file.stem) for file in files)
    for file in files:
        file.write_bytes(MAGIC + b"0" * DIGEST)
    assert run(tmp_path) == expected


def test_a_folder_that_cannot_be_used_is_done_without(tmp_path: Path, expected: str) -> None:
    (tmp_path / "file").write_text("")
    assert run(tmp_path / "file") == expected
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    assert run(shared) == expected
    assert not list(shared.iterdir())
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    assert run(locked) == expected
    gone = (
        "import os, shutil\n"
        + PROGRAM
        + "shutil.rmtree(os.environ['AUTODIFF_CACHE'])\n"
        + PROGRAM.replace("0.5", "0.25")
    )
    assert run(tmp_path / "gone", gone).startswith(expected)


def test_the_oldest_files_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "LIMIT", 3_000)
    (tmp_path / "mine.dat").write_bytes(bytes(9_000))
    draft = tmp_path / files.DRAFTS.replace("*", "left")  # by a writer that was killed
    draft.write_bytes(bytes(900))
    os.utime(draft, (0, 0))
    store = Cache(tmp_path)
    for k in range(6):
        store.write(f"key{k}", bytes(900))
        os.utime(tmp_path / f"key{k}{cache.SUFFIX}", (k, k))
    assert [store.read(f"key{k}") is not None for k in range(6)] == [False, False, False, True, True, True]
    assert not draft.exists()
    assert (tmp_path / "mine.dat").stat().st_size == 9_000
    assert Cache(None).read("key5") is None
    Cache(None).write("key5", b"")


def test_without_llvmlite_numpy_computes_and_native_says_what_to_install() -> None:
    code = "import sys; sys.modules['llvmlite'] = None\n" + PROGRAM.replace(', backend="native"', "")
    assert run("0", code).count("0x") == 3
    code = "import sys; sys.modules['llvmlite'] = None\nimport autodiff\n"
    code += "try: autodiff.compile(lambda x: x, backend='native')(1.0)\nexcept ImportError as error: print(error)"
    assert "pip install 'autodiff-scalar[native]'" in run("0", code)


@pytest.mark.skipif(sys.platform != "linux", reason="the cache is below the home directory on Linux")
@pytest.mark.parametrize("home", ["~nobody-of-this-name", "~nobody-of-this-name/x"])
def test_a_user_without_a_home_directory_has_no_cache(home: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUTODIFF_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", home)
    assert Cache.default().folder is None


def test_a_user_id_that_the_system_does_not_know_has_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("AUTODIFF_CACHE", raising=False)
    monkeypatch.setattr(cache, "_home", homeless)
    assert Cache.default().folder is None

"""Files are written whole or not at all, and leftovers of killed writers are swept."""

from __future__ import annotations

import errno
import fcntl
import os
import random
import resource
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from autodiff.files import rehearse, write

KILL_WRITERS = """
import os, random, signal, sys, time
from nn import MLP, load, save

path, seed, kills = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
draw, models = random.Random(seed), [MLP(2, [40, 40, 1], rng=k) for k in (0, 1)]
save(models[0], path)
found = []
for _ in range(kills):
    writer = os.fork()
    while not writer:  # in the child, for ever
        for model in models:
            save(model, path)
    time.sleep(draw.uniform(0.005, 0.05))
    os.kill(writer, signal.SIGKILL)
    os.waitpid(writer, 0)
    state = load(path).state()
    (k,) = [k for k in (0, 1) if all((models[k].state()[name] == state[name]).all() for name in state)]
    found.append(k)
left = len(os.listdir(os.path.dirname(path)))
save(models[0], path)
print(found.count(0), found.count(1), left, os.listdir(os.path.dirname(path)))
"""


def test_a_new_file_has_the_content_and_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    path = write(tmp_path / "new", b"content")
    assert path.read_bytes() == b"content"
    assert path.stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_only_what_is_to_be_durable_waits_for_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[int] = []
    monkeypatch.setattr(os, "fsync", flushed.append)
    assert write(tmp_path / "cached", b"content", durable=False).read_bytes() == b"content"
    assert flushed == []
    write(tmp_path / "kept", b"content")
    assert len(flushed) == 2


def test_an_old_file_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "private"
    path.touch(0o600)
    assert write(path, b"content").stat().st_mode & 0o777 == 0o600


def test_a_link_is_followed_and_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    (tmp_path / "link").symlink_to("file")
    write(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_bytes() == b"new"


def test_a_failed_write_leaves_the_old_file_alone_and_names_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "file", b"old")
    monkeypatch.setattr(os, "replace", _full)
    with pytest.raises(OSError, match=r"full.*file'"):
        write(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_an_error_that_names_the_path(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere/file"):
        write(tmp_path / "nowhere" / "file", b"")


def test_leftovers_are_swept_but_no_draft_of_a_living_writer_and_no_file_of_others(tmp_path: Path) -> None:
    left, living, other = (tmp_path / name for name in (".autodiff-1.tmp", ".autodiff-2.tmp", ".other-3.tmp"))
    for path in (left, living, other):
        path.touch()
    with living.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        write(tmp_path / "file", b"content")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".autodiff-2.tmp", ".other-3.tmp", "file"]


def test_a_pipe_of_the_name_of_a_draft_stops_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".autodiff-1.tmp")
    assert write(tmp_path / "file", b"content").read_bytes() == b"content"


def test_threads_that_write_the_same_file_leave_one_of_their_contents(tmp_path: Path) -> None:
    path, errors = tmp_path / "file", []

    def work(letter: bytes) -> None:
        try:
            for _ in range(20):
                write(path, letter * 10_000)
        except OSError as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(letter,)) for letter in (b"a", b"b", b"c", b"d")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(set(path.read_bytes())) == 1
    assert len(path.read_bytes()) == 10_000
    assert list(tmp_path.iterdir()) == [path]


def test_a_writer_killed_at_any_moment_leaves_the_old_or_the_new_model(tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    done = subprocess.run(
        [sys.executable, "-c", KILL_WRITERS, str(tmp_path / "model.safetensors"), str(seed), "60"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stderr == "", f"seed {seed}"
    first, second, _, files = done.stdout.split(maxsplit=3)
    assert int(first) + int(second) == 60
    assert files.strip() == "['model.safetensors']"


def _full(*paths: object) -> None:
    raise OSError(28, "the disk is full")


@pytest.mark.parametrize("reserved", ["by the system", "by no system", "by no file system"])
def test_a_rehearsal_leaves_no_trace_and_says_that_there_is_no_room(
    reserved: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsupported(*_: int) -> None:
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    if reserved == "by no system":
        monkeypatch.delattr(os, "posix_fallocate")
    elif reserved == "by no file system":
        monkeypatch.setattr(os, "posix_fallocate", unsupported)
    path = tmp_path / "new"
    for size in (0, 1, 10**6):
        rehearse(path, size)
    path.write_bytes(b"old")
    rehearse(path, 10**6)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(OSError, match=r"File too large: '.*new'"):
            rehearse(path, 1001)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    with pytest.raises(FileNotFoundError, match="nowhere/new"):
        rehearse(tmp_path / "nowhere" / "new", 1)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]

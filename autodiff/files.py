"""Writing a file whole or not at all, whatever kills the writer; what killed writers left behind is swept."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # not POSIX: a draft cannot be told from a leftover, so none is swept
    fcntl = None  # type: ignore[assignment]

UNSUPPORTED = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP)  # what file systems answer that reserve nothing
DRAFTS = ".autodiff-*.tmp"


def write(path: str | os.PathLike[str], content: bytes, *, durable: bool = True) -> Path:
    """Write `content` to `path` and return it; whoever looks, before, during or after a crash, sees no half of it.

    When it returns, the file is on the disk, unless it need not be `durable`: then nothing waits for the disk, and
    no leftovers are swept. An old file's permissions are kept. Raises OSError that names `path`.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(Path(folder) / "bp.txt", b"BP1").read_bytes()
    b'BP1'
    """
    target = Path(os.path.realpath(path))
    try:
        if durable:
            _sweep(target.parent)
        with _draft(target.parent) as (draft, file):
            file.write(content)
            file.flush()
            if durable:
                os.fsync(file.fileno())
            if target.exists():
                shutil.copymode(target, draft)
            if not fcntl:
                file.close()  # Windows moves no open file
            os.replace(draft, target)
        if durable:
            _flush(target.parent)
    except OSError as error:
        raise OSError(error.errno, error.strerror, os.fspath(path)) from error  # the draft's name tells nobody anything
    return Path(path)


def rehearse(path: str | os.PathLike[str], size: int) -> None:
    """Raise OSError that names `path` if a file of `size` bytes cannot be written there now; leave nothing behind.

    It takes the room for a moment, so that quotas and permissions count, too.

    >>> rehearse("bp.txt", 3)
    >>> os.path.exists("bp.txt")
    False
    """
    try:
        with _draft(Path(os.path.realpath(path)).parent) as (_, file):
            _reserve(file, size)
    except OSError as error:
        raise OSError(error.errno, error.strerror, os.fspath(path)) from error


def _reserve(file: IO[bytes], size: int) -> None:
    """Take room for `size` bytes on the disk, by writing them where the file system cannot reserve any."""
    try:
        if size:
            os.posix_fallocate(file.fileno(), 0, size)
    except (AttributeError, OSError) as error:
        if isinstance(error, OSError) and error.errno not in UNSUPPORTED:
            raise
        file.write(bytes(size))
        file.flush()


@contextmanager
def _draft(folder: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """Yield a new file in `folder`, locked while its writer lives; it is gone afterwards if it was not moved."""
    while True:
        draft = folder / DRAFTS.replace("*", secrets.token_hex(8))
        with draft.open("xb") as file:
            try:
                if _lock(file) and draft.exists():  # else a sweeper was faster than the lock
                    yield draft, file
                    return
            finally:
                draft.unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """Delete the drafts whose writers are dead: those that nobody holds locked."""
    for leftover in filter(Path.is_file, folder.glob(DRAFTS)) if fcntl else ():  # to open a pipe would wait for ever
        with suppress(OSError), leftover.open("rb") as file:  # another was faster, or it belongs to another user
            if _lock(file):
                leftover.unlink()


def _lock(file: IO[bytes]) -> bool:
    """Lock an open file until it is closed; return False if another writer holds it."""
    if fcntl:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _flush(folder: Path) -> None:
    """See to it that the new name in `folder` is on the disk, too."""
    if fcntl:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

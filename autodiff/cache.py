"""Compiled objects on disk, by what they were made of: machine code of LLVM, and the renderer.

A file is used only if its digest is right: a damaged object kills a process. The directory is `autodiff` in the user's
cache, or what AUTODIFF_CACHE names; `AUTODIFF_CACHE=0` switches it off. It is made for the user alone, used only if the
user owns it, and holds a bounded number of bytes.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from fnmatch import fnmatch
from hashlib import blake2b
from pathlib import Path

from . import files

MAGIC = b"autodiff object 1\n"
DIGEST = 32
LIMIT = 256 * 2**20  # bytes in all
SUFFIX = ".autodiff-object"  # files of other names are not ours


class Cache:
    """Binaries in a folder, none where there is no folder that is safe to use."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    @classmethod
    def default(cls) -> Cache:
        """Return the user's cache."""
        chosen = os.environ.get("AUTODIFF_CACHE", "")
        if chosen == "0":
            return cls(None)
        try:
            return cls(_owned(Path(chosen) if chosen else _home() / "autodiff"))
        except RuntimeError:  # no home directory, as of a user id that the system does not know
            return cls(None)

    def read(self, key: str) -> bytes | None:
        """Return the binary kept under `key`, None if there is none or it is damaged."""
        if self.folder is None:
            return None
        try:
            content = (self.folder / f"{key}{SUFFIX}").read_bytes()
        except OSError:
            return None
        start = len(MAGIC) + DIGEST
        binary = content[start:]
        return binary if content[:start] == MAGIC + _digest(key, binary) else None

    def write(self, key: str, binary: bytes) -> None:
        """Keep `binary` under `key`, if the folder can be written to."""
        if self.folder is None:
            return
        with suppress(OSError):  # a cache that cannot be written is only slower
            content = MAGIC + _digest(key, binary) + binary
            files.write(self.folder / f"{key}{SUFFIX}", content, durable=False)  # the digest shows damage
            self._prune()

    def _prune(self) -> None:
        """Delete the oldest files while there are too many bytes."""
        ours = [(entry.stat(), entry.path) for entry in os.scandir(self.folder) if _is_ours(entry.name)]
        excess = sum(status.st_size for status, _ in ours) - LIMIT
        if excess <= 0:
            return
        for status, path in sorted(ours, key=lambda one: one[0].st_mtime):
            os.unlink(path)
            excess -= status.st_size
            if excess <= 0:
                return


def _is_ours(name: str) -> bool:
    """Return whether a file of this name is an object, or the draft that a killed writer left behind."""
    return name.endswith(SUFFIX) or fnmatch(name, files.DRAFTS)


def _digest(key: str, binary: bytes) -> bytes:
    return blake2b(key.encode() + b"\0" + binary, digest_size=DIGEST).digest()


def _home() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home()))
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _owned(folder: Path) -> Path | None:
    """Return `folder`, made for the user alone; None if it cannot be, or if others could write to it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat()
    except OSError:
        return None
    if hasattr(os, "getuid") and (status.st_uid != os.getuid() or status.st_mode & 0o022):
        return None
    return folder

"""Writing a file whole or not at all."""

from __future__ import annotations

import os
import threading
from pathlib import Path


def write(path: str | os.PathLike[str], content: bytes) -> Path:
    """Write `content` to `path` and return it; whoever looks, before, during or after a crash, sees no half of it.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(Path(folder) / "bp.txt", b"BP1").read_bytes()
    b'BP1'
    """
    target = Path(os.path.realpath(path))
    draft = target.with_name(f".{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        draft.write_bytes(content)
        os.replace(draft, target)
    except OSError as error:
        raise OSError(error.errno, error.strerror, os.fspath(path)) from error  # the draft's name tells nobody anything
    finally:
        draft.unlink(missing_ok=True)
    return Path(path)

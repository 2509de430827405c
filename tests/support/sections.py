"""Replace what stands between `<!-- name -->` and `<!-- /name -->` in a document, so that commands can share it."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path


def replace_section(path: Path, name: str, text: str) -> None:
    """Write `text` as section `name` of the document at `path`; at its end if it has no such section yet.

    The document appears whole or not at all: a reader never sees half of it.
    """
    section = f"<!-- {name} -->\n{text.strip()}\n<!-- /{name} -->"
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    pattern = re.compile(f"<!-- {re.escape(name)} -->.*?<!-- /{re.escape(name)} -->", re.DOTALL)
    after, count = pattern.subn(lambda _: section, before, count=1)
    _write(path, after if count else "\n\n".join(filter(None, [before.rstrip(), section])) + "\n")


def _write(path: Path, text: str) -> None:
    """Write `text` beside `path`, then put it in the place of `path` in one step."""
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="\n", dir=path.parent, delete=False) as file:
        file.write(text)
    try:
        os.chmod(file.name, mode)
        os.replace(file.name, path)
    except OSError:
        os.unlink(file.name)
        raise

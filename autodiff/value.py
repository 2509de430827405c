"""`class Value` and the function of each row: the generated source, executed and shown to tracebacks and debuggers."""

from __future__ import annotations

import linecache
from typing import Any

from . import eager
from . import primitives as primitives  # fills the table
from .row import PRIMITIVES, functions

__all__ = ["Value", *(name for name, row in PRIMITIVES.items() if not row.variadic)]  # noqa: F822

SOURCE = eager.source(PRIMITIVES.values())


def execute(source: str, filename: str, namespace: dict[str, Any]) -> dict[str, Any]:
    """Run generated source in `namespace`, its lines registered in `linecache` under `filename`."""
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    exec(compile(source, filename, "exec"), namespace)
    return namespace


execute(SOURCE, "<autodiff.value>", globals())
functions.update({name: globals()[name] for name in __all__[1:]})

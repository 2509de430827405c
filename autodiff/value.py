"""Value and the functions of the rows: generated source, read from the wheel or generated at import.

A wheel holds the source as `_value.py`, compiled with the rest of the engine where that could be done. In a source
tree it is written at import. Either way tracebacks and debuggers show it.
"""

from __future__ import annotations

import importlib.util
import linecache
from functools import partial
from numbers import Real
from pathlib import Path
from typing import Any

from . import primitives as primitives  # fills the table
from .row import PRIMITIVES, functions

__all__ = ["Value", *(name for name, row in PRIMITIVES.items() if not row.variadic)]  # noqa: F822

FILENAME = "autodiff/_value.py"


def execute(source: str, filename: str, namespace: dict[str, Any]) -> dict[str, Any]:
    """Run generated source in `namespace`, its lines registered in `linecache` under `filename`."""
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    exec(compile(source, filename, "exec"), namespace)
    return namespace


found = importlib.util.find_spec("autodiff._value")
if found and found.origin:  # else it is the address that pickles of a compiled build named
    from . import _value  # type: ignore[attr-defined]

    globals().update({name: x for name, x in vars(_value).items() if not name.startswith("__")})
    for public in map(vars(_value).get, __all__):
        public.__module__ = __name__  # type: ignore[union-attr]  # so that every build reads what another has pickled
    for path in Path(__file__).parent.glob("*.so"):  # their tracebacks name relative paths
        name = Path(path.stem).stem  # of value.cpython-311-x86_64-linux-gnu.so
        lines = partial(path.with_name(f"{name}.py").read_text, encoding="utf-8")
        linecache.cache[f"autodiff/{name}.py"] = (lines,)  # type: ignore[assignment]
else:
    from . import eager

    execute(eager.source(PRIMITIVES.values()), FILENAME, globals())
Real.register(globals()["Value"])
functions.update({name: globals()[name] for name in __all__[1:]})

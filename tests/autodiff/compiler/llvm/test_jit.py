"""Compilation to machine code: no call of LLVM is made where an interrupt could tear it."""

from __future__ import annotations

import gc
import math
import threading
from typing import Any

import numpy as np
import pytest

from autodiff import compile
from autodiff.compiler.llvm import jit

pytest.importorskip("llvmlite")


@pytest.fixture
def callers(monkeypatch: pytest.MonkeyPatch) -> set[bool]:
    """Return a set that shows whether the main thread, or another, has called LLVM."""
    from llvmlite.binding import ffi

    monkeypatch.setenv("AUTODIFF_CACHE", "0")
    seen: set[bool] = set()
    called = ffi._lib_fn_wrapper.__call__

    def observed(self: Any, *args: Any, **options: Any) -> Any:
        seen.add(threading.current_thread() is threading.main_thread())
        return called(self, *args, **options)

    monkeypatch.setattr(ffi._lib_fn_wrapper, "__call__", observed)
    return seen


@pytest.mark.parametrize("fastmath", [False, True])
@pytest.mark.parametrize("backend", ["interpreter", "native", "auto"])
def test_the_main_thread_never_calls_llvm_itself(backend: str, fastmath: bool, callers: set[bool]) -> None:
    f = compile(lambda x: x * x * 3.25 + x.tanh().exp(), backend=backend, fastmath=fastmath)
    assert f(0.5) == pytest.approx(0.8125 + math.exp(math.tanh(0.5)), rel=1e-15)
    f.mean(np.array([0.5, 1.0, 2.0]))
    jit.compile_ir("define void @nothing(ptr %p) {\nret void\n}", frozenset({("sin", 1)}), 0)
    del f
    assert callers == {False}


def test_the_main_thread_does_not_free_code_and_the_next_compilation_does(callers: set[bool]) -> None:
    gc.collect()
    first = jit.compile_ir("define void @f(ptr %p) {\nret void\n}", frozenset(), 0)
    before = len(jit._engines)
    code = [jit.compile_ir(f"define void @f{i}(ptr %p) {{\nret void\n}}", frozenset(), 0) for i in range(3)]
    assert len(jit._engines) == before + 3
    callers.clear()
    del code
    assert callers == set()
    last = jit.compile_ir("define void @f(ptr %p) {\nret void\n}", frozenset(), 0)
    assert len(jit._engines) == before + 1
    assert last.address("f") != first.address("f")


def test_a_function_that_a_module_lacks_is_an_error_with_its_name() -> None:
    text = "define internal void @hidden() {\nret void\n}\ndefine double @one(double %x) {\nret double %x\n}"
    code = jit.compile_ir(text, frozenset(), 0)
    assert code.address("one") > 0
    for name in ("two", "hidden"):
        with pytest.raises(RuntimeError, match=f"no function `{name}`"):
            code.address(name)


def test_what_llvm_refuses_is_raised_where_it_was_asked_for() -> None:
    with pytest.raises(RuntimeError, match="parsing error"):
        jit.compile_ir("define void @f( {", frozenset(), 0)

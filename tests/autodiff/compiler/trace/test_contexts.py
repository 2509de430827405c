"""Numbers that are traced and used in another thread, or after a refusal that was caught: right, or refused."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import copy
import math
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from autodiff import TraceError, Value, compile, grad, sum

w = Value(3.0)


def in_thread(run: Callable[[], Any], default: Any) -> Any:
    """Return what `run` gives in a thread, `default` if it raises there, as a thread without a hook does."""
    found = [default]

    def target() -> None:
        with contextlib.suppress(Exception):
            found[0] = run()

    thread = threading.Thread(target=target)
    thread.start()
    thread.join()
    return found[0]


def pooled(x: Any) -> Any:
    with ThreadPoolExecutor(2) as pool:
        return sum(list(pool.map(lambda c: x * c, [1.0, 2.0])))


UNSEEN: dict[str, Callable[[Any], Any]] = {
    "operation": lambda x: in_thread(lambda: x * x, 0.0) + x,
    "operation on a result": lambda x: in_thread(lambda: 1.0 - x.exp(), x),
    "operation of many": lambda x: in_thread(lambda: sum([x, x, 1.0]), x),
    "branch": lambda x: in_thread(lambda: 1.0 if x else 0.0, 0.0) * x,
    "comparison": lambda x: in_thread(lambda: 1.0 if x > 3.0 else 0.0, 0.0) * x,
    "data": lambda x: in_thread(lambda: x.data if isinstance(x, Value) else x, 0.0) * x,
    "float": lambda x: in_thread(lambda: float(x), 0.0) * x,
    "math": lambda x: in_thread(lambda: math.exp(x), 0.0) * x,
    "length": lambda x: in_thread(lambda: len([1.0] * int(x)), 0.0) * x,
    "format": lambda x: in_thread(lambda: float(f"{x:.3f}"), 0.0) * x,
    "copy": lambda x: in_thread(lambda: copy.copy(x), x) * x,
    "key": lambda x: in_thread(lambda: {x: 1.0}[x], 0.0) * x,
    "gradient": lambda x: in_thread(lambda: grad(lambda y: y * y)(x), x) * x,
    "compiled": lambda x: in_thread(lambda: compile(lambda y: y * w)(x), x) * x,
    "in a transform": lambda x: grad(lambda y: in_thread(lambda: y if y > 0.0 else 0.0 * y, y) * y)(x),
    "pool": pooled,
}


@pytest.mark.parametrize("name", UNSEEN)
def test_a_thread_of_a_compiled_function_is_refused_whatever_it_does_with_the_error(name: str, backend: str) -> None:
    f = compile(UNSEEN[name], backend=backend)
    for call in (lambda: f(2.0), lambda: f.map(np.array([2.0, 4.0])), lambda: f.mean(np.array([2.0, 4.0]))):
        with pytest.raises(TraceError, match=r"test_contexts.py:\d+: a number that is being compiled .* thread"):
            call()
    assert compile(lambda x: x * w, backend=backend)(2.0).data == 6.0


def test_a_thread_in_the_context_is_seen(backend: str) -> None:
    def f(x: Any) -> Any:
        context = contextvars.copy_context()
        return in_thread(lambda: context.run(lambda: x * x if x > 3.0 else -x), 0.0) * 2.0

    def g(x: Any) -> Any:
        async def job(c: float) -> Any:
            return await asyncio.to_thread(lambda: x * c if x > 3.0 else -x * c)

        async def all_jobs() -> Any:
            return sum(await asyncio.gather(job(1.0), job(1.0)))

        return asyncio.run(all_jobs())

    for function, right in ((f, [-4.0, 32.0]), (g, [-4.0, 8.0])):
        assert [function(2.0), function(4.0)] == right
        compiled = compile(function, backend=backend)
        assert [compiled(2.0), compiled(4.0)] == right
        assert compiled.map(np.array([2.0, 4.0])).tolist() == right


def test_a_value_that_the_function_makes_is_one_of_its_numbers() -> None:
    def f(x: Any) -> Any:
        v = Value(2.0)
        return in_thread(lambda: v.data, 0.0) * x

    assert f(3.0) == 6.0
    with pytest.raises(TraceError, match="thread"):
        compile(f)(3.0)


def test_numbers_that_outlive_their_trace_are_free() -> None:
    kept: list[Any] = []
    compile(lambda x: (kept.append(x * 2.0), x)[1])(1.0)
    started, done = threading.Event(), threading.Event()

    def slow(x: Any) -> Any:
        started.set()
        done.wait(10.0)
        return x

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(compile(slow), 1.0)
        started.wait(10.0)
        assert (kept[0] * 1.0).data == 2.0
        done.set()
        assert running.result() == 1.0


CAUGHT: dict[str, Callable[[Any], Any]] = {
    "float": float,
    "int": int,
    "math": math.exp,
    "index": lambda x: [1.0, 2.0, 3.0][x],
    "format": lambda x: f"{x:.2f}",
    "data": lambda x: w.data,
    "grad": lambda x: w.grad,
    "partials": lambda x: (x * w).partials,
    "copy": copy.copy,
    "key": lambda x: {x: 1.0},
    "complex": complex,
    "fraction": lambda x: x.as_integer_ratio(),
}


@pytest.mark.parametrize("name", CAUGHT)
def test_a_function_that_goes_on_after_a_refusal_is_refused(name: str, backend: str) -> None:
    def f(x: Any) -> Any:
        try:
            CAUGHT[name](x)
        except (TypeError, AttributeError):
            return 100.0 * x
        return x

    with pytest.raises(TraceError, match=r"test_contexts.py:\d+: .* cannot be compiled"):
        compile(f, backend=backend)(2.0)
    with pytest.raises(TraceError, match=r"test_contexts.py:\d+: .* cannot be compiled"):
        compile(lambda x: [1.0, 2.0][0 if f(x) is x else 7], backend=backend)(2.0)

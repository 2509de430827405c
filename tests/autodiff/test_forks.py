"""Forks beside a thread at work: the child can do the same work."""

import os
import signal
import threading
import time

import pytest

import autodiff as ad

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
shared = ad.compile(lambda x: x * x + ad.tanh(x), backend="numpy")


def _switch():
    with ad.no_grad(), ad.scope("a"):
        ad.Value(2.0) * 3.0


def _sweep():
    x = ad.Value(2.0)
    y = x
    for _ in range(300):
        y = y * x
    y.backward()


def _transform():
    ad.grad(lambda x: x**3)(2.0)


def _trace():
    shared.specializations._families.clear()
    shared(2.0)


def _native():
    pytest.importorskip("llvmlite")
    n = time.perf_counter()
    ad.compile(lambda x: x * n + ad.tanh(x), backend="native")(2.0)


def _render():
    pytest.importorskip("wasmtime")
    from viz.svg.wasm import render

    render("digraph { a -> b }")


@pytest.mark.parametrize("work", [_switch, _sweep, _transform, _trace, _native, _render])
def test_a_child_forked_beside_a_thread_at_work_does_that_work(work, monkeypatch):
    monkeypatch.setenv("AUTODIFF_CACHE", "0")
    work()
    done = threading.Event()

    def repeat():
        while not done.is_set():
            work()

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        for _ in range(int(os.environ.get("AUTODIFF_FORKS", "8"))):
            assert _child(work) == 0
    finally:
        done.set()
        thread.join()


def _child(work):
    """Return the exit status of a child that does the work, and has no switch on; it is killed after a while."""
    child = os.fork()
    if not child:
        status = 1
        try:
            work()
            status = ad.contexts.watch.active + ad.contexts.watch.traces + ad.contexts.watch.programs
        finally:
            os._exit(status)
    for _ in range(2000):
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return status
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "hung"

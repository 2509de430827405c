"""What cannot be traced is refused with line and remedy; threads and the collector find functions as they should be."""

from __future__ import annotations

import copy
import gc
import math
import operator
import pickle
import random
import threading
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff import TraceError, Value, compile
from autodiff.watch import watch
from nn import MLP

from ..conftest import X


def test_other_threads_may_read_data_while_one_traces() -> None:
    w, inside, done = Value(2.0), threading.Event(), threading.Event()

    def f(x: Any) -> Any:
        inside.set()
        assert done.wait(10)
        return x * w

    found = []
    thread = threading.Thread(target=lambda: found.append(compile(f)(3.0).data))
    thread.start()
    assert inside.wait(10)
    w.data = 4.0
    assert (w.data, {w: 1}[w], bool(w), (w * w).data) == (4.0, 1, True, 16.0)
    done.set()
    thread.join()
    assert found == [12.0]


def test_threads_share_a_compiled_function() -> None:
    net = MLP(2, [4, 1], activation="tanh", rng=0)
    f = compile(lambda x: net(x) if x[0] > 0.0 else -net(x), backend="interpreter")
    expected = [
        compile(lambda x: net(x) if x[0] > 0.0 else -net(x), backend="eager").map(X[i : i + 40]) for i in range(8)
    ]
    found: dict[int, Any] = {}

    def work(i: int) -> None:
        found[i] = [f.map(X[i : i + 40]).tolist() for _ in range(20)]

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(found[i] == [expected[i].tolist()] * 20 for i in range(8))


def test_a_path_that_two_threads_find_is_one_path() -> None:
    f = compile(lambda x: x if x > 0.0 else x * x, backend="interpreter")
    arguments = f.signature.read((np.array([1.0, -2.0]),), {}, rows=True)
    family = f.specializations.family(arguments)
    first, second = (f.specializations._trace(family, arguments, 0) for _ in range(2))
    assert first is second
    assert f.sum(np.array([1.0, -2.0, 3.0])) == 8.0
    assert len(family) == 2


def test_a_thousand_lambdas_each_give_their_own_result_and_go() -> None:
    alive = []
    for i in range(1_000):
        w = Value(float(i))
        f = compile(lambda x, i=i, w=w: x * i + w, backend="interpreter")
        assert f(2.0).data == 3.0 * i
        alive.append(weakref.ref(f.f))
    del f, w
    gc.collect()
    assert not any(r() for r in alive)


def test_verify_finds_what_is_reached_in_another_way(tmp_path: Path) -> None:
    hidden = tmp_path / "scale"
    hidden.write_text("2.0")
    f = compile(lambda x: x * float(hidden.read_text()), verify=2)
    assert f(1.0) == 2.0
    assert f(1.0) == 2.0
    hidden.write_text("3.0")
    assert f(1.0) == 2.0  # the documented limit
    with pytest.raises(RuntimeError, match=r"a result differs from that of an eager run"):
        f(1.0)


def test_verify_finds_rows_that_take_another_path(tmp_path: Path) -> None:
    hidden = tmp_path / "least"
    hidden.write_text("0.0")

    def f(x: Any) -> Any:
        return 2.0 * x if x > float(hidden.read_text()) else -x

    g, rows = compile(f, verify=2), np.array([-1.0, 1.0, 3.0])
    assert g.map(rows).tolist() == [1.0, 2.0, 6.0]
    assert g.map(rows).tolist() == [1.0, 2.0, 6.0]
    hidden.write_text("2.0")
    assert g.map(rows).tolist() == [1.0, 2.0, 6.0]
    with pytest.raises(RuntimeError, match=r"rows took another path than in an eager run"):
        g.map(rows)


def test_verify_agrees_where_nothing_is_hidden() -> None:
    w = Value(2.0)
    f = compile(lambda x: ad.tanh(w * x) if x > 0.0 else w - x, verify=1)
    rows = np.array([1.0, -2.0, np.nan, 3.0])
    assert f(1.0).data == math.tanh(2.0)
    assert f.map(rows)[1] == 4.0
    f.mean(rows[:2]).backward()
    with ad.no_grad():
        assert f(-1.0).data == 3.0


def test_what_cannot_be_compiled_is_named_with_line_and_remedy() -> None:
    w, seen = Value(2.0), {}
    inner = compile(lambda x: w * x)
    kernel = inner.kernel(np.ones(1))
    refused = {
        "`int": (lambda x: int(x), "take"),
        "int, length": (lambda x: [1.0, 2.0][x], "take"),
        "length or index": (lambda x: sum(w for _ in range(x)), "static"),
        "`float": (lambda x: float(x) * w, "autodiff.exp"),
        "math.exp": (lambda x: math.exp(x), "autodiff.exp"),
        "key of a dict": (lambda x: seen.get(x, w), "as the key"),
        "in a set": (lambda x: len({x, w}) * x, "as the key"),
        "reading `.data`": (lambda x: x * w.data, "detach"),
        "reading `.grad`": (lambda x: x * w.grad, "autodiff.grad"),
        "assigning to `.data`": (lambda x: setattr(w, "data", 1.0) or x, "before or after"),
        "assigning to `.grad`": (lambda x: setattr(w, "grad", 1.0) or x, "before or after"),
        "`backward`": (lambda x: (x * w).backward() or x, "on the result"),
        "copying": (lambda x: copy.copy(w) * x, "detach"),
        "`complex": (lambda x: complex(x), "real"),
        "pickling": (lambda x: pickle.dumps(w) and x, "before or after"),
        "formatting": (lambda x: x * float(f"{w:.3f}"), "before or after"),
        "`map`": (lambda x: x * inner.map(np.ones(1))[0], "for one example"),
        "a kernel": (lambda x: x * kernel([1.0], np.ones(1))[0], "for one example"),
        "over rows": (lambda x: x * inner.mean(np.ones(1)), "for one example"),
    }
    for words, (f, remedy) in refused.items():
        for g in (f, lambda x, f=f: f(x)):
            with pytest.raises(TraceError, match=rf"test_tracing.py:\d+: .*{words.strip('`')}.*{remedy}"):
                compile(g)(1.0)
    assert issubclass(TraceError, TypeError)
    assert (w.data, w.grad) == (2.0, 0.0)


def test_what_returns_no_number_is_refused() -> None:
    for f in (lambda x: None, lambda x: "text", lambda x: []):
        with pytest.raises(TraceError, match="returns at least one number"):
            compile(f)(1.0)
    with pytest.raises(TypeError, match="for some rows another structure"):
        compile(lambda x: [x] if x > 0.0 else [x, x]).map(np.array([1.0, -1.0]))
    with pytest.raises(TypeError, match="for some rows another structure"):
        compile(lambda x: (x, bool(x > 0.0))).sum(np.array([1.0, -1.0]))
    with pytest.raises(TraceError, match="returns numbers"):
        compile(lambda x: object())(1.0)


def test_a_second_run_that_differs_is_refused() -> None:
    calls: list[int] = []

    def count() -> int:
        calls.append(1)
        return len(calls)

    for f in (lambda x: x * random.random(), lambda x: x * count(), lambda x: x if count() % 2 else x * x):
        with pytest.raises(TraceError, match=r"a second run on the same numbers.*Pass it as an argument"):
            compile(f)(2.0)


class Held:
    """An object that holds a Value which was computed, under a name."""

    def __init__(self) -> None:
        self.y = Value(2.0) * Value(3.0)


held, second = Held(), "".join(["d", "y"])
READING: dict[str, Any] = {
    "partials": lambda x: x * (x * x).partials[0],
    "partials of a sum": lambda x: x * sum((x * 2.0 + x).partials),
    "dx": lambda x: x * (x * x).dx,
    "dy": lambda x: x * (x * x).dy,
    "rest": lambda x: x * ad.where(x, x, x).rest[1][0],
    "captured": lambda x: x * held.y.dx,
    "in vars": lambda x: x * vars(held)["y"].dy,
    "in __dict__": lambda x: x * held.__dict__["y"].partials[0],
    "computed name": lambda x: x * getattr(held.y, second),
    "attrgetter": lambda x: x * operator.attrgetter("y.dx")(held),
    "with a default": lambda x: x * getattr(x * x, "dx", 0.0),
}


@pytest.mark.parametrize("name", READING)
def test_partials_are_refused_while_tracing(name: str, backend: str) -> None:
    with pytest.raises(TraceError, match=r"reading `.(partials|dx|dy|rest)` cannot be compiled.*`autodiff.grad`"):
        compile(READING[name], backend=backend)(3.0)
    hessian = compile(ad.grad(ad.grad(lambda x: x * x * x)), backend=backend)
    assert [hessian(x) for x in (1.0, 2.0)] == [6.0, 12.0]


def test_too_many_paths_name_the_line_and_the_remedy() -> None:
    def f(x: Any) -> Any:
        n = 0.0
        while x > n:
            n += 1.0
        return x * n

    with pytest.warns(UserWarning, match=r"test_tracing.py:\d+: the data take more than 4 paths.*`autodiff.where`"):
        found = compile(f, paths=4).map(np.arange(10.0))
    assert found.tolist() == [x * x for x in range(10)]


def test_an_exception_in_the_function_leaves_everything_as_it_was(backend: str) -> None:
    w, broken = Value(2.0), [True]

    def f(x: Any) -> Any:
        y = w * x
        if broken[0]:
            raise KeyError("mine")
        return y

    g = compile(f, backend=backend)
    with pytest.raises(KeyError, match="mine"):
        g(1.0)
    assert (watch.active, watch.programs, watch.traces) == (0, 0, 0)
    broken[0] = False
    assert (g(3.0).data, w.data) == (6.0, 2.0)


def test_detect_nonfinite_reaches_into_compiled_functions(backend: str) -> None:
    f = compile(lambda x: ad.exp(-(1.0 / x)), backend=backend)
    for _ in range(2):
        assert f.map(np.array([0.0, 1.0]))[0] == 0.0
        with ad.detect_nonfinite(), pytest.raises(FloatingPointError, match=r"test_tracing.py:\d+: `.*` of .* has the"):
            f.map(np.array([0.0, 1.0]))

"""What a compiled function means: data and structure, captured Values and numbers, branches, results, rows."""

from __future__ import annotations

import collections
import copy
import functools
import gc
import importlib
import math
import pickle
import random
import sys
import threading
import warnings
import weakref
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest

import autodiff as ad
from autodiff import TraceError, Value, compile
from autodiff.compiler import Compiled
from autodiff.compiler.reduction import total
from autodiff.watch import watch
from nn import MLP, Module

from ...conftest import bits

BACKENDS = ["eager", "numpy", "interpreter", "native", "auto"]
EXACT = ["eager", "interpreter", "native", "auto"]
X = np.random.default_rng(0).normal(size=(2_500, 2))
Y = np.sign(X[:, 0] * X[:, 1])


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def gradients(values: list[Value]) -> list[str]:
    return [bits(v.grad) for v in values]


def test_a_call_gives_a_value_that_backward_goes_through(backend: str) -> None:
    w, b = Value(3.0), Value(-1.0)
    f = compile(lambda x: (w * x + b) ** 2, backend=backend)
    y = f(2.0)
    assert (y.data, y.op, y.args) == (25.0, "compiled", (w, b))
    (y * 2.0).backward()
    assert (w.grad, b.grad) == (40.0, 20.0)


def test_arguments_that_are_values_get_gradients_and_numbers_do_not(backend: str) -> None:
    f = compile(lambda x, y: x * y["a"][0] + y["b"], backend=backend)
    x, a = Value(2.0), Value(5.0)
    z = f(x, {"a": (a, 7.0), "b": 1})
    z.backward()
    assert (z.data, x.grad, a.grad, z.args) == (11.0, 5.0, 2.0, (x, a))
    assert f(2.0, {"a": (5.0, 7.0), "b": 1}) == 11.0
    assert type(f(2, {"a": (np.float32(5.0), 7), "b": True + 0})) is float


def test_one_value_in_two_places_gets_both_contributions(backend: str) -> None:
    f, v = compile(lambda x, y: x * x + 3.0 * y, backend=backend), Value(2.0)
    f(v, v).backward()
    assert v.grad == 7.0


def test_results_keep_their_structure(backend: str) -> None:
    class Pair(NamedTuple):
        first: Any
        second: Any

    w = Value(2.0)
    f = compile(lambda x: {"a": [x * w, x], "b": Pair(x + 1.0, (7.0, "label", None))}, backend=backend)
    result = f(3.0)
    assert (result["a"][0].data, result["a"][1], result["b"].first) == (6.0, 3.0, 4.0)
    assert result["b"].second == (7.0, "label", None)
    rows = f.map(np.array([3.0, 4.0]))
    assert rows["a"][0].tolist() == [6.0, 8.0]
    assert rows["b"].second[0].tolist() == [7.0, 7.0]


def test_arrays_come_as_value_arrays_and_go_as_arrays(backend: str) -> None:
    w = Value(2.0)
    f = compile(lambda x: np.exp(x * 0.0) * w + x, backend=backend)
    result = f(np.array([[1.0, 2.0]]))
    assert [[v.data for v in row] for row in result] == [[3.0, 4.0]]
    assert f.map(np.array([[[1.0, 2.0]], [[3.0, 4.0]]])).tolist() == [[[3.0, 4.0]], [[5.0, 6.0]]]


def test_a_parameter_is_read_at_every_call(backend: str) -> None:
    w = Value(2.0)
    f = compile(lambda x: w * x, backend=backend)
    assert f(3.0).data == 6.0
    w.data = 5.0
    assert f(3.0).data == 15.0
    assert f.map(np.array([1.0, 2.0])).tolist() == [5.0, 10.0]


def test_backward_goes_on_into_the_graph_of_a_captured_result(backend: str) -> None:
    a = Value(3.0)
    z = a * a
    compile(lambda x: z * x, backend=backend)(2.0).backward()
    assert (a.grad, z.grad) == (12.0, 2.0)


def test_captured_numbers_are_compared_at_every_call(backend: str) -> None:
    settings, scale = SimpleNamespace(rate=2.0), [3.0]
    rate = 1.0
    table = np.array([1.0, 2.0])

    def f(x: Any, *, offset: float = 0.5) -> Any:
        return x * settings.rate * scale[0] * rate + offset + table[1]

    g = compile(f, backend=backend)
    x = Value(1.0)
    assert g(x).data == 8.5
    settings.rate = 4.0
    assert g(x).data == 14.5
    scale[0] = 1.0
    assert g(x).data == 6.5
    rate = 2.0
    assert g(x).data == 10.5
    table[1] = 0.0
    assert g(x).data == 8.5


def test_what_captured_containers_hold_in_other_containers_is_compared(backend: str) -> None:
    options: dict[str, Any] = {"scale": [2.0], "names": {"rate": SimpleNamespace(x=3.0)}}
    g = compile(lambda x: x * options["scale"][0] * options["names"]["rate"].x, backend=backend)
    x = Value(1.0)
    assert g(x).data == 6.0
    options["scale"][0] = 1.0
    assert g(x).data == 3.0
    options["names"]["rate"].x = 5.0
    assert g(x).data == 5.0
    del options["scale"]
    with pytest.raises(KeyError, match="scale"):
        g(x)


FACTOR = 2.0


def helper(x: Any) -> Any:
    return x * FACTOR


def test_globals_of_functions_that_are_called_are_compared_too(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    f = compile(lambda x: helper(x) + 1.0, backend=backend)
    assert f(3.0) == 7.0
    monkeypatch.setattr("tests.autodiff.compiler.test_compile.FACTOR", 10.0)
    assert f(3.0) == 31.0
    monkeypatch.setattr("tests.autodiff.compiler.test_compile.helper", lambda x: x)
    assert f(3.0) == 4.0


class Scaled(Module):
    def __init__(self) -> None:
        self.w, self.gain = [Value(2.0), Value(3.0)], 1.0

    def __call__(self, x: Any) -> Any:
        return ad.dot(self.w, x) * self.gain


def test_attributes_of_modules_are_compared_and_replaced_parameters_are_seen(backend: str) -> None:
    model = Scaled()
    f = compile(model, backend=backend)
    assert f([1.0, 1.0]).data == 5.0
    model.gain = 10.0
    assert f([1.0, 1.0]).data == 50.0
    model.w[0] = Value(2.0)  # of the same number: another parameter all the same
    f([1.0, 1.0]).backward()
    assert model.w[0].grad == 10.0


class Slotted:
    __slots__ = ("a", "scale")
    bias = 0.0

    def __init__(self) -> None:
        self.a, self.scale = Value(1.0), 1.0

    def loss(self, x: Any, offset: float = 0.0) -> Any:
        return self.a * x * self.scale + self.bias + offset


def test_bound_methods_partial_functions_slots_and_class_attributes_are_followed(
    backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = Slotted()
    options = {"offset": 0.0}
    f = compile(functools.partial(model.loss, **options), backend=backend)
    assert f(2.0).data == 2.0
    model.scale = 3.0
    assert f(2.0).data == 6.0
    model.a = Value(1.0)
    f(2.0).backward()
    assert model.a.grad == 6.0
    monkeypatch.setattr(Slotted, "bias", 10.0)
    assert f(2.0).data == 16.0
    module = SimpleNamespace(rate=2.0)
    g = compile(lambda x: x * module.rate, backend=backend)
    assert g(1.0) == 2.0
    module.rate = -2.0
    assert g(1.0) == -2.0
    del module.rate
    with pytest.raises(AttributeError):
        g(1.0)


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


def test_what_transforms_and_compiled_functions_capture_is_followed(backend: str) -> None:
    scale, w = [2.0], [Value(3.0)]
    inner = compile(lambda x: x * x * scale[0] * w[0])
    f, g = (
        compile(ad.grad(lambda x: x * x * scale[0]), backend=backend),
        compile(lambda x: inner(x) + 0.0, backend=backend),
    )
    cached = functools.lru_cache(maxsize=None)(lambda: scale[0])
    h = compile(lambda x: x * cached.__wrapped__(), backend=backend)
    assert (f(1.0), g(1.0).data, h(1.0)) == (4.0, 6.0, 2.0)
    scale[0], w[0] = 5.0, Value(1.0)
    assert (f(1.0), g(1.0).data, h(1.0)) == (10.0, 5.0, 5.0)


def test_names_that_come_later_and_containers_of_all_kinds_are_followed(backend: str) -> None:
    class Settings:
        rate = 1.0

    class Derived(Settings):
        pass

    own, steps, items = Settings(), {1.0, 2.0}, collections.deque([1.0])
    layers = {"enc": [2.0, 3.0], "dec": [5.0]}

    def f(x: Any) -> Any:
        later = getattr(own, "later", 1.0) * Derived.rate
        return x * own.rate * sum(steps) * items[0] * later * f.factor + layers["enc"][-1] + len(layers["dec"])

    f.factor = 1.0
    g = compile(f, backend=backend)
    for change in (
        lambda: None,
        lambda: setattr(own, "rate", 2.0),
        lambda: setattr(own, "later", 3.0),
        lambda: setattr(Settings, "rate", 4.0),
        lambda: steps.add(7.0),
        lambda: items.appendleft(5.0),
        lambda: setattr(f, "factor", 2.0),
        lambda: layers["dec"].insert(0, layers["enc"].pop()),
    ):
        change()
        assert g(1.0) == f(1.0)


def test_static_arguments_are_told_apart_and_looked_into(backend: str) -> None:
    settings, model = SimpleStatic(1.0), Scaled()
    f = compile(lambda x, c: x * c.rate, static=("c",), backend=backend)
    assert f(2.0, settings) == 2.0
    settings.rate = 5.0
    assert f(2.0, settings) == 10.0
    g = compile(lambda x, c: x / c, static=("c",), backend=backend)
    assert [g(Value(1.0), 1.0).data, g(Value(1.0), -1.0).data] == [1.0, -1.0]
    h = compile(lambda x, c: x / c, static=("c",), backend=backend)
    assert [h(1.0, 0.0), h(1.0, -0.0)] == [math.inf, -math.inf]
    k = compile(lambda x, m: m(x), static=("m",), backend=backend)
    assert k([1.0, 1.0], model).data == 5.0
    model.w[0] = Value(7.0)
    assert k([1.0, 1.0], model).data == 10.0


class SimpleStatic:
    def __init__(self, rate: float) -> None:
        self.rate = rate


@compile
def decorated(x: Any) -> Any:
    return x * 2.0


def test_decorated_functions_are_pickled_by_name_and_methods_are_refused() -> None:
    assert pickle.loads(pickle.dumps(decorated)) is decorated

    class Net:
        @compile
        def loss(self, x: Any) -> Any:
            return x

    with pytest.raises(TypeError, match=r"compile\(model.loss\)"):
        Net().loss(1.0)
    f = compile(compile(lambda x, n: x * [1.0, 2.0][n], static=("n",)), backend="numpy")
    assert f(3.0, 1) == 6.0


def test_numbers_of_another_byte_order_are_read_as_they_are(backend: str) -> None:
    rows = np.array([1.0, 2.0], ">f8")
    w = Value(2.0)
    f = compile(lambda x: w * x, backend=backend)
    assert f.map(rows).tolist() == [2.0, 4.0]
    k = f.kernel(rows)
    assert [k([2.0], rows)[0] for _ in range(2)] == [3.0, 3.0]


def test_detect_nonfinite_reaches_into_compiled_functions(backend: str) -> None:
    f = compile(lambda x: ad.exp(-(1.0 / x)), backend=backend)
    for _ in range(2):
        assert f.map(np.array([0.0, 1.0]))[0] == 0.0
        with ad.detect_nonfinite(), pytest.raises(FloatingPointError, match=r"test_compile.py:\d+: `.*` of .* has the"):
            f.map(np.array([0.0, 1.0]))


def test_a_large_captured_array_is_refused(backend: str) -> None:
    if backend == "eager":
        return
    data = np.zeros(1_001)
    with pytest.raises(TraceError, match=r"captures an array of shape \(1001,\).*Pass it as an argument"):
        compile(lambda x: x + data[0], backend=backend)(1.0)


def test_structure_makes_a_new_trace_and_too_much_of_it_warns(backend: str) -> None:
    f = compile(lambda xs, kind: ad.sum(xs) if kind == "sum" else xs[0], backend=backend)
    assert [f([1.0, 2.0], "sum"), f([1.0, 2.0, 3.0], "sum"), f([1.0, 2.0], "first")] == [3.0, 6.0, 1.0]
    if backend == "interpreter":
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("default")
            for n in range(80):
                assert f([1.0] * (n + 1), "sum") == n + 1.0
        assert len(caught) == 1
        assert "64 structures" in str(caught[0].message)


def test_static_arguments_are_structure(backend: str) -> None:
    def power(x: Any, n: int, kind: str = "a") -> Any:
        y = x
        for _ in range(n):
            y = y * x
        return y

    f = compile(power, static=("n",), backend=backend)
    assert [f(2.0, 1), f(2.0, 3), f(2.0, n=2)] == [4.0, 16.0, 8.0]
    assert f.map(np.array([1.0, 2.0]), 2).tolist() == [1.0, 8.0]
    with pytest.raises(TypeError, match="must be hashable"):
        f(2.0, [1])
    with pytest.raises(ValueError, match=r"`static` names \['m'\]"):
        compile(power, static=("m",))
    with pytest.raises(TypeError, match="tuple of names"):
        compile(power, static="n")


def test_take_keeps_an_index_as_data(backend: str) -> None:
    w = [Value(5.0), Value(6.0), Value(7.0)]
    f = compile(lambda i: ad.take(w, i), backend=backend)
    assert [f(0).data, f(2).data, f(1.0).data] == [5.0, 7.0, 6.0]
    assert f.map(np.array([2, 0, 1])).tolist() == [7.0, 5.0, 6.0]
    if backend in ("interpreter", "native"):
        assert [len(family) for family in f._families.values()] == [1]


def branching(w: list[Value]) -> Any:
    def f(x: Any, y: Any) -> Any:
        z = ad.dot(w, x)
        while z > 1.0:
            z = z * 0.5 - 0.1
        if z > 0.2 and x[1] != 0.0:
            return max(z, x[0]) * y
        return sorted([x[0], x[1], z])[1] - y * w[0] if z else z

    return f


@pytest.mark.parametrize("backend", EXACT)
def test_branches_follow_the_data_row_by_row(backend: str) -> None:
    w = [Value(0.8), Value(-0.6)]
    f = branching(w)
    g = compile(f, backend=backend, paths=200)
    rows = X[:300] * 2.0
    expected = [f([Value(v) for v in x], Value(y)) for x, y in zip(rows, Y, strict=False)]
    assert [bits(x) for x in g.map(rows, Y[:300])] == [bits(e.data) for e in expected]
    for x, y in zip(rows[:40], Y, strict=False):
        e, found = f([Value(v) for v in x], Value(y)), g([Value(v) for v in x], Value(y))
        assert bits(e.data) == bits(found.data)
        for v in w:
            v.grad = 0.0
        e.backward()
        once = gradients(w)
        for v in w:
            v.grad = 0.0
        found.backward()
        assert gradients(w) == once


@pytest.mark.parametrize("backend", EXACT)
def test_sums_over_rows_of_several_paths_are_defined_once(backend: str) -> None:
    w = [Value(0.8), Value(-0.6)]
    reference = compile(branching(w), backend="eager").mean(X[:1_100] * 2.0, Y[:1_100])
    reference.backward()
    expected = gradients(w)
    for v in w:
        v.grad = 0.0
    for _ in range(2):  # paths are found in one order and kept in another
        found = compile(branching(w), backend=backend, paths=200)
        found.mean(X[500:900] * 2.0, Y[500:900])
        y = found.mean(X[:1_100] * 2.0, Y[:1_100])
        y.backward()
        assert bits(y.data) == bits(reference.data)
        assert gradients(w) == expected
        for v in w:
            v.grad = 0.0


def test_too_many_paths_name_the_line_and_the_remedy() -> None:
    def f(x: Any) -> Any:
        n = 0.0
        while x > n:
            n += 1.0
        return x * n

    with pytest.raises(TraceError, match=r"test_compile.py:\d+: the data take more than 4 paths.*`autodiff.where`"):
        compile(f, paths=4).map(np.arange(10.0))


@pytest.mark.parametrize("backend", EXACT)
@pytest.mark.parametrize("m", [1, 7, 8, 9, 1_023, 1_024, 1_025, 2_500])
def test_sums_are_those_of_the_definition(backend: str, m: int) -> None:
    w = Value(1.7)
    f = compile(lambda x: ad.sin(x[0] * w) * x[1], backend=backend)
    rows = X[:m]
    values = f.map(rows)
    y = f.sum(rows)
    assert bits(y.data) == bits(total(values[None])[0])
    assert bits(f.mean(rows).data) == bits(total(values[None])[0] / m)
    y.backward()
    slopes = np.array([ad.grad(lambda v, x=x: ad.sin(x[0] * v) * x[1])(1.7) for x in rows.tolist()])
    assert bits(w.grad) == bits(total(slopes[None])[0])


def test_the_definition_is_the_one_that_is_written_down() -> None:
    rows = X[:2_100, 0]
    chunks = []
    for start in range(0, len(rows), 1_024):
        sums = [0.0] * 8
        for r, x in enumerate(rows[start : start + 1_024].tolist()):
            sums[r % 8] += x
        chunks.append(((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7])))
    assert bits(total(rows[None])[0]) == bits((chunks[0] + chunks[1]) + chunks[2])


@pytest.mark.parametrize("backend", ["interpreter", "native"])
def test_threads_change_no_bit(backend: str) -> None:
    net = MLP(2, [5, 1], activation="tanh", rng=0)
    rows = np.concatenate([X] * 3)
    results = []
    for threads in (1, 2, 3, 9):
        f = compile(lambda x: net(x) if x[0] > 0.3 else net(x) ** 2, backend=backend, threads=threads)
        net.zero_grad()
        f.mean(rows).backward()
        results.append(gradients(net.parameters()))
    assert results == [results[0]] * 4


def test_a_bad_row_is_nan_alone(backend: str) -> None:
    rows = X[:20].copy()
    rows[7] = np.nan
    rows[11, 0] = np.inf
    w = Value(0.5)
    f = compile(lambda x: ad.log(ad.exp(x[0]) * w - x[1] * 0.0), backend=backend)
    good = np.array([r not in (7, 11) for r in range(20)])
    found = f.map(rows)
    assert np.isnan(found[7])
    np.testing.assert_allclose(found[good], X[:20, 0][good] + math.log(0.5), rtol=1e-14)


@pytest.mark.parametrize("backend", ["numpy", "interpreter", "native"])
def test_rows_may_lie_in_memory_as_they_like(backend: str) -> None:
    w = Value(0.5)
    f = compile(lambda x, y: x[0] * w + x[1] * y, backend=backend)
    plain = f.map(X[:50], Y[:50])
    read_only = X[:50].copy()
    read_only.flags.writeable = False
    for x, y in [
        (np.asfortranarray(X[:50]), Y[:50]),
        (X[:100][::2][:50][::-1][::-1], Y[:50]),
        (np.repeat(X[:50], 3, axis=1)[:, ::3], np.repeat(Y[:50], 2)[::2]),
        (read_only, Y[:50].astype(np.int8)),
        (X[:50].astype(np.longdouble), Y[:50].astype(np.float32)),
    ]:
        if x.shape == (50, 2) and not np.array_equal(x, X[:50]):
            assert f.map(x, y).tolist() == [float(a * 0.5 + b * c) for (a, b), c in zip(x.tolist(), y, strict=True)]
        else:
            assert f.map(x, y).tolist() == plain.tolist()
    assert f.map(X[:1], Y[:1]).tolist() == plain[:1].tolist()
    assert f.map(X[:50], 1.0).shape == (50,)
    assert f.map(X[:0], Y[:0]).shape == (0,)
    big = f.map(np.zeros((1_000_000, 2)), np.ones(1_000_000))
    assert not big.any()


def test_rows_that_do_not_fit_are_refused(backend: str) -> None:
    f = compile(lambda x, y: x * y, backend=backend)
    with pytest.raises(ValueError, match=r"differ in their number of rows: \[2, 3\]"):
        f.map(np.zeros(2), np.zeros(3))
    with pytest.raises(TypeError, match="no argument has rows"):
        f.map(1.0, [2.0])
    with pytest.raises(TypeError, match="dtype complex128"):
        f.map(np.zeros(2), np.zeros(2, complex))
    with pytest.raises(TypeError, match=r"\.astype\(float\)"):
        f.map(np.zeros(2), np.zeros(2, bool))
    with pytest.raises(ValueError, match="no row"):
        f.mean(np.zeros(0), np.zeros(0))
    with pytest.raises(TypeError, match=r"takes numbers, Values, arrays.*got object"):
        f(1.0, object())


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
            with pytest.raises(TraceError, match=rf"test_compile.py:\d+: .*{words.strip('`')}.*{remedy}"):
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
    counter = iter(range(100))
    for f in (lambda x: x * random.random(), lambda x: x * next(counter), lambda x: x if next(counter) % 2 else x * x):
        with pytest.raises(TraceError, match=r"a second run on the same numbers.*Pass it as an argument"):
            compile(f)(2.0)


def test_a_value_that_was_kept_from_an_earlier_run_is_refused() -> None:
    kept: list[Any] = []

    def f(x: Any, n: int) -> Any:
        kept.append(x * 2.0)
        return kept[0] * x

    with pytest.raises(TraceError, match="earlier run"):
        compile(f, static=("n",))(1.0, 1)


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
    family = f.family(arguments)
    first, second = (f._trace(family, arguments, 0) for _ in range(2))
    assert first is second
    assert f.sum(np.array([1.0, -2.0, 3.0])) == 8.0
    assert len(family) == 2


def test_under_no_grad_results_have_no_graph(backend: str) -> None:
    w = Value(2.0)
    f = compile(lambda x: w * x, backend=backend)
    with ad.no_grad():
        y = f(3.0)
    assert (type(y), y.data, y.args) == (Value, 6.0, ())
    assert f(3.0).args == (w,)


def test_no_grad_inside_stops_the_gradient_of_every_operand(backend: str) -> None:
    ws = [Value(1.0), Value(2.0), Value(3.0)]

    def f(x: Any) -> Any:
        with ad.no_grad():
            total = ad.sum(ws)
        return total * x + ws[0]

    compile(f, backend=backend)(2.0).backward()
    assert [w.grad for w in ws] == [1.0, 0.0, 0.0]


def test_a_result_may_be_an_int(backend: str) -> None:
    assert compile(lambda x: [x * 2.0, 5], backend=backend)(1.0) == [2.0, 5.0]


def test_no_grad_and_detach_inside_stop_gradients(backend: str) -> None:
    w, v = Value(2.0), Value(3.0)

    def f(x: Any) -> Any:
        with ad.no_grad():
            scale = w * w
        return scale * v * x + ad.detach(v * v)

    y = compile(f, backend=backend)(1.0)
    y.backward()
    assert (y.data, w.grad, v.grad) == (21.0, 0.0, 4.0)


def test_transforms_compose_in_either_order(backend: str) -> None:
    w = Value(2.0)

    def f(x: Any) -> Any:
        return x[0] ** 3 * x[1] + (w * x[0] if x[0] > 0.0 else x[1])

    point = [1.5, -0.5]
    for transform in (ad.grad, ad.hessian, ad.value_and_grad):
        expected = transform(f)(point)
        for g in (compile(transform(f), backend=backend)(point), transform(compile(f, backend=backend))(point)):
            numbers = [v.data if isinstance(v, Value) else v for v in flat(g)]
            assert numbers == [v.data if isinstance(v, Value) else v for v in flat(expected)]
    ad.grad(f)(point)[0].backward()
    once, w.grad = w.grad, 0.0
    compile(ad.grad(f), backend=backend)(point)[0].backward()
    assert w.grad == once
    square = compile(compile(lambda x: x * x), backend=backend)
    assert compile(lambda x: square(x) + 1.0, backend=backend)(3.0) == 10.0


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "abs", "sign", "elu"])
def test_a_compiled_slope_follows_the_data_where_it_is_constant_to_derivatives(backend: str, name: str) -> None:
    f = getattr(ad, name)
    points = np.array([-1.0, 2.0, 0.0, 3.0])
    for g in (ad.grad(f), lambda x: ad.jvp(f, [x], [1.0])[1], lambda x: ad.vjp(f, x)[1](1.0)[0]):
        assert compile(g, backend=backend).map(points).tolist() == [ad.grad(f)(x) for x in points.tolist()]


def test_a_derivative_by_a_number_follows_the_data_that_it_holds(backend: str) -> None:
    f = compile(lambda u: ad.grad(lambda t: t * ad.where(u > 0.0, 1.0, 2.0))(3.0), backend=backend)
    assert f.map(np.array([1.0, -1.0])).tolist() == [1.0, 2.0]


def flat(tree: Any) -> list[Any]:
    return [x for branch in tree for x in flat(branch)] if isinstance(tree, list | tuple) else [tree]


def test_a_compiled_function_with_a_value_argument_has_second_derivatives_through_transforms() -> None:
    f = compile(lambda x: ad.sin(x) * x)
    assert ad.grad(ad.grad(f))(0.7) == ad.grad(ad.grad(f.f))(0.7)


def module_level(x: Any) -> Any:
    return x * x + 1.0


def test_it_is_pickled_as_source_function_and_settings() -> None:
    f = compile(module_level, backend="numpy", paths=3)
    f(1.0)
    g = pickle.loads(pickle.dumps(f))
    assert isinstance(g, Compiled)
    assert (g(2.0), g.settings, g.f) == (5.0, f.settings, module_level)
    assert (f.__name__, f.__doc__, repr(f)) == ("module_level", None, "<compiled module_level>")


def test_verify_finds_what_is_reached_in_another_way(monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = SimpleNamespace(scale=2.0)
    monkeypatch.setitem(sys.modules, "hidden_settings", hidden)
    f = compile(lambda x: x * getattr(importlib.import_module("hidden_settings"), "sc" + "ale"), verify=2)
    assert f(1.0) == 2.0
    assert f(1.0) == 2.0
    hidden.scale = 3.0
    assert f(1.0) == 2.0  # the documented limit
    with pytest.raises(RuntimeError, match=r"a result differs from that of an eager run"):
        f(1.0)


def test_verify_agrees_where_nothing_is_hidden() -> None:
    w = Value(2.0)
    f = compile(lambda x: ad.tanh(w * x) if x > 0.0 else w - x, verify=1)
    rows = np.array([1.0, -2.0, np.nan, 3.0])
    assert f(1.0).data == math.tanh(2.0)
    assert f.map(rows)[1] == 4.0
    f.mean(rows[:2]).backward()
    with ad.no_grad():
        assert f(-1.0).data == 3.0


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


def test_a_hundred_steps_have_the_bits_of_the_eager_backend() -> None:
    histories = []
    for backend in EXACT:
        net = MLP(2, [6, 1], activation="tanh", rng=3)
        loss = compile(lambda x, y, net=net: ad.relu(1.0 - y * net(x)), backend=backend)
        history = []
        for _ in range(100):
            net.zero_grad()
            total = loss.mean(X[:20], Y[:20])
            total.backward()
            for p in net.parameters():
                p.data -= 0.5 * p.grad
            history.append(bits(total.data))
        histories.append((history, [bits(p.data) for p in net.parameters()]))
    assert histories == [histories[0]] * len(EXACT)


def test_bad_settings_are_refused() -> None:
    for options, words in [
        ({"backend": "gpu"}, "`backend` is one of auto, eager"),
        ({"threads": 0}, "`threads` is an int of at least 1"),
        ({"paths": True}, "`paths` is an int"),
        ({"verify": -1}, "`verify` is an int of at least 0"),
    ]:
        with pytest.raises(ValueError, match=words):
            compile(lambda x: x, **options)
    with pytest.raises(TypeError, match="`compile` takes a function"):
        compile(3.0)
    assert compile(backend="numpy")(lambda x: x * 2.0)(3.0) == 6.0


def test_a_program_prints_as_readable_text() -> None:
    w = Value(2.0)
    program = compile(lambda x: ad.tanh(w * x) if x > 0.5 else x).program(1.0)
    assert str(program).splitlines() == [
        "program: 1 parameters, 1 inputs, 5 instructions",
        "  t0 = p0 * x0",
        "  t1 = tanh(t0)",
        "  t2 = gt(x0, 0.5)",
        "  t3 = tanh'0(t0)",
        "  t4 = x0 * t3",
        "  guard t2 is true",
        "  return t1, t4",
    ]
    scope: dict[str, Any] = {}
    exec(program.source("python"), scope)
    assert scope["program"]([2.0], [1.0]) == (math.tanh(2.0), ad.grad(lambda v: ad.tanh(v))(2.0))
    with pytest.raises(ValueError, match="another branch"):
        scope["program"]([2.0], [0.25])
    with pytest.raises(ValueError, match="python or c, got 'rust'"):
        program.source("rust")


def test_another_value_in_a_long_list_is_noticed() -> None:
    ws = [Value(1.0) for _ in range(100)]
    f = compile(lambda x: sum(w * x for w in ws))
    assert f(2.0).data == 200.0
    ws[50] = Value(1.0)  # equal, but not the same
    f(2.0).backward()
    assert ws[50].grad == 2.0
    ws[99] = 5.0
    assert f(2.0).data == 208.0
    ws.pop()
    assert f(2.0).data == 198.0
